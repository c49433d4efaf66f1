"""What events leave unsaid is found, by whichever way there is, and kept as it was found."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode

from indexer.events.calls.group_chat import CreateGroup, UpdateGroupInfo, UpdateGroupSettings
from indexer.events.calls.group_payment import CreateAAPayment
from indexer.events.calls.red_packet import CreateExclusiveRedPacket
from indexer.events.causes import Source, cause
from indexer.events.decode import decode
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions.group_payment import CrowdfundingCreated, PaymentCreated
from indexer.events.definitions.red_packet import RedPacketCreated
from indexer.events.views import questions
from indexer.units import Hash32, keccak
from tests.fakes import Called, FakeChain, FakeNode, Fault, Sent
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import ADDRESSES, STRANGER, calldata, log_of
from tests.unit.events import answers
from tests.unit.events.answers import ADA, BOB, ID

CHAT, PAYMENT, PACKET = (ADDRESSES[one] for one in Contract)
LUNCH, EMOJI = b"lunch", "🍜".encode() * 75
FIRST = chat.GroupCreated(keccak(b"group_1"), b"tea", ADA, 1)
SECOND = chat.GroupCreated(keccak(b"group_2"), b"tea", ADA, 1)
SETTINGS = chat.GroupSettingsUpdated(keccak(b"group_1"), ADA, 1)
INFO = chat.GroupInfoUpdated(keccak(b"group_1"), ADA, 1)
BILL = PaymentCreated(ID, keccak(LUNCH), ADA, 1, 5, 1)
ROOF_ID = Hash32(b"\x2d" * 32)
ROOF = CrowdfundingCreated(ROOF_ID, keccak(EMOJI), ADA, 5, 1)
GIFT = RedPacketCreated(ID, keccak(EMOJI), ADA, 2, 9, 2, 1)

GREEN = CreateGroup(b"tea", b"green", b"", True, 5)
BLACK = CreateGroup(b"tea", b"black", b"", False, 6)
SPLIT = CreateAAPayment(LUNCH, 5, (ADA, BOB), b"eat", 7)
GIVE = CreateExclusiveRedPacket(EMOJI, (ADA, BOB), b"hi")


def wrapped(*calls: Any) -> bytes:
    """The input of a batch that a stranger passes on."""
    datas = [(STRANGER, calldata(call)) for call in calls]
    return b"\x25\x2d\xba\x42" + encode(["(address,bytes)[]"], datas and [datas])


def through(*events: Any, contract: Contract = Contract.GROUP_CHAT, **more: Any) -> Sent:
    return Sent(to=STRANGER, logs=[log_of(contract, event) for event in events], **more)


def kept(index: Index) -> list[tuple[Any, ...]]:
    return index.rows("SELECT input, input_source FROM events ORDER BY block_number, log_index")


async def test_a_trace_tells_what_took_effect_and_in_which_order(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    fake.rpc.traces = True
    undone = Called(to=CHAT, input=calldata(CreateGroup(b"tea", b"undone", b"", True, 5)))
    calls = [
        Called(to=STRANGER, failed=True, calls=[undone]),
        Called(to=STRANGER, calls=[Called(to=CHAT, input=calldata(BLACK))]),
        Called(to=PAYMENT, input=calldata(SPLIT)),
        Called(to=CHAT, input=calldata(GREEN)),
    ]
    chain.mine(transactions=[through(FIRST, SECOND, input=wrapped(GREEN), calls=calls)])
    await follow(index, fake)
    assert index.rows("SELECT avatar, max_members::int FROM groups ORDER BY group_id") == [
        ("black", 6),
        ("green", 5),
    ]
    assert kept(index) == [(calldata(BLACK), Source.TRACE), (calldata(GREEN), Source.TRACE)]
    [(sources,)] = index.rows("SELECT sources FROM groups WHERE group_id = 'group_1'")
    assert (sources["avatar"], sources["muteAll"], sources["groupId"]) == ("trace", "rule", "rule")


async def test_a_node_without_traces_is_asked_once_and_the_input_searched(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    for first in range(1, 7, 2):
        a, b = (keccak(b"group_%d" % n) for n in (first, first + 1))
        events = [chat.GroupCreated(key, b"tea", ADA, 1) for key in (a, b)]
        chain.mine(transactions=[through(*events, input=wrapped(GREEN, BLACK))])
        chain.mine_empty(70)
    await follow(index, fake, most=10)
    assert (
        kept(index)
        == [
            (calldata(GREEN), Source.EMBEDDED),
            (calldata(BLACK), Source.EMBEDDED),
        ]
        * 3
    )
    assert fake.methods["debug_traceTransaction"] <= 3
    assert fake.methods["eth_call"] == 0


async def test_a_direct_call_needs_nothing_but_its_transaction(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    fake.rpc.traces = True
    log = log_of(Contract.GROUP_CHAT, FIRST)
    chain.mine(transactions=[Sent(to=CHAT, input=calldata(GREEN), logs=[log])])
    await follow(index, fake)
    assert kept(index) == [(calldata(GREEN), Source.DIRECT)]
    assert fake.methods["debug_traceTransaction"] == fake.methods["eth_call"] == 0


async def test_what_no_call_tells_the_views_do(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    views: dict[Any, list[bytes]] = {
        FIRST: [answers.group(b"group_1")],
        SETTINGS: [answers.group(b"group_1")],
        INFO: [answers.group(b"group_1", name="新".encode())],
        BILL: [answers.payment(LUNCH)],
        ROOF: [answers.crowdfunding(EMOJI, ROOF_ID)],
        GIFT: [answers.packet(EMOJI, 2), answers.recipients(BOB, ADA)],
    }
    fake.rpc.views = {
        question: answer
        for event, parts in views.items()
        for question, answer in zip(questions(event, b"group_1"), parts, strict=True)
    }
    chain.mine(transactions=[through(FIRST)])
    chain.mine(transactions=[through(SETTINGS, INFO)])
    chain.mine(transactions=[through(BILL, ROOF, contract=Contract.GROUP_PAYMENT)])
    chain.mine(transactions=[through(GIFT, contract=Contract.RED_PACKET)])
    await follow(index, fake)
    assert {source for _, source in kept(index)} == {Source.VIEW}
    [(name, most, muted, sources)] = index.rows(
        "SELECT name, max_members, mute_all, sources FROM groups"
    )
    assert (name, int(most), muted) == ("新", answers.MOST, True)
    assert {sources[field] for field in sources if field != "groupId"} == {"view"}
    [bill, roof] = index.rows(
        "SELECT group_id, per_person_amount::int, description, sources FROM payments ORDER BY kind"
    )
    assert roof[:3] == (EMOJI.decode(), None, "leaks")
    assert set(roof[3].values()) == {"view"}
    assert bill[:3] == ("lunch", 2, "eat")
    assert (bill[3]["participants"], bill[3]["deadlineSeconds"]) == ("unknown", "view")
    [gift] = index.rows("SELECT group_id, message, sources FROM red_packets")
    assert gift[:2] == (EMOJI.decode(), "hi")
    assert (gift[2]["recipients"], gift[2]["fixedAmount"]) == ("view", "rule")
    assert index.rows("SELECT address FROM recipients ORDER BY position") == [(BOB,), (ADA,)]


@pytest.mark.parametrize("traces", [True, False])
@pytest.mark.parametrize("group_id", [b"lunch", b"group1", EMOJI], ids=["lunch", "group1", "emoji"])
async def test_the_id_that_a_caller_made_up_is_recovered_from_the_input(
    group_id: bytes, traces: bool, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    fake.rpc.traces = traces
    split = CreateAAPayment(group_id, 5, (ADA, BOB), b"eat", 7)
    give = CreateExclusiveRedPacket(group_id, (ADA, BOB), b"hi")
    bill = PaymentCreated(ID, keccak(group_id), ADA, 1, 5, 1)
    gift = RedPacketCreated(ID, keccak(group_id), ADA, 2, 9, 2, 1)
    made = [(Contract.GROUP_PAYMENT, bill, split), (Contract.RED_PACKET, gift, give)]
    chain.mine(
        transactions=[
            through(event, contract=one, input=wrapped(call), calls=[called(one, call)])
            for one, event, call in made
        ]
    )
    await follow(index, fake)
    both = index.rows("SELECT group_id FROM payments UNION ALL SELECT group_id FROM red_packets")
    assert both == [(group_id.decode(),)] * 2
    assert index.value("SELECT count(*) FROM participants") == 2
    assert index.value("SELECT count(*) FROM recipients") == 2


def called(contract: Contract, call: Any) -> Called:
    return Called(to=ADDRESSES[contract], input=calldata(call))


async def test_nothing_to_be_had_leaves_defaults_that_say_so(
    chain: FakeChain, fake: FakeNode, new_index: Callable[[], Index]
) -> None:
    strange = chat.GroupCreated(keccak(b"no number"), b"tea", ADA, 1)
    chain.mine(transactions=[through(FIRST, SETTINGS, INFO, strange)])
    chain.mine(transactions=[through(BILL, ROOF, contract=Contract.GROUP_PAYMENT)])
    chain.mine(transactions=[through(GIFT, contract=Contract.RED_PACKET)])
    for pruned in (False, True):
        index = new_index()
        fake.rpc.views = None if pruned else {}
        await follow(index, fake)
        assert set(kept(index)) == {(None, None)}
        found = {
            table: index.rows(f"SELECT sources FROM {table}")
            for table in ("groups", "payments", "red_packets")
        }
        assert [len(rows) for rows in found.values()] == [2, 2, 1]
        for (sources,) in (row for rows in found.values() for row in rows):
            ruled = {field for field, word in sources.items() if word == "rule"}
            assert ruled <= {"groupId", "expiresAt", "fixedAmount"}
            assert {sources[field] for field in sources.keys() - ruled} == {"unknown"}


@pytest.mark.parametrize("told", [None, {}, "0x", [], {"type": "CALL", "calls": 7}], ids=str)
async def test_nonsense_instead_of_a_trace_is_no_trace(
    told: Any, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    fake.rpc.traces = True
    fake.lie = lambda method, _, honest: told if method.startswith("debug_") else honest
    chain.mine(transactions=[through(FIRST, input=wrapped(GREEN))])
    await follow(index, fake)
    assert kept(index) == [(calldata(GREEN), Source.EMBEDDED)]


async def test_what_is_kept_is_all_that_a_replay_needs(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    fake.rpc.views = {questions(ROOF, None)[0]: answers.crowdfunding(EMOJI, ROOF_ID)}
    change = UpdateGroupSettings(b"group_1", False, True, True, 8, True)
    text = UpdateGroupInfo(b"group_1", b"", b"red", b"")
    chain.mine(transactions=[through(FIRST, SETTINGS, INFO, input=wrapped(GREEN, change, text))])
    chain.mine(transactions=[through(ROOF, contract=Contract.GROUP_PAYMENT)])
    await follow(index, fake)
    query = "SELECT contract, topic0, topic1, topic2, topic3, data, input, input_source FROM events"
    causes = []
    for contract, *topics, data, input, source in index.rows(query + " ORDER BY block_number"):
        event = decode(Contract(contract), [one for one in topics if one is not None], data)
        assert event is not None
        causes.append(cause(Contract(contract), event, input, source))
    assert causes[:3] == [GREEN, change, text]
    assert type(causes[3]).__name__ == "SeenCrowdfunding"


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.INTERNAL, Fault.CUT_JSON, Fault.NULL])
async def test_a_node_that_fails_at_traces_alone_stops_nothing(
    fault: Fault, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    fake.rpc.traces = True
    fake.faults.arm(fault, times=None, method="debug_traceTransaction")
    chain.mine(transactions=[through(FIRST, input=wrapped(GREEN))])
    await follow(index, fake)
    assert kept(index) == [(calldata(GREEN), Source.EMBEDDED)]


async def test_a_node_that_traces_is_asked_where_the_first_one_does_not(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    calls = [Called(to=CHAT, input=calldata(BLACK))]
    chain.mine(transactions=[through(FIRST, calls=calls)])
    async with FakeNode(chain) as other:
        other.rpc.traces = True
        await follow(index, fake, other)
        assert kept(index) == [(calldata(BLACK), Source.TRACE)]
        assert fake.methods["debug_traceTransaction"] == 1
        assert other.methods["debug_traceTransaction"] == 1
