"""Who hears of what."""

from typing import Any

import pytest

from indexer.effects.effect import PEOPLE, Audience, Finality, Kind, Whom, key
from indexer.effects.policy import POLICY, Happened, effects
from indexer.events.definitions import Event
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.definitions import red_packet as packet
from indexer.units import Address, Hash32, to_hex

ANN, BOB, CAT = (Address(bytes([n]) * 20) for n in (1, 2, 3))
GROUP, THING = Hash32(b"\x11" * 32), Hash32(b"\x22" * 32)

JOINED = chat.MemberJoined(GROUP, BOB, 9)
APPROVED = chat.JoinRequestApproved(GROUP, BOB, ANN, 9)
CANCELLED = pay.PaymentCancelled(THING, ANN, 9)


def told(event: Event, **how: Any) -> list[tuple[Any, ...]]:
    found = effects(Happened(event=event, **({"together": [event]} | how)))
    return [(one.kind, one.people, one.audiences, one.but) for one in found]


def whom(whom: Whom, of: Hash32) -> tuple[Audience, ...]:
    return (Audience(whom, of),)


ADMINS, MEMBERS = whom(Whom.ADMINS, GROUP), whom(Whom.MEMBERS, GROUP)
PARTICIPANTS, INITIATOR = whom(Whom.PARTICIPANTS, THING), whom(Whom.INITIATOR, THING)
SENDER = whom(Whom.SENDER, THING)

# fmt: off
CASES: list[tuple[Event, Any]] = [
    (JOINED, (Kind.JOINED, (), ADMINS, (BOB,))),
    (chat.RoleChanged(GROUP, BOB, 1, 9), (Kind.ROLE_CHANGED, (BOB,), (), ())),
    (chat.MemberMuted(GROUP, BOB, True, 9), (Kind.MUTED, (BOB,), (), ())),
    (chat.MemberRemoved(GROUP, BOB, ANN, 9), (Kind.REMOVED, (BOB,), (), ())),
    (chat.JoinRequestCreated(GROUP, BOB, 9), (Kind.JOIN_REQUESTED, (), ADMINS, ())),
    (APPROVED, (Kind.REQUEST_APPROVED, (BOB,), (), ())),
    (chat.JoinRequestRejected(GROUP, BOB, ANN, 9), (Kind.REQUEST_REJECTED, (BOB,), (), ())),
    (pay.PaymentCreated(THING, GROUP, ANN, 0, 5, 9),
     (Kind.PAYMENT_CREATED, (), PARTICIPANTS, (ANN,))),
    (pay.CrowdfundingCreated(THING, GROUP, ANN, 5, 9),
     (Kind.PAYMENT_CREATED, (), MEMBERS, (ANN,))),
    (pay.PaymentContributed(THING, BOB, 5, 9), (Kind.CONTRIBUTED, (), INITIATOR, (BOB,))),
    (pay.CrowdfundingBacked(THING, BOB, 5, 9), (Kind.CONTRIBUTED, (), INITIATOR, (BOB,))),
    (pay.PaymentCompleted(THING, 5, 9),
     (Kind.PAYMENT_COMPLETED, (), INITIATOR + PARTICIPANTS, ())),
    (CANCELLED, (Kind.PAYMENT_CANCELLED, (),
                 PARTICIPANTS + whom(Whom.CONTRIBUTORS, THING), (ANN,))),
    (pay.CrowdfundingCancelled(THING, ANN, 9),
     (Kind.PAYMENT_CANCELLED, (), whom(Whom.CONTRIBUTORS, THING), (ANN,))),
    (packet.RedPacketCreated(THING, GROUP, ANN, 0, 5, 2, 9),
     (Kind.PACKET_SENT, (), MEMBERS, (ANN,))),
    (packet.RedPacketCreated(THING, GROUP, ANN, 2, 5, 2, 9),
     (Kind.PACKET_SENT, (), whom(Whom.RECIPIENTS, THING), (ANN,))),
    (packet.RedPacketClaimed(THING, BOB, 5, 1, 9), (Kind.PACKET_CLAIMED, (), SENDER, (BOB,))),
    (packet.RedPacketCompleted(THING, 9), (Kind.PACKET_EMPTIED, (), SENDER, ())),
]
# fmt: on


@pytest.mark.parametrize(("event", "wanted"), CASES)
def test_an_event_tells_those_whom_it_concerns(event: Event, wanted: Any) -> None:
    assert told(event) == [wanted]


def test_every_line_of_the_table_is_tried() -> None:
    tried = {type(event) for event, _ in CASES}
    assert tried == {rule.of for _, rule in POLICY}


def test_who_was_invited_hears_of_it_and_who_asked_hears_the_answer_alone() -> None:
    assert told(JOINED, marked=True) == [(Kind.INVITED, (BOB,), (), ())]
    assert told(JOINED, together=[JOINED, APPROVED]) == []


@pytest.mark.parametrize(
    "event",
    [
        chat.MemberLeft(GROUP, BOB, 9),
        pay.RefundWithdrawn(BOB, 5),
        packet.RedPacketExpired(THING, 9),
    ],
)
def test_what_somebody_did_to_himself_tells_nobody(event: Event) -> None:
    assert told(event) == []


def test_a_crowdfunding_is_complete_with_the_contribution_that_reaches_its_target() -> None:
    backed = pay.CrowdfundingBacked(THING, BOB, 5, 9)
    everybody = INITIATOR + whom(Whom.CONTRIBUTORS, THING)
    assert told(backed, marked=True) == [
        (Kind.CONTRIBUTED, (), INITIATOR, (BOB,)),
        (Kind.PAYMENT_COMPLETED, (), everybody, ()),
    ]


def test_a_refund_is_told_with_its_own_cancellation() -> None:
    before = pay.CrowdfundingCancelled(Hash32(b"\x33" * 32), ANN, 9)
    together: list[Event] = [
        pay.RefundCredited(ANN, 1),
        before,
        pay.RefundCredited(CAT, 7),
        CANCELLED,
    ]
    [one] = effects(Happened(event=CANCELLED, together=together))
    assert one.refunds == {to_hex(CAT): "7"}
    assert one.finality is Finality.SAFE


def test_amounts_are_digits_and_bytes_are_hex() -> None:
    [one] = effects(Happened(event=pay.PaymentContributed(THING, BOB, 2**255, 9)))
    assert one.arguments == {
        "payment_id": to_hex(THING),
        "contributor": to_hex(BOB),
        "amount": str(2**255),
        "timestamp": "9",
    }


def test_a_key_is_of_one_block_log_kind_and_target() -> None:
    keys = {
        key(block, log, kind, target)
        for block in (GROUP, THING)
        for log in (1, 11)
        for kind in (Kind.INVITED, Kind.JOINED, Kind.CONTRIBUTED)
        for target in (PEOPLE, 1, 11)
    }
    assert len(keys) == 2 * 2 * 3 * 3
    assert {len(one) for one in keys} == {32}
