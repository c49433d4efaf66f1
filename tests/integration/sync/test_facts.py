"""Whatever our addresses say is kept as it was; nothing that they say stops the index."""

from collections.abc import Callable
from random import Random

import pytest

from indexer.errors import NodeUnavailable
from indexer.events.calls.group_chat import CreateGroup
from indexer.events.definitions import EVENTS, Contract
from indexer.events.definitions import group_chat as chat
from indexer.sync.status import status
from indexer.units import Address, keccak
from tests.fakes import FakeChain, FakeNode, Sent
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import ADDRESSES, STRANGER, calldata, log_of, mine, sent

CHAT = ADDRESSES[Contract.GROUP_CHAT]
ADA = Address(b"\xad" * 20)
CREATED = chat.GroupCreated(keccak(b"group_1"), b"\x00Tea\xff", ADA, 2**256 - 1)
CALL = CreateGroup(b"\x00Tea\xff", b"\xc3", b"", False, 2**256 - 1)
JOINED = keccak(b"MemberJoined(string,address,uint256)")


async def test_unknown_and_undecodable_logs_are_kept_raw_and_counted(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    garbage = [
        (CHAT, (), b""),
        (CHAT, (), b"\x01"),
        (CHAT, (b"\x77" * 32,), b"\x02" * 100),
        (CHAT, (JOINED,), b""),
        (CHAT, (JOINED, b"\x01" * 32, b"\xff" * 32), b"\x03" * 32),
        (CHAT, (JOINED,) * 4, b"\x04" * 1000),
        (STRANGER, (JOINED,), b""),
    ]
    chain.mine(garbage)
    chain.mine([log_of(Contract.GROUP_CHAT, CREATED)])
    await follow(index, fake)
    kept = index.rows(
        "SELECT topic0, topic1, topic2, topic3, data, decoded FROM events"
        " WHERE block_number = 1 ORDER BY log_index"
    )
    assert kept == [
        (*(*topics, None, None, None, None)[:4], data, False) for _, topics, data in garbage[:-1]
    ]
    assert index.rows("SELECT event_count, undecoded_count FROM cursor") == [(7, 6)]
    assert index.value("SELECT count(*) FROM groups") == 1
    lines = list(status(index.url))
    assert "events     7 (6 could not be decoded)" in lines
    assert sum(line.startswith("undecoded") for line in lines) == 3


async def test_undecoded_events_that_leave_the_chain_are_no_longer_counted(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine([(CHAT, (), b"")])
    chain.mine([(CHAT, (), b""), log_of(Contract.GROUP_CHAT, CREATED)])
    await follow(index, fake)
    assert index.rows("SELECT event_count, undecoded_count FROM cursor") == [(3, 2)]
    chain.fork(1)
    chain.mine_empty(2)
    await follow(index, fake)
    assert index.rows("SELECT event_count, undecoded_count FROM cursor") == [(1, 1)]


async def test_any_bytes_and_numbers_are_stored(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, CREATED, call=CALL)])
    await follow(index, fake)
    told = index.rows(
        "SELECT name, avatar, max_members::text, extract(year FROM created_at)::int FROM groups"
    )
    assert told == [("\ufffdTea\ufffd", "\ufffd", str(2**256 - 1), 9999)]
    assert index.value("SELECT input FROM events") == calldata(CALL)


@pytest.mark.parametrize("told", [True, False])
async def test_the_input_counts_only_where_it_agrees_with_the_event(
    told: bool, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    name = CREATED.group_name if told else b"another"
    call = CreateGroup(name, b"", b"words", False, 9)
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, CREATED, call=call)])
    await follow(index, fake)
    assert index.value("SELECT description FROM groups") == ("words" if told else "")
    assert (index.value("SELECT input FROM events") is not None) == told


async def test_where_the_call_is_nowhere_to_be_found_nothing_is_made_up(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    log = log_of(Contract.GROUP_CHAT, CREATED)
    chain.mine(transactions=[Sent(to=STRANGER, input=calldata(CALL)[:-1], logs=[log])])
    chain.mine(transactions=[Sent(to=None, input=calldata(CALL), logs=[(CHAT, (JOINED,), b"")])])
    await follow(index, fake)
    assert index.value("SELECT max_members::int FROM groups") == 0
    assert index.rows("SELECT DISTINCT input FROM events") == [(None,)]


async def test_an_input_that_the_node_does_not_tell_is_waited_for(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, CREATED, call=CALL)])
    refused = 2

    def forgetful(method: str, params: list[object], honest: object) -> object:
        nonlocal refused
        if method == "eth_getTransactionByHash" and refused:
            refused -= 1
            return None
        return honest

    fake.lie = forgetful
    fake.rpc.whole_blocks = False
    await follow(index, fake)
    assert refused == 0
    assert index.value("SELECT input FROM events") == calldata(CALL)


@pytest.mark.parametrize("timestamps", [True, False])
async def test_a_node_that_tells_times_with_its_logs_makes_no_difference(
    timestamps: bool, new_index: Callable[[], Index]
) -> None:
    chain = FakeChain(block_timestamps=timestamps)
    mine(chain, Random(1), 150, busy=0.3)
    plain = FakeChain()
    mine(plain, Random(1), 150, busy=0.3)
    index, other = new_index(), new_index()
    async with FakeNode(chain) as fake, FakeNode(plain) as reference:
        await follow(index, fake)
        await follow(other, reference)
    assert index.everything() == other.everything()


async def test_a_chain_without_blooms_is_indexed(
    chain: FakeChain, fake: FakeNode, new_index: Callable[[], Index]
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(2), 90, busy=0.5)
    await follow(other, fake)

    def without_blooms(method: str, params: list[object], honest: object) -> object:
        if isinstance(honest, dict) and "logsBloom" in honest:
            return {**honest, "logsBloom": "0x" + "00" * 256}
        return honest

    fake.lie = without_blooms
    await follow(index, fake)
    assert index.everything() == other.everything()


@pytest.mark.parametrize(
    "oddity",
    [
        {"transactionIndex": None},
        {"logIndex": "0x"},
        {"logIndex": "7"},
        {"logIndex": "0x100000000"},
    ],
    ids=str,
)
async def test_logs_without_a_proper_place_are_not_believed(
    oddity: dict[str, str | None], chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(3), 3, busy=1.0)

    def odd(method: str, params: list[object], honest: object) -> object:
        if method == "eth_getLogs" and isinstance(honest, list):
            return [log | oddity for log in honest]
        return honest

    fake.lie = odd
    with pytest.raises(NodeUnavailable, match=r"eth_getLogs: .*[iI]ndex"):
        await follow(index, fake, patience=0.2)
    assert index.block() == 0
    fake.lie = None
    await follow(index, fake)
    assert index.block() == 3


async def test_a_block_with_very_many_logs_is_indexed(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    group = keccak(b"group_1")
    joined = [chat.MemberJoined(group, Address(number.to_bytes(20)), 0) for number in range(12_000)]
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, CREATED, call=CALL)])
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, *joined)])
    chain.mine_empty(80)
    await follow(index, fake)
    assert index.value("SELECT member_count FROM groups") == 12_001
    assert index.value("SELECT count(*) FROM members") == 12_001


async def test_every_event_of_the_interface_is_decoded(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(11), 60, busy=1.0)
    await follow(index, fake)
    decoded = index.rows("SELECT DISTINCT contract, topic0 FROM events WHERE decoded")
    assert set(decoded) == {(int(spec.contract), bytes(spec.topic0)) for spec in EVENTS}
