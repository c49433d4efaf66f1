"""Stretches are fetched ahead and handed on in order, whatever their size."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, cast

import pytest

from indexer.errors import NodeUnavailable, RangeTooLarge
from indexer.sync.backfill import Backfill
from indexer.sync.batch import Batch, Block
from indexer.sync.fetch import Fetcher
from indexer.units import BlockNumber, Hash32

B = BlockNumber
HASH = Hash32(bytes(32))


class Source:
    """A fetcher that takes its time, and refuses what it finds too large."""

    def __init__(self, refuse: Callable[[int, int], bool] = lambda a, b: False) -> None:
        self.dice = Random(1)
        self.refuse = refuse
        self.running = self.most = 0
        self.given = list[tuple[int, int]]()

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.dice.random() / 500)
            if self.refuse(first, last):
                raise RangeTooLarge("too large")
        finally:
            self.running -= 1
        self.given.append((first, last))
        end = Block(last, HASH, 0)
        return Batch(first=first, parent=HASH, last=end, blocks=(end,), events=(), facts=())


def backfill(source: Any, most: int = 1_000) -> Backfill:
    return Backfill(cast(Fetcher, source), concurrency=4, most=most)


async def ranges(source: Source, first: int, last: int, most: int = 1_000) -> list[tuple[int, int]]:
    batches = backfill(source, most).batches(B(first), B(last))
    return [(batch.first, batch.last.number) async for batch in batches]


@pytest.mark.parametrize("most", [1, 7, 1_000])
async def test_batches_follow_each_other_without_gaps(most: int) -> None:
    source = Source()
    found = await ranges(source, 5, 144, most)
    assert [n for a, b in found for n in range(a, b + 1)] == list(range(5, 145))
    assert source.most <= 4


async def test_what_a_node_refuses_is_cut_into_pieces() -> None:
    source = Source(lambda first, last: last - first >= 13)
    found = await ranges(source, 1, 500)
    assert [n for a, b in found for n in range(a, b + 1)] == list(range(1, 501))
    assert source.most <= 4


async def test_what_lies_beyond_a_refused_stretch_is_not_asked_for_again() -> None:
    source = Source(lambda first, last: first <= 150 <= last and last - first >= 20)
    found = await ranges(source, 1, 2_000)
    assert [n for a, b in found for n in range(a, b + 1)] == list(range(1, 2_001))
    given = sorted(n for a, b in source.given for n in range(a, b + 1))
    assert given == list(range(1, 2_001))


async def test_what_follows_is_fetched_while_a_batch_is_used() -> None:
    source = Source()
    batches = backfill(source, 10).batches(B(0), B(999))
    first = await anext(batches)
    await asyncio.sleep(0.1)
    last = first.last.number
    assert sorted(source.given)[-1] == (last + 31, last + 40)
    assert source.running == 0, "so many as may be under way wait for their turn"
    await batches.aclose()


async def test_a_single_block_that_is_refused_is_an_error() -> None:
    with pytest.raises(RangeTooLarge):
        await ranges(Source(lambda first, last: first <= 9 <= last), 1, 20)


async def test_an_error_comes_after_the_batches_before_it_and_ends_the_rest() -> None:
    class Broken(Source):
        async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
            if first >= 30:
                raise NodeUnavailable("gone")
            return await super().stretch(first, last)

    source, seen = Broken(), list[int]()
    with pytest.raises(NodeUnavailable):
        async for batch in backfill(source, 10).batches(B(0), B(99)):
            seen += range(batch.first, batch.last.number + 1)
    assert seen == [*range(30)]
    assert source.running == 0


async def test_nothing_runs_on_after_the_batches_were_left() -> None:
    source = Source()
    batches = backfill(source, 10).batches(B(0), B(999))
    async for _ in batches:
        break
    await batches.aclose()
    assert source.running == 0
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
