"""When indexes are put off, and when they are built."""

import asyncio
from itertools import groupby
from operator import attrgetter
from typing import Final

from indexer.db.cursor import Cursor
from indexer.log import get_logger
from indexer.sync.store import Store

log = get_logger(__name__)

FAR: Final = 1_000
"""Blocks of history from which on an index that begins with nothing puts indexes off."""


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
        """Builds what is missing, a table at a time; raises DatabaseUnavailable."""
        if self._complete:
            return
        missing = await asyncio.to_thread(self._store.late_indexes)
        for table, indexes in groupby(missing, key=attrgetter("table")):
            log.info("history is in: building indexes", table=table)
            await asyncio.to_thread(self._store.build_indexes, table, [*indexes])
        self._complete = True
