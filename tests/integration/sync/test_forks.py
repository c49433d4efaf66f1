"""After any fork the index is what the winning chain alone makes it, row for row."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from indexer.sync.outcomes import Advanced, Behind, Idle, Reverted
from indexer.units import BlockNumber
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine
from tests.integration.sync.observing import Watchful

NewIndex = Callable[[], Index]


async def equals_the_winner(index: Index, fake: FakeNode, other: Index, **settings: Any) -> None:
    await follow(other, fake, **settings)
    told, wanted = index.everything(), other.everything()
    for table, rows in wanted.items():
        assert told[table] == rows, table


@pytest.mark.parametrize("seed", range(6))
async def test_apply_fork_apply_equals_applying_the_winner_alone(
    seed: int, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(seed), new_index()
    mine(chain, dice, 25)
    await follow(index, fake)
    for _ in range(4):
        depth = dice.randint(1, min(20, len(chain) - 1))
        chain.fork(depth)
        mine(chain, dice, dice.randint(depth, depth + 6))
        await follow(index, fake)
    assert index.value("SELECT reorg_count FROM cursor") >= 4
    await equals_the_winner(index, fake, new_index())


@pytest.mark.parametrize("seed", range(6, 12))
async def test_what_was_seen_of_the_contracts_leaves_with_its_block(
    seed: int, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(seed), new_index()
    mine(chain, dice, 25)
    await follow(index, fake, fetching=Watchful)
    for _ in range(4):
        depth = dice.randint(1, min(20, len(chain) - 1))
        chain.fork(depth)
        mine(chain, dice, dice.randint(depth, depth + 6))
        await follow(index, fake, fetching=Watchful)
    assert index.value("SELECT count(*) FROM observations") > 10
    await equals_the_winner(index, fake, new_index(), fetching=Watchful)


@pytest.mark.parametrize("depth", [1, 63, 64, 65, 100, 230])
async def test_forks_of_any_depth_after_a_backfill(
    depth: int, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(depth), new_index()
    mine(chain, dice, 230, busy=0.2)
    await follow(index, fake, most=30)
    chain.fork(depth)
    mine(chain, dice, depth + dice.randint(0, 5), busy=0.2)
    await follow(index, fake, most=30)
    assert index.block() == chain.head.number
    assert index.value("SELECT reorg_count FROM cursor") == 1
    await equals_the_winner(index, fake, new_index())


async def test_a_fork_below_the_deployment_leaves_nothing_of_the_loser(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(1), new_index()
    chain.mine_empty(5)
    mine(chain, dice, 20)
    await follow(index, fake, start=6)
    chain.fork(23)
    chain.mine_empty(30)
    await follow(index, fake, start=6)
    assert index.value("SELECT event_count FROM cursor") == 0
    await equals_the_winner(index, fake, new_index(), start=6)


async def test_a_fork_in_the_middle_of_a_backfill(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(2), new_index()
    mine(chain, dice, 200, busy=0.2)
    await follow(index, fake, to_block=90, most=10, once=False)
    chain.fork(140)
    mine(chain, dice, 200, busy=0.2)
    await follow(index, fake, most=10)
    assert index.value("SELECT reorg_count FROM cursor") == 1
    await equals_the_winner(index, fake, new_index())


async def test_a_fork_while_the_backfill_fetches_ahead(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(3), new_index()
    mine(chain, dice, 300, busy=0.2)
    honest, asked = fake.rpc.answer, 0

    def forking(method: str, params: list[object]) -> bytes:
        nonlocal asked
        asked += method == "eth_getLogs"
        if asked == 8:
            asked += 1
            chain.fork(260)
            mine(chain, dice, 280, busy=0.2)
        return honest(method, params)

    fake.rpc.answer = forking  # type: ignore[method-assign]
    await follow(index, fake, most=10)
    assert asked > 9
    await equals_the_winner(index, fake, new_index())


async def test_a_block_replaced_at_the_same_height(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(4), new_index()
    mine(chain, dice, 10, busy=1.0)
    await follow(index, fake)
    chain.fork(1)
    mine(chain, dice, 1, busy=1.0)
    async with following(index, fake) as follower:
        assert await follower.converge() == Reverted(9, BlockNumber(10))
        assert await follower.converge() == Idle()
    await equals_the_winner(index, fake, new_index())


async def test_a_shorter_chain_that_won_replaces_ours_at_once(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(5), new_index()
    mine(chain, dice, 40, busy=1.0)
    await follow(index, fake)
    chain.fork(20)
    mine(chain, dice, 5, busy=1.0)
    await follow(index, fake)
    assert index.block() == 25
    await equals_the_winner(index, fake, new_index())


async def test_a_head_that_goes_backwards_takes_nothing_away(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(6), 30, busy=1.0)
    await follow(index, fake)
    before = index.everything()
    fake.rpc.lag = 12
    async with following(index, fake) as follower:
        assert await follower.converge() == Behind(BlockNumber(18))
    await follow(index, fake)
    assert index.everything() == before
    assert index.value("SELECT reorg_count FROM cursor") == 0


async def test_a_head_below_the_deployment_is_waited_for(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    """As where a chain was begun anew, or a node is far from synced."""
    mine(chain, Random(7), 5)
    async with following(index, fake, start=20) as follower:
        assert await follower.converge() == Behind(BlockNumber(5))
        chain.mine_empty(20)
        mine(chain, Random(8), 5, busy=1.0)
        assert await follower.converge() == Advanced(BlockNumber(30))
    assert index.value("SELECT min(block_number) FROM events") == 26


async def test_a_fork_below_the_last_block_wanted_is_mended_and_above_it_no_matter(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(7), new_index()
    mine(chain, dice, 40, busy=1.0)
    await follow(index, fake)
    chain.fork(10)
    mine(chain, dice, 12, busy=1.0)
    before = index.everything()
    await follow(index, fake, to_block=20, once=False)
    assert index.everything() == before
    await follow(index, fake, to_block=35, once=False)
    assert index.block() == 35
    await equals_the_winner(index, fake, new_index(), to_block=35)


async def test_a_transaction_that_moves_to_another_block_is_right_afterwards(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(8), new_index()
    mine(chain, dice, 5, busy=1.0)
    moved = [one.sent for one in chain[4].transactions]
    await follow(index, fake)
    chain.fork(3)
    chain.mine()
    chain.mine(transactions=list(reversed(moved)))
    chain.mine_empty(2)
    await follow(index, fake)
    await equals_the_winner(index, fake, new_index())
