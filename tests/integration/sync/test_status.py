"""`dchat status` says who indexes, what is waited for and why, and what the audits found."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from random import Random

import psycopg
import pytest
from structlog.testing import capture_logs

from indexer.sync import waits
from indexer.sync.follow import Follower
from indexer.sync.status import status
from indexer.sync.store import Store
from indexer.sync.waits import Waits
from tests.fakes import FakeChain, FakeNode
from tests.fakes.faults import Fault
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine

WAITING = """
SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
WRITES = "SELECT xmin::text::bigint, count(*) OVER () FROM waits"


@asynccontextmanager
async def running(index: Index, *fakes: FakeNode) -> AsyncIterator[Follower]:
    """An index that runs and tells what it waits for; ended, no thread of it goes on."""
    threads = ThreadPoolExecutor()
    asyncio.get_running_loop().set_default_executor(threads)
    async with following(index, *fakes, patience=60.0) as follower:
        told = Waits(
            index.url,
            lambda: follower.waits_for,
            follower._node.endpoints,
            lambda: follower._store.leads,
        )
        tasks = [asyncio.create_task(one) for one in (follower.run(), told.run())]
        try:
            yield follower
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            threads.shutdown()
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())


async def says(index: Index, *parts: str, absent: tuple[str, ...] = ()) -> list[str]:
    """The lines, once one of them has all of the parts, and none begins with what is absent."""
    for _ in range(400):
        lines = await asyncio.to_thread(lambda: [*status(index.url)])
        there = any(all(part in line for part in parts) for line in lines)
        if there and not any(line.startswith(absent) for line in lines if absent):
            return lines
        await asyncio.sleep(0.02)
    raise AssertionError((parts, absent, lines))


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "LOOK", 0.05)


async def test_nodes_that_rest_are_told_with_their_cause_until_they_are_well(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(1), 5)
    async with FakeNode(chain) as other, running(index, fake, other):
        await says(index, "block      5")
        other.faults.arm(Fault.SERVER_ERROR, times=None)
        lines = await says(index, "rests      http://127.0.0.1", "(#2) since 2", "HTTP 500")
        assert not any(line.startswith("waits") for line in lines)
        fake.faults.arm(Fault.TOO_MANY, times=None)
        await says(index, "rests ", "(#1)", "wants fewer requests (HTTP 429)")
        await says(index, "waits ", "no node can be asked")
        fake.faults.clear()
        other.faults.clear()
        await says(index, "synced     yes", absent=("rests", "waits"))


async def test_a_head_below_the_index_is_told_as_long_as_it_is(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(2), 9)
    async with running(index, fake):
        await says(index, "block      9")
        fake.rpc.lag = 4
        await says(index, "waits ", "since 2", "the nodes' head is block 5, below the index")
        fake.rpc.lag = 0
        await says(index, "synced", absent=("waits",))


async def test_what_keeps_an_index_from_going_on_is_told_and_logged_once(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(3), 3)
    async with running(index, fake) as follower:
        await says(index, "block      3")
        url, follower._store.url = index.url, "postgresql://postgres@127.0.0.1:1/nowhere"
        with capture_logs() as lines:
            follower._store.close()
            while "refused" not in (follower.waits_for or ""):
                await asyncio.sleep(0.01)
            await asyncio.sleep(1.2)
        causes = [line["cause"] for line in lines if line["event"] == "trying again"]
        assert len(causes) == len(set(causes)) and any("refused" in cause for cause in causes)
        follower._store.url = url
        while follower.waits_for is not None:
            await asyncio.sleep(0.01)


async def test_what_stays_as_it_is_is_written_once(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(4), 3)
    async with running(index, fake):
        await says(index, "block      3")
        fake.faults.arm(Fault.SERVER_ERROR, times=None)
        await says(index, "rests ", "HTTP 500")
        await says(index, "waits ", "no node can be asked")
        before = index.rows(WRITES)
        await asyncio.sleep(0.6)
        assert index.rows(WRITES) == before


async def test_a_poll_without_news_writes_nothing(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(5), 3)
    async with following(index, fake) as follower:
        await follower.converge()
        await follower.converge()
        before = index.value("SELECT xmin::text FROM cursor")
        for _ in range(3):
            await follower.converge()
        assert index.value("SELECT xmin::text FROM cursor") == before
        fake.rpc.safe_depth = fake.rpc.finalized_depth = 2
        await follower.converge()
        assert index.value("SELECT finalized_block FROM cursor") == 1


async def test_the_indexer_and_those_that_stand_by_are_told(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    await follow(index, fake)
    assert "indexer    none is running: start `dchat index`" in [*status(index.url)]
    stores = [Store(index.url) for _ in range(3)]
    assert [store.lead() for store in stores] == [True, False, False]
    lines = [*status(index.url)]
    assert "standby    2 ready to take over" in lines
    assert sum(line.startswith("indexer    connected since 2") for line in lines) == 1
    for store in stores:
        store.close()


async def test_nobody_s_waits_are_not_told(index: Index, fake: FakeNode) -> None:
    await follow(index, fake)
    index.rows("INSERT INTO waits VALUES ('', 'of long ago', now()) RETURNING 1")
    assert not any("of long ago" in line for line in status(index.url))


async def test_the_last_audit_of_each_contract_is_told(index: Index, fake: FakeNode) -> None:
    await follow(index, fake)
    for block, differences in ((7, 3), (9, 2)):
        index.rows(
            "INSERT INTO audits VALUES (0, now() + %s * interval '1 s', %s, '', 40, 1, %s, 2, '[]')"
            " RETURNING 1",
            block,
            block,
            differences,
        )
    [line] = [line for line in status(index.url) if line.startswith("audit")]
    assert line.startswith("audit      GroupChatV2 at block 9, 2")
    assert line.endswith(": 40 compared, 2 differed, 2 repaired, 1 without an answer")


async def test_heads_are_looked_at_while_history_comes_in(
    chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.sync.follow.LOOK", 0.0)
    mine(chain, Random(6), 300, busy=0.2)
    async with following(index, fake, most=20, to_block=250) as follower:
        chain_head, honest = chain.head.number, follower._store.write

        def growing(*arguments: object) -> None:
            honest(*arguments)  # type: ignore[arg-type]
            chain.mine()

        monkeypatch.setattr(follower._store, "write", growing)
        await follower.converge()
        assert index.value("SELECT head_block FROM cursor") > chain_head


async def test_a_replay_that_ends_meanwhile_is_not_told_of(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(7), 3)
    await follow(index, fake)
    with psycopg.connect(index.url) as db:
        db.execute("CREATE SCHEMA dchat_side")
        db.execute("CREATE TABLE dchat_side.progress ()")
        db.commit()
        db.execute("DROP SCHEMA dchat_side CASCADE")
        told = asyncio.create_task(asyncio.to_thread(lambda: [*status(index.url)]))
        while index.rows(WAITING) == []:
            await asyncio.sleep(0.01)
        db.commit()
    kinds = {line.split()[0] for line in await told}
    assert kinds >= {"block", "complete"} and "replay" not in kinds
