"""Nodes that limp and lie, and a Postgres that goes away: nothing is lost and nothing is twice."""

import asyncio
import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from indexer.chain.head import Heads
from indexer.db import bulk
from indexer.errors import BadAnswer, ChainMismatch, DatabaseUnavailable, NodeUnavailable
from indexer.sync.batch import Batch
from indexer.sync.store import Origin, Store
from indexer.units import BlockNumber
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import ADDRESSES, mine

NewIndex = Callable[[], Index]
KILL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'dchat index'
"""


@pytest.mark.parametrize("moment", [0, 1, 2, 5, 9, 14])
async def test_a_connection_cut_in_mid_batch_loses_nothing(
    moment: int,
    chain: FakeChain,
    fake: FakeNode,
    new_index: NewIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice, index, other = Random(moment), new_index(), new_index()
    mine(chain, dice, 40, busy=1.0)
    await follow(other, fake)
    honest, calls = bulk.copy, 0

    def cut(*arguments: Any) -> None:
        nonlocal calls
        if calls == moment:
            assert index.value(KILL) == 1
        calls += 1
        honest(*arguments)

    monkeypatch.setattr(bulk, "copy", cut)
    await follow(index, fake)
    assert calls > moment + 10
    assert index.everything() == other.everything()


async def test_a_connection_cut_while_a_fork_is_undone_loses_nothing(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, index, other = Random(20), new_index(), new_index()
    mine(chain, dice, 30, busy=1.0)
    await follow(index, fake)
    chain.fork(10)
    mine(chain, dice, 12, busy=1.0)
    honest, cuts = Store._undo, 0

    def cut(store: Store, *arguments: Any) -> tuple[int, int]:
        nonlocal cuts
        gone = honest(store, *arguments)
        cuts += 1
        if cuts == 1:
            index.value(KILL)
        return gone

    monkeypatch.setattr(Store, "_undo", cut)
    await follow(index, fake)
    await follow(other, fake)
    assert cuts == 2
    assert index.value("SELECT reorg_count FROM cursor") == 1
    assert index.everything() == other.everything()


async def test_a_second_indexer_stands_by_and_takes_over(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(1), 5)
    async with following(index, fake) as first, following(index, fake, to_block=6) as second:
        await first.converge()
        with capture_logs() as lines:
            standby = asyncio.create_task(second.run())
            while not any("standing by" in line["event"] for line in lines):
                await asyncio.sleep(0.02)
        mine(chain, Random(2), 1)
        assert index.block() == 5
        assert index.value(KILL) == 2
        with pytest.raises(DatabaseUnavailable):
            await first.converge()
        await asyncio.wait_for(standby, 10)
        assert index.block() == 6
        assert not await asyncio.to_thread(first._store.lead)


async def test_indexers_that_are_cut_off_again_and_again_agree_in_the_end(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index, other = Random(30), new_index(), new_index()
    mine(chain, dice, 20)
    async with following(index, fake) as first, following(index, fake) as second:
        runs = [asyncio.create_task(one.run()) for one in (first, second)]
        for _ in range(12):
            chain.fork(dice.randint(1, 8))
            mine(chain, dice, dice.randint(8, 12))
            await asyncio.sleep(dice.random() / 10)
            await asyncio.to_thread(index.value, KILL)
        assert not any(run.done() for run in runs)
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        await asyncio.sleep(0.3)
    await follow(index, fake)
    await follow(other, fake)
    assert index.everything() == other.everything()


async def test_two_that_begin_the_same_index_at_once_agree(index: Index, fake: FakeNode) -> None:
    async with following(index, fake) as _:
        for table in ("cursor", "contracts"):
            index.rows(f"DELETE FROM {table} RETURNING 1")
        origins = [Origin(c, a, BlockNumber(7)) for c, a in ADDRESSES.items()]
        stores = [Store(index.url) for _ in range(6)]
        begun = await asyncio.gather(
            *(asyncio.to_thread(store.begin, 31337, origins) for store in stores)
        )
        for store in stores:
            store.close()
    assert {one.block_number for one in begun} == {6}
    assert index.value("SELECT count(*) FROM contracts") == 3


async def test_an_interrupt_during_a_write_leaves_a_whole_batch_or_none(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, index, other = Random(40), new_index(), new_index()
    mine(chain, dice, 30)
    entered, go, left = threading.Event(), threading.Event(), threading.Event()
    honest = Store.write

    def slow(store: Store, batch: Batch, heads: Heads) -> None:
        entered.set()
        go.wait(10)
        honest(store, batch, heads)
        left.set()

    monkeypatch.setattr(Store, "write", slow)
    async with following(index, fake) as follower:
        run = asyncio.create_task(follower.run())
        await asyncio.to_thread(entered.wait, 10)
        run.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await run
        await asyncio.to_thread(left.wait, 10)
    assert index.block() == 30
    monkeypatch.undo()
    await follow(index, fake)
    await follow(other, fake)
    assert index.everything() == other.everything()


async def test_an_interrupt_is_heard_while_postgres_is_away(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    async with following(index, fake, patience=60.0) as follower:
        follower._store.close()
        follower._store.url = "postgresql://postgres@127.0.0.1:1/nowhere"
        run = asyncio.create_task(follower.run())
        await asyncio.sleep(0.5)
        run.cancel()
        await asyncio.wait([run], timeout=2)
        assert run.cancelled()


async def test_patience_with_postgres_ends(fake: FakeNode, index: Index) -> None:
    async with following(index, fake, patience=0.6) as follower:
        follower._store.close()
        follower._store.url = "postgresql://postgres@127.0.0.1:1/nowhere"
        with pytest.raises(DatabaseUnavailable, match="is it running"):
            await follower.run()


@pytest.mark.parametrize("limit", [1, 10, 50])
async def test_a_node_that_gives_few_blocks_at_a_time_is_enough(
    limit: int, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index, other = Random(limit), new_index(), new_index()
    mine(chain, dice, 150, busy=0.2)
    await follow(other, fake)
    fake.rpc.max_range = limit
    await follow(index, fake)
    assert index.block() == 150
    assert index.everything() == other.everything()
    chain.fork(30)
    mine(chain, dice, 31, busy=0.2)
    await follow(index, fake)
    fake.rpc.max_range = None
    await follow(other, fake)
    assert index.everything() == other.everything()


async def test_a_node_that_gives_few_logs_at_a_time_is_enough(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(3), 150, busy=1.0)
    await follow(other, fake)
    fake.rpc.max_results = 40
    await follow(index, fake)
    assert index.everything() == other.everything()


async def test_random_faults_of_a_node_change_nothing(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(4), 200, busy=0.4)
    await follow(other, fake)
    async with FakeNode(chain) as spare:
        fake.faults.rate = spare.faults.rate = 0.2
        await follow(index, fake, spare, most=20, patience=60.0)
    assert index.everything() == other.everything()


async def test_a_node_of_another_chain_is_refused(fake: FakeNode, index: Index) -> None:
    fake.rpc.chain_id = 1
    with pytest.raises(ChainMismatch, match="chain 1, and chain 31337 is wanted"):
        await follow(index, fake)


async def test_a_broken_chain_of_parents_is_not_indexed(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(5), 20)
    honest = fake.rpc.answer

    def lying(method: str, params: list[Any], told: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(9):
            return {**told, "parentHash": "0x" + "66" * 32}
        return told

    fake.lie = lying
    with pytest.raises((BadAnswer, NodeUnavailable), match="block 9 names parent 0x6666"):
        await follow(index, fake, patience=0.3)
    assert index.block() == 0
    fake.lie, fake.rpc.answer = None, honest  # type: ignore[method-assign]
    await follow(index, fake)
    assert index.block() == 20


async def test_patience_with_a_node_is_counted_once(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    async with following(index, fake, patience=1.0) as follower:
        await follower.converge()
        await fake.stop()
        clock = asyncio.get_running_loop().time
        began = clock()
        with pytest.raises(NodeUnavailable, match="no node answered"):
            await follower.run()
        assert clock() - began < 1.9
