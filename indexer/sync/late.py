"""When indexes are put off, and when they are built."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from operator import attrgetter
from typing import Final

from indexer.db.cursor import Cursor
from indexer.db.late import Late
from indexer.log import get_logger
from indexer.sync.store import Store

log = get_logger(__name__)

FAR: Final = 1_000
"""Blocks of history from which on an index that begins with nothing puts indexes off."""
AT_ONCE: Final = 2
"""Tables that get their indexes at a time: the largest is as much work as all others."""


class LateIndexes:
    """Puts off once, before the first block; builds whatever an earlier run has left, too."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._complete = False
        """Whether nothing is missing, as far as this process knows."""

    async def put_off(self, at: Cursor, ahead: int) -> None:
        """Drops what only readers need where the index holds nothing and `ahead` blocks follow."""
        if at.block_hash is None and at.event_count == 0 and ahead >= FAR:
            self._complete = False
            await asyncio.to_thread(self._store.put_off_indexes)

    async def build(self) -> None:
        """Builds what is missing; raises DatabaseUnavailable."""
        if self._complete:
            return
        missing = await asyncio.to_thread(self._store.late_indexes)
        tables = iter([(name, [*them]) for name, them in groupby(missing, attrgetter("table"))])
        builders = [self._build(tables) for _ in range(AT_ONCE)]
        for error in await asyncio.gather(*builders, return_exceptions=True):
            if error is not None:
                raise error
        self._complete = True

    @asynccontextmanager
    async def building(self) -> AsyncIterator[None]:
        """Builds what is missing while its user fetches what comes after history."""
        task = asyncio.create_task(self.build())
        try:
            yield
        finally:
            await task

    async def _build(self, tables: Iterator[tuple[str, Sequence[Late]]]) -> None:
        for table, indexes in tables:
            log.info("history is in: building indexes", table=table)
            await asyncio.to_thread(self._store.build_indexes, table, indexes)
