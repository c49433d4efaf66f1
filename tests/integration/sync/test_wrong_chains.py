"""A node that becomes one of another chain, or of another branch below what was final, wipes out
nothing: it is not followed on its word alone."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest

from indexer.errors import BadAnswer, ChainMismatch
from indexer.sync.outcomes import Behind, Idle
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine

FINAL = "SELECT safe_block, finalized_block FROM cursor"


@pytest.fixture
async def elsewhere() -> FakeChain:
    """A chain of the same length that has nothing in common with ours."""
    chain = FakeChain(seed=7)
    mine(chain, Random(7), 40)
    return chain


@pytest.fixture
async def stranger(elsewhere: FakeChain) -> AsyncIterator[FakeNode]:
    async with FakeNode(elsewhere) as node:
        yield node


@pytest.mark.parametrize("after", range(8))
async def test_a_node_that_changes_chain_in_the_middle_of_a_step_takes_nothing_away(
    after: int, chain: FakeChain, elsewhere: FakeChain, fake: FakeNode, index: Index
) -> None:
    """Whatever its next questions are, when it has just told that it is of our chain."""
    mine(chain, Random(1), 30)
    await follow(index, fake)
    before, asked, honest = index.everything(), 0, fake.rpc.answer

    def turning(method: str, params: list[Any]) -> bytes:
        nonlocal asked
        asked += 1
        if asked > after:
            fake.rpc.chain, fake.rpc.chain_id = elsewhere, 5
        return honest(method, params)

    fake.rpc.answer = turning  # type: ignore[method-assign]
    async with following(index, fake, patience=0.3) as follower:
        with pytest.raises((ChainMismatch, BadAnswer)):
            while asked < 400:
                await follower.converge()
    assert index.everything() == before
    assert index.value("SELECT reorg_count FROM cursor") == 0


async def test_a_node_of_another_chain_with_the_same_id_does_not_replace_what_is_final(
    chain: FakeChain, fake: FakeNode, stranger: FakeNode, index: Index
) -> None:
    mine(chain, Random(2), 30)
    await follow(index, fake)
    before = index.everything()
    async with following(index, stranger, fake, patience=0.3) as follower:
        with pytest.raises(
            BadAnswer, match=r"block 22, which was final, has been replaced at .*#1"
        ):
            while True:
                await follower.converge()
                await asyncio.sleep(0.05)
    assert index.everything() == before


async def test_a_chain_that_begins_anew_is_followed_where_no_node_has_the_old_one(
    elsewhere: FakeChain, chain: FakeChain, fake: FakeNode, stranger: FakeNode, index: Index
) -> None:
    mine(chain, Random(3), 30)
    await follow(index, fake)
    await follow(index, stranger)
    assert index.value("SELECT block_hash FROM cursor") == elsewhere.head.hash
    assert index.rows(FINAL) == [(36, 32)]


async def test_what_was_final_stays_so_until_a_reorg_replaces_it(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(4), 30)
    await follow(index, fake)
    assert index.rows(FINAL) == [(26, 22)]
    async with following(index, fake) as follower:
        for lag, safe, finalized in ((0, 9, 20), (0, 500, 500), (3, 4, 8), (0, 4, 8)):
            fake.rpc.lag, fake.rpc.safe_depth, fake.rpc.finalized_depth = lag, safe, finalized
            assert isinstance(await follower.converge(), Idle | Behind)
            assert index.rows(FINAL) == [(26, 22)]
        chain.fork(20)
        mine(chain, Random(5), 3)
        await follower.converge()
        assert index.rows(FINAL) == [(10, 10)], "the fork, as the new head allows no more"
