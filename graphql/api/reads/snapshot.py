"""One operation's view of the database: one connection, one REPEATABLE READ transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from sqlalchemy import Executable, Row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.reads.engine import borrowed, connected, database_errors, to_its_end


class Reader(Protocol):
    """What a view reads through."""

    async def rows(self, statement: Executable, values: Any = None) -> Sequence[Row[Any]]: ...


class Momentary:
    """A connection for each statement: for views of a block, whose rows no later block changes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def rows(self, statement: Executable, values: Any = None) -> Sequence[Row[Any]]:
        """All rows of the statement, as they stand now."""
        async with database_errors(), connected(self._engine) as connection:
            return (await connection.execute(statement, values)).all()


class Snapshot:
    """Opened by the first statement; runs one statement after the other; closed by `close`.

    `before` is awaited once, just before the snapshot is taken.
    """

    def __init__(self, engine: AsyncEngine, before: Callable[[], Awaitable[None]]) -> None:
        self._engine = engine
        self._before = before
        self._connection: AsyncConnection | None = None
        self._lock = asyncio.Lock()
        self._closed = False

    async def rows(self, statement: Executable, values: Any = None) -> Sequence[Row[Any]]:
        """All rows of the statement, as the snapshot has them."""
        async with self._lock, database_errors():
            connection = await self._open()
            return (await connection.execute(statement, values)).all()

    async def _open(self) -> AsyncConnection:
        if self._closed:
            raise RuntimeError("the operation that this snapshot belongs to has ended")
        if self._connection is None:
            await self._before()
            self._connection = await borrowed(self._engine)
        return self._connection

    async def close(self) -> None:
        """Gives the connection back; waits for a statement under way.

        Where the connection is gone by then, what was read is no less true.
        """
        self._closed = True
        if self._connection is not None or self._lock.locked():
            await to_its_end(self._close())

    async def _close(self) -> None:
        async with self._lock:
            if self._connection is not None:
                connection, self._connection = self._connection, None
                with suppress(DBAPIError):
                    await connection.close()
