"""What the deployed contracts change without an event is seen within a block of its transaction."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode

from indexer.events.calls import Call
from indexer.events.calls.group_chat import (
    DissolveGroup,
    MuteMember,
    RejectJoinRequest,
    UpdateGroupInfo,
)
from indexer.events.calls.group_payment import CancelCrowdfunding
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.events.observations import Kind
from indexer.units import Address
from tests.fakes import FakeChain, FakeNode, Sent
from tests.integration.audit.village import (
    ADA,
    BOB,
    CAT,
    FUND,
    KEY,
    TEA,
    member,
    question,
    settle,
)
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import ADDRESSES, STRANGER, calldata, sent
from tests.unit.events import answers

CHAT, PAYMENT = ADDRESSES[Contract.GROUP_CHAT], ADDRESSES[Contract.GROUP_PAYMENT]
MUTED = "SELECT is_muted FROM members WHERE address = %s"


def by(address: Address, call: Call, to: bytes = CHAT) -> Sent:
    """A transaction of which no event tells."""
    return Sent(to=to, input=calldata(call), sender=address)


@pytest.fixture
async def village(chain: FakeChain, fake: FakeNode, index: Index) -> Index:
    """A group of Ada's with Bob in it, Cat at the door, and a crowdfunding."""
    fake.rpc.views = settle(chain)
    await follow(index, fake)
    return index


async def test_a_mute_without_an_event_is_seen_in_its_block(
    village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    assert fake.rpc.views is not None
    chain.mine(transactions=[by(ADA, MuteMember(TEA, BOB, True))])
    fake.rpc.views[question(Kind.MEMBER, KEY, BOB)] = member(BOB, muted=True)
    await follow(village, fake)
    assert village.value(MUTED, BOB)
    assert village.rows("SELECT block_number, block_hash, kind, origin FROM observations") == [
        (2, chain.head.hash, Kind.MEMBER, 0)
    ]


async def test_what_was_seen_goes_with_its_block(
    village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    await test_a_mute_without_an_event_is_seen_in_its_block(village, chain, fake)
    chain.fork(1)
    chain.mine_empty(2)
    await follow(village, fake)
    assert not village.value(MUTED, BOB)
    assert village.rows("TABLE observations") == []


async def test_texts_and_the_end_of_a_group_are_seen(
    village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    assert fake.rpc.views is not None
    made = [by(ADA, UpdateGroupInfo(TEA, b"coffee", b"", b"")), by(ADA, DissolveGroup(TEA))]
    chain.mine(transactions=made)
    fake.rpc.views[question(Kind.GROUP, KEY)] = answers.group(TEA, name=b"coffee", active=False)
    await follow(village, fake)
    [(name, active, sources)] = village.rows("SELECT name, is_active, sources FROM groups")
    assert (name, active) == ("coffee", False)
    assert sources["name"] == sources["isActive"] == "view"
    assert village.value("SELECT count(*) FROM observations") == 1


@pytest.mark.parametrize("pending", [True, False])
async def test_a_rejection_is_known_by_asking_whether_an_admin_could_reject(
    pending: bool, village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    assert fake.rpc.views is not None
    chain.mine(transactions=[by(ADA, RejectJoinRequest(TEA, CAT))])
    if not pending:
        del fake.rpc.views[question(Kind.JOIN_REQUEST, KEY, CAT)]
    await follow(village, fake)
    assert village.value("SELECT count(*) FROM join_requests") == pending


async def test_a_refusal_to_somebody_who_is_no_admin_says_nothing(
    village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    assert fake.rpc.views is not None
    chain.mine(transactions=[by(BOB, RejectJoinRequest(TEA, CAT))])
    fake.rpc.views[question(Kind.MEMBER, KEY, BOB)] = member(BOB)
    del fake.rpc.views[question(Kind.JOIN_REQUEST, KEY, CAT)]
    await follow(village, fake)
    assert village.value("SELECT count(*) FROM join_requests") == 1
    assert village.rows("TABLE observations") == []


async def test_the_state_of_the_block_that_a_node_is_just_making_is_not_taken(
    village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    """A dev chain that mines meanwhile answers with it what is asked about the block before."""
    assert fake.rpc.views is not None
    chain.mine(transactions=[by(ADA, UpdateGroupInfo(TEA, b"coffee", b"", b""))])
    views, ask = fake.rpc.views, question(Kind.GROUP, KEY)
    views[ask] = answers.group(TEA, name=b"coffee", count=2)
    early = iter([answers.group(TEA, name=b"milk", count=3)])

    def ahead(method: str, params: list[Any], honest: Any) -> Any:
        if method == "eth_call" and params[0]["data"] == "0x" + ask.hex():
            return "0x" + next(early, views[ask]).hex()
        return honest

    fake.lie = ahead
    await follow(village, fake)
    assert village.rows("SELECT name, member_count FROM groups") == [("coffee", 2)]


async def test_a_crowdfunding_cancelled_through_a_wallet_is_seen(
    village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    assert fake.rpc.views is not None
    inner = calldata(CancelCrowdfunding(FUND))
    outer = b"\x12\x34\x56\x78" + encode(["address", "bytes"], ["0x" + PAYMENT.hex(), inner])
    chain.mine(transactions=[Sent(to=STRANGER, input=outer)])
    fake.rpc.views[question(Kind.CROWDFUNDING, FUND)] = answers.crowdfunding(TEA, FUND, status=2)
    await follow(village, fake)
    assert village.rows("SELECT kind, status, title FROM payments") == [(2, 2, "roof")]


async def test_what_an_event_tells_is_not_asked(
    village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    asked: list[str] = []
    honest = fake.rpc.answer

    def counting(method: str, params: list[object]) -> bytes:
        asked.append(method)
        return honest(method, params)

    fake.rpc.answer = counting  # type: ignore[method-assign]
    muted = chat.MemberMuted(KEY, BOB, True, 100)
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, muted, call=MuteMember(TEA, BOB, True))])
    await follow(village, fake)
    assert village.value(MUTED, BOB)
    assert "eth_call" not in asked


NODES: dict[str, Callable[[FakeNode], None]] = {
    "without state": lambda fake: setattr(fake.rpc, "views", None),
    "that reverts": lambda fake: setattr(fake.rpc, "views", {}),
    "that talks nonsense": lambda fake: setattr(
        fake.rpc, "views", {question(Kind.MEMBER, KEY, BOB): b"\xff" * 95}
    ),
}


@pytest.mark.parametrize("node", NODES)
async def test_a_node_that_does_not_tell_stops_nothing(
    node: str, village: Index, chain: FakeChain, fake: FakeNode
) -> None:
    chain.mine(transactions=[by(ADA, MuteMember(TEA, BOB, True))])
    NODES[node](fake)
    await follow(village, fake)
    assert village.block() == 2
    assert village.rows("TABLE observations") == []
