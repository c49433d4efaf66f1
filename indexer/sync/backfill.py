"""The long way to the head: stretches fetched ahead and concurrently, handed on in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

from indexer.chain.ranges import Ranges
from indexer.errors import RangeTooLarge
from indexer.sync.batch import Batch, joined
from indexer.units import BlockNumber

FIRST: Final = 100
"""Blocks asked for at first: few, because nobody knows yet how many logs they hold."""
LOGS: Final = 8_000
"""Logs that a stretch is meant to bring, below the 10,000 that many nodes allow: a refusal costs
more than a request. As many stretches as are under way are in memory."""
TOGETHER: Final = 40_000
"""Events that are written in one step at most, where the writer is what is waited for."""


class Source(Protocol):
    """Who fetches."""

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        """The blocks, keeping only those that carry logs and the last. Raises Retryable."""


@dataclass(slots=True)
class Stretch:
    """The blocks `first` to `last`, and who fetches them once that has begun."""

    first: BlockNumber
    last: BlockNumber
    task: asyncio.Task[Batch] | None = None

    @property
    def blocks(self) -> int:
        return self.last - self.first + 1

    def refusal(self) -> RangeTooLarge | None:
        """Why it has to be asked for in smaller ones, if so."""
        if self.task is None or not self.task.done() or self.task.cancelled() or self.blocks == 1:
            return None
        error = self.task.exception()
        return error if isinstance(error, RangeTooLarge) else None

    def after(self, batch: Batch) -> Batch | None:
        """What it brought, if that is there and continues the batch."""
        if self.task is None or not self.task.done() or self.task.cancelled():
            return None
        if self.task.exception() is not None or self.task.result().parent != batch.last.hash:
            return None
        return self.task.result()


class Backfill:
    """Remembers from one run to the next how much the node gives at once."""

    def __init__(self, source: Source, *, concurrency: int, most: int) -> None:
        self._source = source
        self._concurrency = concurrency
        self._ranges = Ranges(size=FIRST, most=most, target=LOGS)

    async def batches(self, first: BlockNumber, last: BlockNumber) -> AsyncGenerator[Batch]:
        """The blocks `first` to `last` in ascending batches; raises what fetching raises.

        What follows a batch is fetched while its taker uses it. A refused stretch is asked for
        again in smaller ones; what lies beyond it is kept.
        """
        ahead = deque([Stretch(first, last)] if first <= last else ())
        try:
            while ahead:
                self._begin(ahead)
                task = ahead[0].task
                assert task is not None, "what is first is begun first"
                if not task.done():
                    await asyncio.wait([task])
                    continue
                ready = self._ready(ahead)
                self._begin(ahead)
                yield joined(ready)
        finally:
            await _cancel(ahead)

    def _begin(self, ahead: deque[Stretch]) -> None:
        """Begins the first stretches, so many that `concurrency` are under way or wait for their
        turn; those that were refused begin anew.
        """
        for one in ahead:
            if (error := one.refusal()) is not None:
                one.task = None
                self._ranges = self._ranges.refused(
                    blocks=one.blocks, suggested=error.suggested, certain=error.certain
                )
        free = self._concurrency - sum(one.task is not None for one in ahead)
        place = 0
        while free > 0 and place < len(ahead):
            if (one := ahead[place]).task is None:
                if one.blocks > self._ranges.size:
                    rest = BlockNumber(one.first + self._ranges.size)
                    ahead.insert(place + 1, Stretch(rest, one.last))
                    one.last = BlockNumber(rest - 1)
                one.task = asyncio.create_task(self._source.stretch(one.first, one.last))
                one.task.add_done_callback(lambda _: self._begin(ahead))
                free -= 1
            place += 1

    def _ready(self, ahead: deque[Stretch]) -> list[Batch]:
        """The first batch, and what continues it and is there already: the fewer steps, the fewer
        statements. Raises what fetching the first raised.
        """
        ready = [self._taken(ahead)]
        events = len(ready[0].events)
        while ahead and (after := ahead[0].after(ready[-1])) is not None:
            if (events := events + len(after.events)) > TOGETHER:
                break
            ready.append(self._taken(ahead))
        return ready

    def _taken(self, ahead: deque[Stretch]) -> Batch:
        one = ahead.popleft()
        assert one.task is not None
        batch = one.task.result()
        self._ranges = self._ranges.answered(blocks=one.blocks, logs=len(batch.events))
        return batch


async def _cancel(ahead: deque[Stretch]) -> None:
    tasks = [one.task for one in ahead if one.task is not None]
    ahead.clear()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
