"""The long way to the head: stretches fetched ahead and concurrently, handed on in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import Final, Protocol

from indexer.chain.ranges import Ranges
from indexer.errors import RangeTooLarge
from indexer.sync.batch import Batch, joined
from indexer.units import BlockNumber

FIRST: Final = 100
"""Blocks asked for at first: few, because nobody knows yet how many logs they hold."""
LOGS: Final = 10_000
"""Logs that a stretch is meant to bring; as many stretches as are under way are in memory."""
TOGETHER: Final = 40_000
"""Events that are written in one step at most, where the writer is what is waited for."""

Stretch = tuple[BlockNumber, BlockNumber, asyncio.Task[Batch]]


class Source(Protocol):
    """Who fetches."""

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        """The blocks, keeping only those that carry logs and the last. Raises Retryable."""


class Backfill:
    """Remembers from one run to the next how much the node gives at once."""

    def __init__(self, source: Source, *, concurrency: int, most: int) -> None:
        self._source = source
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
                self._answered(start, end, batch)
                yield joined([batch, *self._ready(batch, ahead)])
        finally:
            await _cancel(ahead)

    def _answered(self, first: BlockNumber, last: BlockNumber, batch: Batch) -> None:
        self._ranges = self._ranges.answered(blocks=last - first + 1, logs=len(batch.events))

    def _ready(self, batch: Batch, ahead: deque[Stretch]) -> Iterator[Batch]:
        """What continues the batch and is there already: the fewer steps, the fewer statements."""
        events = len(batch.events)
        while ahead and _continues(batch, ahead[0][2]):
            start, end, task = ahead[0]
            batch = task.result()
            if (events := events + len(batch.events)) > TOGETHER:
                return
            ahead.popleft()
            self._answered(start, end, batch)
            yield batch

    def _begin(self, first: BlockNumber, last: BlockNumber) -> Stretch:
        end = BlockNumber(min(first + self._ranges.size - 1, last))
        return first, end, asyncio.create_task(self._source.stretch(first, end))

    def _refused(self, blocks: int, error: RangeTooLarge) -> None:
        if blocks == 1:
            raise error
        self._ranges = self._ranges.refused(
            blocks=blocks, suggested=error.suggested, certain=error.certain
        )


def _continues(batch: Batch, task: asyncio.Task[Batch]) -> bool:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return False
    return batch.last.hash == task.result().parent


async def _cancel(ahead: deque[Stretch]) -> None:
    tasks: Iterable[asyncio.Task[Batch]] = [task for _, _, task in ahead]
    ahead.clear()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
