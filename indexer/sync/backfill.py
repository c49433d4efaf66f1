"""The long way to the head: stretches fetched ahead and concurrently, handed on in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from indexer.chain.ranges import Ranges, cut
from indexer.errors import RangeTooLarge
from indexer.sync.batch import Batch
from indexer.sync.fetch import Fetcher
from indexer.units import BlockNumber


class Backfill:
    """Remembers from one run to the next how much the node gives at once."""

    def __init__(self, fetcher: Fetcher, *, concurrency: int, most: int) -> None:
        self._fetcher = fetcher
        self._concurrency = concurrency
        self._ranges = Ranges(most=most, target=10_000)

    async def batches(self, first: BlockNumber, last: BlockNumber) -> AsyncGenerator[Batch]:
        """The blocks `first` to `last` in ascending batches; raises what fetching raises."""
        ahead: deque[asyncio.Task[list[Batch]]] = deque()
        try:
            while first <= last or ahead:
                while first <= last and len(ahead) < self._concurrency:
                    upto = BlockNumber(min(first + self._ranges.size - 1, last))
                    ahead.append(asyncio.create_task(self._stretch(first, upto)))
                    first = BlockNumber(upto + 1)
                for batch in await ahead.popleft():
                    yield batch
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)

    async def _stretch(self, first: BlockNumber, last: BlockNumber) -> list[Batch]:
        """One batch, or several where the node finds the stretch too large."""
        blocks = last - first + 1
        try:
            batch = await self._fetcher.stretch(first, last)
        except RangeTooLarge as error:
            if blocks == 1:
                raise
            self._ranges = self._ranges.refused(blocks=blocks, suggested=error.suggested)
            parts = cut(first, last, min(self._ranges.size, blocks - blocks // 2))
            return [batch for a, b in parts for batch in await self._stretch(a, b)]
        self._ranges = self._ranges.answered(blocks=blocks, logs=len(batch.events))
        return [batch]
