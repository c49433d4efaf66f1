"""A call agrees with an event when both say the same, and only then."""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from indexer.events.calls import CALLS
from indexer.events.calls.group_chat import CreateGroup, UpdateGroupInfo, UpdateGroupSettings
from indexer.events.calls.group_payment import (
    CreateAAPayment,
    CreateCrowdfunding,
    CreateGroupCollection,
)
from indexer.events.calls.red_packet import (
    CreateExclusiveRedPacket,
    CreateFixedRedPacket,
    CreateRandomRedPacket,
)
from indexer.events.definitions import EVENTS, Contract, Event
from indexer.events.definitions.group_chat import (
    GroupCreated,
    GroupInfoUpdated,
    GroupSettingsUpdated,
    MemberJoined,
)
from indexer.events.definitions.group_payment import CrowdfundingCreated, PaymentCreated
from indexer.events.definitions.red_packet import RedPacketCreated
from indexer.events.inputs import CAUSES, NEEDS_INPUT, agrees
from indexer.units import Address, Hash32

WHO, ID, NOW = Address(bytes(range(1, 21))), Hash32(b"\7" * 32), 1_700_000_000
GROUP, OTHER = b"group_1", b"group_2"
KEY, OTHER_KEY = Hash32(keccak(GROUP)), Hash32(keccak(OTHER))

AGREE: list[tuple[Event, Any]] = [
    (GroupCreated(KEY, b"tea", WHO, NOW), CreateGroup(b"tea", b"a", b"d", True, 9)),
    (
        GroupSettingsUpdated(KEY, WHO, NOW),
        UpdateGroupSettings(GROUP, True, False, True, 9, False),
    ),
    (GroupInfoUpdated(KEY, WHO, NOW), UpdateGroupInfo(GROUP, b"n", b"a", b"d")),
    (PaymentCreated(ID, KEY, WHO, 0, 5, NOW), CreateGroupCollection(GROUP, 5, (WHO,), b"d", NOW)),
    (PaymentCreated(ID, KEY, WHO, 1, 5, NOW), CreateAAPayment(GROUP, 5, (WHO,), b"d", NOW)),
    (CrowdfundingCreated(ID, KEY, WHO, 5, NOW), CreateCrowdfunding(GROUP, 5, 1, b"t", b"d", NOW)),
    (RedPacketCreated(ID, KEY, WHO, 0, 5, 2, NOW), CreateRandomRedPacket(GROUP, 2, b"m")),
    (RedPacketCreated(ID, KEY, WHO, 1, 5, 2, NOW), CreateFixedRedPacket(GROUP, 2, b"m")),
    (
        RedPacketCreated(ID, KEY, WHO, 2, 5, 2, NOW),
        CreateExclusiveRedPacket(GROUP, (WHO, WHO), b"m"),
    ),
]

DISAGREE: list[tuple[Event, Any]] = [
    (GroupCreated(KEY, b"tea", WHO, NOW), CreateGroup(b"tea\0", b"a", b"d", True, 9)),
    (GroupSettingsUpdated(KEY, WHO, NOW), UpdateGroupSettings(OTHER, True, True, True, 9, False)),
    (GroupInfoUpdated(KEY, WHO, NOW), UpdateGroupInfo(OTHER, b"n", b"a", b"d")),
    (PaymentCreated(ID, KEY, WHO, 0, 6, NOW), CreateGroupCollection(GROUP, 5, (), b"d", NOW)),
    (PaymentCreated(ID, OTHER_KEY, WHO, 1, 5, NOW), CreateAAPayment(GROUP, 5, (), b"d", NOW)),
    (CrowdfundingCreated(ID, KEY, WHO, 6, NOW), CreateCrowdfunding(GROUP, 5, 1, b"t", b"d", NOW)),
    (RedPacketCreated(ID, KEY, WHO, 0, 5, 3, NOW), CreateRandomRedPacket(GROUP, 2, b"m")),
    (RedPacketCreated(ID, KEY, WHO, 2, 5, 2, NOW), CreateExclusiveRedPacket(GROUP, (WHO,), b"m")),
]


@pytest.mark.parametrize(("event", "call"), AGREE)
def test_a_call_agrees_with_the_event_that_it_causes(event: Event, call: Any) -> None:
    assert agrees(event, call)


@pytest.mark.parametrize(("event", "call"), DISAGREE)
def test_a_call_disagrees_when_a_value_differs(event: Event, call: Any) -> None:
    assert not agrees(event, call)


def test_a_call_agrees_with_no_event_of_another_kind() -> None:
    for event, cause in AGREE:
        assert [call for _, call in AGREE if agrees(event, call)] == [cause]


def test_an_event_that_tells_everything_agrees_with_no_call() -> None:
    assert not any(agrees(MemberJoined(KEY, WHO, NOW), call) for _, call in AGREE)


def test_every_cause_is_tried_here() -> None:
    tried = {(type(event), type(call)) for event, call in AGREE}
    assert tried == {(event, call) for event, calls in CAUSES.items() for call in calls}


def test_what_needs_an_input_belongs_to_the_contract_of_its_causes() -> None:
    at: dict[type, Contract] = {spec.cls: spec.contract for spec in EVENTS}
    at |= {spec.cls: spec.contract for spec in CALLS}
    assert all(at[event] is at[call] for event, calls in CAUSES.items() for call in calls)
    assert {spec.cls for spec in EVENTS if spec.topic0 in NEEDS_INPUT} == set(CAUSES)
