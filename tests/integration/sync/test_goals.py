"""The index begins and ends where it is told, and says how far it is."""

import asyncio
from random import Random
from typing import Any

import psycopg
import pytest

from indexer.sync.outcomes import Advanced, Finished, Idle
from indexer.units import BlockNumber as B
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine


@pytest.mark.parametrize("target", [1, 37, 64, 65, 150, 199])
async def test_to_block_stops_at_that_very_block(
    target: int, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(1), 200, busy=0.1)
    await follow(index, fake, once=False, to_block=target)
    told = index.rows("SELECT block_number, block_hash, head_block FROM cursor")
    assert told == [(target, chain[target].hash, 200)]
    assert index.value("SELECT max(number) FROM blocks") == target


async def test_to_block_waits_for_a_block_that_is_to_come(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine_empty(3)
    async with following(index, fake, to_block=5) as follower:
        run = asyncio.create_task(follower.run())
        while index.rows("SELECT 1 FROM cursor WHERE block_number = 3") == []:
            await asyncio.sleep(0.02)
        assert not run.done()
        chain.mine_empty(4)
        await asyncio.wait_for(run, 10)
    assert index.block() == 5


async def test_once_stops_at_the_head_and_the_next_run_goes_on(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(2), 10)
    await follow(index, fake)
    assert index.block() == 10
    mine(chain, Random(3), 90)
    await follow(index, fake)
    assert index.block() == 100
    events = sum(
        log.address[0] in (0xC0, 0xC1, 0xC2) for block in range(101) for log in chain[block].logs
    )
    assert index.value("SELECT event_count FROM cursor") == events
    assert index.value("SELECT count(*) FROM events") == events


async def test_new_blocks_are_followed_one_by_one(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    async with following(index, fake) as follower:
        assert await follower.converge() == Idle()
        for number in (1, 2, 3):
            mine(chain, Random(number), 1)
            assert await follower.converge() == Advanced(B(number))
            assert await follower.converge() == Idle()
    assert index.rows("SELECT head_block, safe_block, finalized_block, synced FROM cursor") == [
        (3, 0, 0, True)
    ]
    assert [number for (number,) in index.rows("SELECT number FROM blocks ORDER BY 1")] == [1, 2, 3]


@pytest.mark.parametrize("goal", [{"once": True}, {"to_block": 0}, {"to_block": 0, "once": True}])
async def test_an_empty_chain_is_indexed_from_its_first_block(
    goal: dict[str, Any], fake: FakeNode, index: Index
) -> None:
    async with following(index, fake, start=0, **goal) as follower:
        assert await follower.converge() == Advanced(B(0))
        assert await follower.converge() == Finished()
    assert index.block() == 0


async def test_a_start_above_the_head_is_waited_for(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(4), 10)
    await follow(index, fake, start=13)
    assert index.block() == 12
    assert index.rows("SELECT * FROM blocks") == []
    chain.mine_empty(4)
    await follow(index, fake, start=13)
    assert (index.block(), index.value("SELECT min(number) FROM blocks")) == (14, 13)


async def test_a_stop_below_the_start_is_reached_at_once(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine_empty(10)
    await follow(index, fake, start=5, to_block=3, once=False)
    assert index.block() == 4


async def test_events_before_the_start_are_not_indexed(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(5), 20, busy=1.0)
    await follow(index, fake, start=11)
    assert index.value("SELECT min(block_number) FROM events") == 11


async def test_a_goal_behind_the_index_is_reached_at_once(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(6), 20)
    await follow(index, fake)
    await follow(index, fake, to_block=7, once=False)
    fake.rpc.lag = 15
    await follow(index, fake)
    assert index.block() == 20


async def test_each_step_is_told_to_whoever_listens(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(7), 10)
    with psycopg.connect(index.url, autocommit=True) as listener:
        listener.execute("LISTEN dchat")
        await follow(index, fake)
        chain.fork(2)
        chain.mine_empty(3)
        await follow(index, fake)
        heard = [news.payload for news in listener.notifies(timeout=1, stop_after=2)]
    assert heard == ['{"from": 1, "to": 10}', '{"from": 9, "to": 11}']
