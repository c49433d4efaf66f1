"""What changed without an event, unseen, is found by the audit and put right."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from indexer.audit.ledger import Ledger
from indexer.audit.moment import Reader
from indexer.audit.repair import Repairs
from indexer.audit.tally import Tally
from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.errors import DatabaseUnavailable, NotAudited, Retryable
from indexer.events.observations import Kind
from indexer.sync.fetch import Fetcher
from tests.fakes import FakeChain, FakeNode, Fault
from tests.integration.audit.village import BOB, settle, silently
from tests.integration.indexing import Index, auditing, follow, following
from tests.integration.sync.histories import ADDRESSES

STATE = """
SELECT name, is_active, (SELECT is_muted FROM members WHERE address = %s),
    (SELECT count(*) FROM join_requests), (SELECT status FROM payments)
FROM groups
"""
BEFORE = ("tea", True, False, 1, 0)
AFTER = ("coffee", False, True, 0, 2)
KINDS = [Kind.GROUP, Kind.MEMBER, Kind.JOIN_REQUEST, Kind.CROWDFUNDING]


def state(index: Index) -> tuple[Any, ...]:
    return index.rows(STATE, BOB)[0]


@pytest.fixture
def village(chain: FakeChain, fake: FakeNode) -> dict[bytes, bytes]:
    """The views of a chain that is long enough for a backfill."""
    fake.rpc.views = settle(chain)
    chain.mine_empty(150)
    return fake.rpc.views


async def test_history_is_audited_before_the_index_stops(
    village: dict[bytes, bytes], chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    silently(village)
    await follow(index, fake, audit=0)
    assert state(index) == AFTER
    assert index.rows(
        "SELECT kind, block_number, block_hash, origin FROM observations ORDER BY kind"
    ) == [(kind, chain.head.number, chain.head.hash, 1) for kind in KINDS]
    [(compared, differing, repaired)] = index.rows(
        "SELECT sum(compared), sum(differences), sum(repaired) FROM audits"
    )
    assert compared == 5
    assert repaired == differing == 5


async def test_an_index_that_agrees_is_left_alone(
    village: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    await follow(index, fake, audit=0)
    assert state(index) == BEFORE
    assert index.rows("SELECT findings FROM audits WHERE differences > 0") == []
    assert index.rows("SELECT contract, differences, not_compared FROM audits ORDER BY 1") == [
        (0, 0, 0),
        (1, 0, 0),
        (2, 0, 0),
    ]


async def test_without_an_audit_silence_is_believed(
    village: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    silently(village)
    await follow(index, fake)
    assert state(index) == BEFORE


async def test_history_is_audited_when_a_backfill_turns_live(
    village: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    silently(village)
    async with following(index, fake, audit=0) as follower:
        running = asyncio.create_task(follower.run())
        await becomes(lambda: index.value("SELECT count(*) FROM audits") == 3)
        running.cancel()
    assert state(index) == AFTER


async def test_slices_find_what_nobody_saw_once_it_is_final(
    village: dict[bytes, bytes], chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    await follow(index, fake)
    silently(village)
    async with following(index, fake, audit=0.05) as follower:
        running = asyncio.create_task(follower.run())
        await becomes(lambda: index.value("SELECT count(*) FROM observations") == len(KINDS))
        chain.mine_empty(3)
        await becomes(lambda: index.block() == chain.head.number)
        running.cancel()
    assert state(index) == AFTER
    final = index.value("SELECT min(block_number) FROM observations")
    assert final < chain.head.number
    assert index.value("SELECT is_active FROM groups_history WHERE until_block = %s", final)


async def test_a_reorg_takes_back_what_was_audited_and_the_next_audit_sees_it_again(
    village: dict[bytes, bytes], chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    honest = dict(village)
    silently(village)
    await follow(index, fake, audit=0)
    chain.fork(2)
    chain.mine_empty(3)
    fake.rpc.views = honest
    await follow(index, fake)
    assert state(index) == BEFORE
    fake.rpc.views = village
    await follow(index, fake, audit=0)
    assert state(index) == AFTER


async def test_a_node_without_state_is_not_taken_for_one_that_agrees(
    village: dict[bytes, bytes],
    fake: FakeNode,
    index: Index,
) -> None:
    fake.rpc.views = None
    with capture_logs() as lines, pytest.raises(NotAudited, match="run it again"):
        await follow(index, fake, audit=0)
    assert index.block() == len(fake.chain) - 1
    assert index.value("SELECT count(*) FROM audits") == 0
    assert any("stays unknown" in line["event"] for line in lines)


@pytest.mark.parametrize(
    "plant",
    [
        "DELETE FROM events WHERE log_index = 1",
        "UPDATE events SET data = data || '\\x00' WHERE log_index = 2",
        "UPDATE events SET topic1 = topic2, decoded = false WHERE log_index = 0",
        "INSERT INTO events SELECT block_number + 1, log_index, transaction_index,"
        " transaction_hash, contract, topic0, topic1, topic2, topic3, data, decoded, input,"
        " input_source FROM events",
        "UPDATE blocks SET timestamp = timestamp + interval '1 s' WHERE number = 1",
        "UPDATE blocks SET hash = '\\x66', timestamp = now() WHERE number ="
        " (SELECT max(number) FROM blocks, cursor WHERE 1 < number AND number < finalized_block)",
        "UPDATE cursor SET event_count = 7, undecoded_count = 7",
    ],
)
async def test_facts_that_are_not_the_chains_are_put_right_where_it_is_proven(
    plant: str, village: dict[bytes, bytes], chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.block_timestamps = True
    await follow(index, fake)
    chain.mine_empty(9)
    await follow(index, fake)
    before = all_of(index)
    with psycopg.connect(index.url, autocommit=True) as connection:
        assert connection.execute(plant.encode()).rowcount
    assert all_of(index) != before
    async with following(index, fake, audit=0.05) as follower:
        running = asyncio.create_task(follower.run())
        await becomes(lambda: all_of(index) == before)
        running.cancel()


def all_of(index: Index) -> list[Any]:
    return [index.everything(), index.rows("SELECT * FROM blocks ORDER BY number")]


async def test_a_stretch_that_a_node_failed_at_is_compared_before_all_is_said_to_be(
    village: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    await follow(index, fake)
    with psycopg.connect(index.url, autocommit=True) as connection:
        connection.execute("UPDATE events SET data = data || '\\x00' WHERE log_index = 2")
    node, reader, repairs = Node(Rpc([fake.url], patience=1)), Reader(index.url), Repairs(index.url)
    ledger = Ledger(
        reader,
        repairs,
        node,
        Fetcher(node, {address: contract for contract, address in ADDRESSES.items()}),
        most=1000,
    )
    moment, tally = reader.moment(None), Tally()
    assert moment is not None
    fake.faults.arm(Fault.SERVER_ERROR, times=None)
    with pytest.raises(Retryable):
        await ledger.step(moment, tally, patience=0)
    fake.faults.clear()
    while not ledger.done:
        await ledger.step(moment, tally, patience=0)
    await node.close()
    reader.close()
    repairs.close()
    assert len(tally.counts["events"].differences) == 1
    assert tally.counts["blocks"].compared == index.value("SELECT count(*) FROM blocks")


async def becomes(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.05)


async def test_an_audit_before_the_index_stops_begins_again_where_postgres_was_away(
    village: dict[bytes, bytes],
    chain: FakeChain,
    fake: FakeNode,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silently(village)
    honest, cuts = Repairs.judge, 0

    def cut(self: Repairs, verdict: dict[str, Any]) -> None:
        nonlocal cuts
        cuts += 1
        if cuts == 2:
            raise DatabaseUnavailable("Postgres does not answer")
        honest(self, verdict)

    monkeypatch.setattr(Repairs, "judge", cut)
    await follow(index, fake, audit=0)
    assert cuts > 2
    assert state(index) == AFTER


@pytest.mark.parametrize("turns", range(6))
async def test_an_audit_ends_at_whatever_moment_after_it_was_asked_for(
    fake: FakeNode, index: Index, turns: int
) -> None:
    """So many turns of the event loop later."""
    node = Node(Rpc([fake.url], patience=1))
    places = {address: contract for contract, address in ADDRESSES.items()}
    auditor = auditing(index, node, Fetcher(node, places), 60)
    auditor.begin()
    await asyncio.sleep(0.01)
    auditor.soon()
    for _ in range(turns):
        await asyncio.sleep(0)
    closing = asyncio.create_task(auditor.close())
    ended, _ = await asyncio.wait({closing}, timeout=10)
    await node.close()
    assert ended
