"""The long way to the head: stretches fetched ahead and concurrently, handed on in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from typing import Final

from indexer.chain.ranges import Ranges
from indexer.errors import RangeTooLarge
from indexer.sync.batch import Batch
from indexer.sync.fetch import Fetcher
from indexer.units import BlockNumber

FIRST: Final = 100
"""Blocks asked for at first: few, because nobody knows yet how many logs they hold."""
LOGS: Final = 10_000
"""Logs that a stretch is meant to bring; as many stretches as are under way are in memory."""

Stretch = tuple[BlockNumber, BlockNumber, asyncio.Task[Batch]]


class Backfill:
    """Remembers from one run to the next how much the node gives at once."""

    def __init__(self, fetcher: Fetcher, *, concurrency: int, most: int) -> None:
        self._fetcher = fetcher
        self._concurrency = concurrency
        self._ranges = Ranges(size=FIRST, most=most, target=LOGS)

    async def batches(self, first: BlockNumber, last: BlockNumber) -> AsyncGenerator[Batch]:
        """The blocks `first` to `last` in ascending batches; raises what fetching raises.

        A refused stretch is asked for again in smaller ones, and so is what lies beyond it: nothing
        is kept but what is under way.
        """
        ahead: deque[Stretch] = deque()
        try:
            while first <= last or ahead:
                while first <= last and len(ahead) < self._concurrency:
                    ahead.append(stretch := self._begin(first, last))
                    first = BlockNumber(stretch[1] + 1)
                start, end, task = ahead.popleft()
                try:
                    batch = await task
                except RangeTooLarge as error:
                    self._refused(end - start + 1, error)
                    await _cancel(ahead)
                    first = start
                    continue
                self._ranges = self._ranges.answered(blocks=end - start + 1, logs=len(batch.events))
                yield batch
        finally:
            await _cancel(ahead)

    def _begin(self, first: BlockNumber, last: BlockNumber) -> Stretch:
        end = BlockNumber(min(first + self._ranges.size - 1, last))
        return first, end, asyncio.create_task(self._fetcher.stretch(first, end))

    def _refused(self, blocks: int, error: RangeTooLarge) -> None:
        if blocks == 1:
            raise error
        self._ranges = self._ranges.refused(blocks=blocks, suggested=error.suggested)


async def _cancel(ahead: deque[Stretch]) -> None:
    tasks: Iterable[asyncio.Task[Batch]] = [task for _, _, task in ahead]
    ahead.clear()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
