"""dchat verify against a node whose every answer can be changed."""

import asyncio
from typing import Any

import msgspec
import pytest

from indexer.audit.check import of_address, of_member, of_name
from indexer.audit.report import DIFFERENT, NOTHING, SAME
from indexer.audit.verify import verify
from indexer.db.connection import connect
from indexer.errors import BlockGone, ConfigError, NodeUnavailable, NothingIndexed
from indexer.settings import Settings
from tests.fakes import FakeChain, FakeNode
from tests.integration.audit.contracts import Contracts, village
from tests.integration.audit.village import ADA, BOB, CAT, TEA, member
from tests.integration.indexing import Index, follow

Report = dict[str, Any]


async def verified(
    index: Index, fake: FakeNode, *, block: int | None = None, sample: int | None = None
) -> tuple[Report, int]:
    """The JSON, and the exit code."""
    settings = Settings(rpc_urls=(fake.url,), rpc_patience=0.5)
    lines, code = await asyncio.to_thread(
        verify, settings, index.url, block=block, sample=sample, json=True
    )
    [line] = lines
    return msgspec.json.decode(line), code


def found(report: Report) -> list[tuple[str, str]]:
    return [(one["source"], one["field"]) for one in report["found"]]


def counted(report: Report, name: str) -> tuple[int, int]:
    """How much was compared of a view or table, and how much not."""
    [one] = [each for each in report["checks"] if each["name"] == name]
    return one["compared"], one["notCompared"]


@pytest.fixture
async def views(fake: FakeNode, index: Index) -> dict[bytes, bytes]:
    """What the contracts of an indexed village answer."""
    told = village(fake)
    fake.chain.mine_empty(5)
    await follow(index, fake)
    return told


@pytest.mark.parametrize("aggregates", [False, True])
async def test_where_all_is_equal_nothing_differs(
    aggregates: bool, views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    assert isinstance(fake.rpc, Contracts)
    fake.rpc.aggregates = aggregates
    report, code = await verified(index, fake)
    assert (report["found"], code, report["notCompared"]) == ([], SAME, 0)
    assert report["compared"] > 30
    assert report["block"]["number"] == 6
    assert fake.rpc.by_sender == ["0x" + ADA.hex()]
    readings = {one["name"]: one["reading"] for one in report["checks"] if one["reading"]}
    assert readings == {
        "pendingRefunds": "does not exist: refunds are sent, not credited",
        "getGroupPayments": "lists crowdfundings too",
    }


@pytest.mark.parametrize("aggregates", [False, True])
async def test_an_answer_that_differs_is_told_with_the_facts_behind_it(
    aggregates: bool, views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    assert isinstance(fake.rpc, Contracts)
    fake.rpc.aggregates = aggregates
    views[of_member("getMember", TEA, BOB)] = member(BOB, muted=True)
    report, code = await verified(index, fake)
    [one] = report["found"]
    assert code == DIFFERENT
    assert (one["source"], one["field"], one["index"], one["chain"]) == (
        "getMember",
        "isMuted",
        False,
        True,
    )
    assert one["of"].lower() == "0x" + BOB.hex()
    assert one["events"] == [{"id": "1-1", "name": "MemberJoined"}]
    assert one["observations"] == []


async def test_a_request_that_is_no_longer_pending_differs(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    del views[of_member("rejectJoinRequest", TEA, CAT)]
    report, _ = await verified(index, fake)
    assert found(report) == [("rejectJoinRequest", "joinRequest")]


async def test_a_request_is_not_compared_where_the_admin_is_none(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    views[of_member("getMember", TEA, ADA)] = member(ADA, role=0)
    report, _ = await verified(index, fake)
    assert found(report) == [("getMember", "role")]
    assert counted(report, "rejectJoinRequest") == (0, 1)


async def test_who_is_listed_and_not_known_is_asked_about(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    with connect(index.url) as connection:
        connection.execute("DELETE FROM members WHERE address = %s", [BOB])
    report, _ = await verified(index, fake)
    assert found(report) == [("members", "row"), ("isMember", "isMember")]


@pytest.mark.parametrize("aggregates", [False, True])
async def test_what_a_pruned_node_cannot_tell_is_not_equal(
    aggregates: bool, views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    assert isinstance(fake.rpc, Contracts)
    fake.rpc.aggregates = aggregates
    fake.rpc.views = None
    report, code = await verified(index, fake)
    assert (code, report["found"]) == (NOTHING, [])
    assert counted(report, "getGroup") == counted(report, "rejectJoinRequest") == (0, 1)
    assert counted(report, "eth_getBalance") == (0, 2)
    assert counted(report, "groups") == (1, 0)
    assert any("no state that old" in one["why"] for one in report["reasons"])


async def test_an_answer_of_nothing_is_none(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    views[of_name("getGroup", TEA)] = b""
    report, code = await verified(index, fake)
    assert code == SAME
    assert counted(report, "getGroup") == (0, 1)


async def test_money_that_is_owed_and_not_there_differs(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    with connect(index.url) as connection:
        connection.execute("UPDATE payments SET collected_amount = 5")
    report, _ = await verified(index, fake)
    assert ("eth_getBalance", "wei") in found(report)
    assert isinstance(fake.rpc, Contracts)
    fake.rpc.balances = dict.fromkeys(["0x" + "c1" * 20], 5)
    report, _ = await verified(index, fake)
    assert ("eth_getBalance", "wei") not in found(report)


async def test_a_log_that_the_index_lacks_or_has_alone_is_told(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    with connect(index.url) as connection:
        connection.execute("DELETE FROM events WHERE log_index = 3")
        connection.execute("UPDATE events SET log_index = 9 WHERE log_index = 2")
        connection.execute("UPDATE events SET data = 'x' WHERE log_index = 0")
    report, _ = await verified(index, fake)
    told = [
        (one["entity"]["key"], one["field"], one["index"], one["chain"])
        for one in report["found"]
        if one["source"] == "events" and one["field"] != "data"
    ]
    assert told == [
        ("event 1-2", "event", None, "there"),
        ("event 1-3", "event", None, "there"),
        ("event 1-9", "event", "there", None),
    ]
    assert ("events", "data") in found(report)
    assert ("cursor", "event_count") in found(report)


@pytest.mark.parametrize("sample", [None, 3])
async def test_a_block_that_is_not_the_node_s_is_told(
    sample: int | None, views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    with connect(index.url) as connection:
        connection.execute("UPDATE blocks SET timestamp = 'epoch' WHERE number = 5")
        connection.execute("UPDATE blocks SET hash = '\\x77' WHERE number = 4")
    report, _ = await verified(index, fake, sample=sample)
    assert found(report) == [("blocks", "hash"), ("blocks", "timestamp")]


async def test_a_sample_leaves_the_logs_alone(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    asked = fake.methods["eth_getLogs"]
    report, code = await verified(index, fake, sample=1)
    assert (code, report["sample"]) == (SAME, 1)
    assert fake.methods["eth_getLogs"] == asked
    assert counted(report, "getUserGroups") == (1, 0)


async def test_an_earlier_block_is_compared_with_the_index_as_it_was_then(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    report, code = await verified(index, fake, block=2)
    assert (report["block"]["number"], code) == (2, SAME)
    report, code = await verified(index, fake, block=1)
    assert counted(report, "getGroup") == (1, 0)


@pytest.mark.parametrize("block", [0, 7])
async def test_a_block_that_is_not_indexed_is_refused(
    block: int, views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    with pytest.raises(ConfigError, match=f"--block {block} is not indexed: give one from 1 to 6"):
        await verified(index, fake, block=block)


async def test_before_anything_is_indexed_nothing_is_compared(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    with pytest.raises(NothingIndexed):
        await verified(index, fake)


async def test_a_block_that_has_left_the_chain_is_said_to(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    fake.chain.fork(2)
    fake.chain.mine_empty(4)
    with pytest.raises(BlockGone, match="block 6 left the chain meanwhile: run"):
        await verified(index, fake)


async def test_a_block_that_leaves_the_chain_meanwhile_is_said_to(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    def forks(method: str, params: list[Any], honest: Any) -> Any:
        if method == "eth_call" and len(fake.chain) == 7:
            fake.chain.fork(2)
            fake.chain.mine_empty(4)
        return honest

    fake.lie = forks
    with pytest.raises(BlockGone):
        await verified(index, fake)


async def test_an_index_that_leaves_the_block_meanwhile_is_seen(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    def moves(method: str, params: list[Any], honest: Any) -> Any:
        if method == "eth_call":
            with connect(index.url) as connection:
                connection.execute("UPDATE blocks SET hash = '\\x88' WHERE number = 6")
        return honest

    fake.lie = moves
    with pytest.raises(BlockGone):
        await verified(index, fake)


async def test_a_node_that_lags_is_waited_for_and_then_given_up(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    fake.rpc.lag = 1
    waiting = asyncio.create_task(verified(index, fake))
    await asyncio.sleep(0.1)
    fake.rpc.lag = 0
    assert (await waiting)[1] == SAME


async def test_a_node_that_is_down_ends_it(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    await fake.stop()
    with pytest.raises(NodeUnavailable):
        await verified(index, fake)


async def test_people_are_told_what_was_compared_and_what_differs(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    views[of_address("getUserPayments", ADA)] = b"\xff"
    settings = Settings(rpc_urls=(fake.url,))
    lines, code = await asyncio.to_thread(
        verify, settings, index.url, block=None, sample=100, json=False
    )
    assert code == DIFFERENT
    assert lines[0].startswith("chain 31337, block 6 (0x")
    assert any(line.split() == ["getGroup", "1", "1", "0", "0"] for line in lines)
    [told] = [line for line in lines if line.startswith("user 0x")]
    assert "getUserPayments, answer: the index has nothing, not no encoding" in told
    assert lines[-1].startswith("1 differences, ")


async def test_a_node_that_refuses_long_ranges_is_asked_for_short_ones(
    views: dict[bytes, bytes], fake: FakeNode, index: Index
) -> None:
    fake.rpc.max_range = 1
    report, code = await verified(index, fake)
    assert (code, counted(report, "events")) == (SAME, (4, 0))
