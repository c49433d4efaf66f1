"""An index that was taken back is one that never went further."""

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from indexer.errors import Busy, ConfigError
from indexer.settings import Settings
from indexer.sync.rewind import rewind
from indexer.sync.store import Store
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine
from tests.integration.sync.observing import Watchful

NewIndex = Callable[[], Index]


async def back(index: Index, block: int, *fakes: FakeNode) -> str:
    settings = Settings(rpc_urls=tuple(fake.url for fake in fakes), rpc_patience=5)
    return await asyncio.to_thread(rewind, settings, index.url, block)


@pytest.mark.parametrize("seed", range(4))
async def test_a_rewound_index_is_one_that_stopped_there_and_goes_on_as_if_nothing_had_been(
    seed: int, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index, stopped = Random(400 + seed), new_index(), new_index()
    mine(chain, dice, 40)
    await follow(index, fake, fetching=Watchful)
    to = dice.randint(1, 39)
    told = await back(index, to)
    assert f"the index stands at block {to} (0x{chain[to].hash.hex()})" in told
    await follow(stopped, fake, fetching=Watchful, to_block=to)
    assert index.everything() == stopped.everything()
    assert index.rows("SELECT * FROM completeness") == stopped.rows("SELECT * FROM completeness")
    chain.fork(dice.randint(1, 40))
    mine(chain, dice, 45)
    await follow(index, fake, fetching=Watchful)
    await follow(other := new_index(), fake, fetching=Watchful)
    assert index.everything() == other.everything()
    assert index.value("SELECT reorg_count FROM cursor") >= 1


async def test_a_block_that_was_not_kept_is_asked_of_the_node(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, stopped = new_index(), new_index()
    mine(chain, Random(5), 10)
    chain.mine_empty(100)
    await follow(index, fake, most=20)
    assert index.rows("SELECT 1 FROM blocks WHERE number = 15") == []
    told = await back(index, 15, fake)
    assert told.endswith(f"the index stands at block 15 (0x{chain[15].hash.hex()})")
    await follow(stopped, fake, to_block=15)
    assert index.everything() == stopped.everything()


async def test_without_a_node_or_with_one_of_another_fork_the_nearest_kept_block_is_the_newest(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(6), 10, busy=1.0)
    chain.mine_empty(100)
    await follow(index, fake, most=20)
    kept = index.value("SELECT max(number) FROM blocks WHERE number <= 15")
    facts = index.everything()["events"]
    assert kept < 15
    told = await back(index, 15)
    assert f"stands at block {kept} (0x" in told
    assert told.endswith("; block 15 is not kept, and there is no node (DCHAT_RPC_URLS)")
    assert index.block() == kept
    assert index.everything()["events"] == facts
    await follow(index, fake, most=20)
    chain.fork(105)
    chain.mine_empty(120)
    assert "and no node tells it (its block" in await back(index, 15, fake)
    await follow(index, fake, most=20)
    assert index.block() == chain.head.number


async def test_an_index_can_be_taken_back_to_before_its_first_block(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    chain.mine_empty(5)
    mine(chain, Random(7), 20)
    await follow(index, fake, start=6)
    assert (await back(index, 5)).endswith("the index stands before its first block")
    assert index.rows("SELECT block_number, block_hash FROM cursor") == [(5, None)]
    assert index.value("SELECT count(*) FROM events") == 0
    await follow(index, fake, start=6)
    await follow(other, fake, start=6)
    assert index.everything() == other.everything()


async def test_an_index_that_fell_back_far_is_no_longer_called_synced(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(8), 100, busy=0.1)
    await follow(index, fake)
    assert index.value("SELECT synced FROM cursor")
    await back(index, 90, fake)
    assert index.value("SELECT synced FROM cursor")
    await back(index, 20, fake)
    assert not index.value("SELECT synced FROM cursor")


@pytest.mark.parametrize(("start", "block"), [(6, 4), (6, 26)])
async def test_a_block_outside_of_the_index_is_refused(
    start: int, block: int, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(9), 25)
    await follow(index, fake, start=start)
    before = index.everything()
    with pytest.raises(ConfigError, match="begins at block 6 and stands at block 25"):
        await back(index, block)
    assert index.everything() == before


async def test_nothing_is_taken_back_while_an_indexer_leads(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(10), 25)
    await follow(index, fake)
    leader = Store(index.url)
    try:
        assert leader.lead()
        with pytest.raises(Busy, match="an indexer writes to this database: stop it"):
            await back(index, 3)
    finally:
        leader.close()
    assert index.block() == 25
    await back(index, 3)
    assert index.block() == 3


async def test_an_index_that_was_not_begun_has_nothing_to_take_back(index: Index) -> None:
    with pytest.raises(ConfigError, match="nothing is indexed yet: run `dchat index`"):
        await back(index, 3)
