"""A block with more of our logs than any node gives for a range of one block."""

from collections.abc import Callable
from random import Random

import pytest

from indexer.errors import BadAnswer
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine, transaction

NewIndex = Callable[[], Index]


def crowd(chain: FakeChain, dice: Random, after: int) -> None:
    """A block of 40 transactions among quiet ones, `after` blocks below the head."""
    mine(chain, dice, 20, busy=0.2)
    chain.mine(transactions=[transaction(dice) for _ in range(40)])
    mine(chain, dice, after, busy=0.2)


@pytest.mark.parametrize("after", [3, 100], ids=["near the head", "in a backfill"])
@pytest.mark.parametrize("limit", ["blocks", "logs"])
async def test_it_is_asked_for_by_its_hash_or_by_its_receipts(
    after: int, limit: str, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    crowd(chain, Random(after), after)
    await follow(other, fake)
    fake.methods.clear()
    if limit == "blocks":
        fake.rpc.max_range = 0
    else:
        fake.rpc.max_results = 30
    await follow(index, fake, most=30, patience=30.0)
    assert index.block() == chain.head.number
    assert index.everything() == other.everything()


async def test_where_no_node_gives_it_in_any_way_that_is_said(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    crowd(chain, Random(7), 3)
    fake.rpc.max_results, fake.rpc.receipts = 30, False
    async with following(index, fake, patience=30.0) as follower:
        while index.block() < 20:
            await follower.converge()
        with pytest.raises(BadAnswer, match="no node gives the logs of block 21, not even without"):
            await follower.converge()
    fake.rpc.receipts = True
    await follow(index, fake)
    assert index.block() == chain.head.number
