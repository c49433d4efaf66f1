"""Waiting for a block to be indexed."""

import asyncio
import time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reads.engine import connected, database_errors
from indexer.db.models import cursor

PAUSE = 0.05


class Tip:
    """The newest indexed block, looked at while somebody waits; all waiters share one look."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._look: asyncio.Task[int] | None = None

    async def wait(self, block: int, seconds: float) -> None:
        """Returns when the block is indexed, or when the time is over."""
        end = time.monotonic() + seconds
        while await self._newest() < block and time.monotonic() < end:
            await asyncio.sleep(min(PAUSE, max(0.0, end - time.monotonic())))

    async def _newest(self) -> int:
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._read())
        return await asyncio.shield(self._look)

    async def _read(self) -> int:
        statement = select(cursor.c.block_number).where(cursor.c.block_hash.is_not(None))
        async with database_errors(), connected(self._engine) as connection:
            newest = (await connection.execute(statement)).scalar()
        return -1 if newest is None else int(newest)
