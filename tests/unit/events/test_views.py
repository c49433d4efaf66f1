"""A view's answer counts only for the entity that was asked about, and it survives being stored."""

from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from indexer.events.calls.group_chat import CreateGroup
from indexer.events.causes import Source, cause
from indexer.events.definitions import Contract, Event
from indexer.events.definitions.group_chat import GroupCreated, GroupInfoUpdated, MemberJoined
from indexer.events.definitions.group_payment import CrowdfundingCreated, PaymentCreated
from indexer.events.definitions.red_packet import RedPacketCreated
from indexer.events.views import (
    SeenCrowdfunding,
    SeenGroup,
    SeenPayment,
    SeenRedPacket,
    joined,
    questions,
    seen,
)
from indexer.units import Address, Hash32, keccak
from tests.unit.events.answers import ADA, BOB, ID, crowdfunding, group, packet, payment, recipients
from tests.unit.events.encodings import calldata

GROUP = b"group_1"
KEY, OTHER = keccak(GROUP), keccak(b"group_2")
CREATED = GroupCreated(KEY, b"tea", ADA, 1)
PAID = PaymentCreated(ID, KEY, ADA, 1, 5, 1)
RAISED = CrowdfundingCreated(ID, KEY, ADA, 5, 1)
FILLED = RedPacketCreated(ID, KEY, ADA, 2, 9, 2, 1)
RANDOM = RedPacketCreated(ID, KEY, ADA, 0, 9, 2, 1)

FIT: list[tuple[Event, list[bytes], type[Any]]] = [
    (CREATED, [group(GROUP)], SeenGroup),
    (GroupInfoUpdated(KEY, BOB, 1), [group(GROUP)], SeenGroup),
    (PAID, [payment(GROUP)], SeenPayment),
    (RAISED, [crowdfunding(GROUP)], SeenCrowdfunding),
    (FILLED, [packet(GROUP, 2), recipients(ADA, BOB)], SeenRedPacket),
    (RANDOM, [packet(GROUP, 0)], SeenRedPacket),
]
MISFIT: list[tuple[Event, list[bytes]]] = [
    (GroupCreated(OTHER, b"tea", ADA, 1), [group(GROUP)]),
    (PaymentCreated(Hash32(b"\1" * 32), KEY, ADA, 1, 5, 1), [payment(GROUP)]),
    (PaymentCreated(ID, KEY, BOB, 1, 5, 1), [payment(GROUP)]),
    (CrowdfundingCreated(ID, OTHER, ADA, 5, 1), [crowdfunding(GROUP)]),
    (FILLED, [packet(GROUP, 2), recipients(ADA)]),
    (FILLED, [packet(GROUP, 2)]),
    (RANDOM, [packet(GROUP, 2)]),
    (MemberJoined(KEY, ADA, 1), [group(GROUP)]),
    *((event, [b""] * len(parts)) for event, parts, _ in FIT),
    *((event, [part[:-32] for part in parts]) for event, parts, _ in FIT[2:]),
]


@pytest.mark.parametrize(("event", "parts", "kind"), FIT)
def test_an_answer_about_the_event_s_entity_is_read(
    event: Event, parts: list[bytes], kind: type[Any]
) -> None:
    told = seen(event, joined(parts))
    assert type(told) is kind
    assert len(questions(event, GROUP)) == len(parts)
    assert cause(Contract.GROUP_CHAT, event, joined(parts), Source.VIEW) == told


@pytest.mark.parametrize(("event", "parts"), MISFIT)
def test_an_answer_about_anything_else_is_none(event: Event, parts: list[bytes]) -> None:
    assert seen(event, joined(parts)) is None


@given(st.binary(max_size=600), st.integers(0, 1400))
def test_no_answer_whatever_raises(noise: bytes, at: int) -> None:
    for event, parts, _ in FIT:
        seen(event, noise)
        whole = joined(parts)
        seen(event, whole[:at] + noise[:32] + whole[at + 32 :])


def test_each_field_is_read_from_its_place() -> None:
    told = seen(CREATED, joined([group(GROUP)]))
    assert isinstance(told, SeenGroup)
    assert (told.group_avatar, told.description) == (b"ipfs://a", "关于".encode())
    assert (told.is_public, told.allow_member_invite, told.require_approval) == (False, True, False)
    assert (told.max_members, told.mute_all, told.is_active) == (2**256 - 1, True, True)
    gift = seen(FILLED, joined([packet(GROUP, 2), recipients(ADA, BOB)]))
    assert isinstance(gift, SeenRedPacket)
    assert (gift.message, gift.recipients) == (b"hi", (ADA, BOB))


def test_a_group_whose_id_is_unknown_cannot_be_asked_for() -> None:
    assert questions(CREATED, None) == ()
    assert questions(MemberJoined(KEY, ADA, 1), GROUP) == ()
    asked = encode(["bytes"], [b"group_1"])
    assert questions(CREATED, GROUP) == (keccak(b"getGroup(string)")[:4] + asked,)


@given(st.lists(st.binary(max_size=100), max_size=3))
def test_several_answers_are_put_together_as_solidity_would(parts: list[bytes]) -> None:
    assert joined(parts) == encode(["bytes"] * len(parts), parts)


def test_a_stored_call_is_read_only_where_it_agrees_and_has_a_source() -> None:
    call = CreateGroup(b"tea", b"a", b"", True, 9)
    stored = calldata(call)
    for source in (Source.DIRECT, Source.TRACE, Source.EMBEDDED):
        assert cause(Contract.GROUP_CHAT, CREATED, stored, source) == call
    other = GroupCreated(KEY, b"coffee", Address(ADA), 1)
    assert cause(Contract.GROUP_CHAT, other, stored, Source.DIRECT) is None
    assert cause(Contract.GROUP_CHAT, CREATED, stored, None) is None
    assert cause(Contract.GROUP_CHAT, CREATED, None, None) is None
