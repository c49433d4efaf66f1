"""Red packets and their claims."""

import pytest

from indexer.events.calls.red_packet import (
    CreateExclusiveRedPacket,
    CreateFixedRedPacket,
    CreateRandomRedPacket,
)
from indexer.events.definitions import red_packet as packet
from indexer.projections.rows import RedPacket
from indexer.units import LATEST_TIME, UINT256_MAX, Address, Hash32, clamp_time
from tests.unit.projections.tale import ADA, BOB, EVE, GROUP, NOON, Tale

PACKET = Hash32(b"\x70" * 32)
RANDOM, FIXED, EXCLUSIVE = 0, 1, 2
ACTIVE, COMPLETED, EXPIRED, REFUNDED = 0, 1, 2, 3


def created(
    kind: int = RANDOM, amount: int = 100, count: int = 3, at: int = NOON
) -> packet.RedPacketCreated:
    return packet.RedPacketCreated(PACKET, GROUP, ADA, kind, amount, count, at)


def claim(who: Address, amount: int, order: int = 1) -> packet.RedPacketClaimed:
    return packet.RedPacketClaimed(PACKET, who, amount, order, NOON)


def red_packet(tale: Tale) -> RedPacket:
    row = tale.world().red_packets.get(PACKET)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("kind", "call", "share"),
    [
        (RANDOM, CreateRandomRedPacket(b"group_1", 3, b"hi"), None),
        (FIXED, CreateFixedRedPacket(b"group_1", 3, b"hi"), 33),
        (EXCLUSIVE, CreateExclusiveRedPacket(b"group_1", (BOB, EVE, BOB), b"hi"), 33),
    ],
)
def test_a_packet_has_what_its_call_says(
    kind: int,
    call: CreateRandomRedPacket | CreateFixedRedPacket | CreateExclusiveRedPacket,
    share: int | None,
) -> None:
    tale = Tale().say(created(kind), call=call)
    row = red_packet(tale)
    assert (row.kind, row.group_id, row.message, row.fixed_amount) == (kind, "group_1", "hi", share)
    assert (row.remaining_amount, row.remaining_count, row.status) == (100, 3, ACTIVE)
    named = [one.address for one in tale.world().recipients.rows.values() if one]
    assert named == ([BOB, EVE, BOB] if kind == EXCLUSIVE else [])


def test_a_packet_of_which_only_the_event_is_known_is_there_all_the_same() -> None:
    row = red_packet(Tale().say(created(FIXED)))
    assert (row.group_id, row.message, row.fixed_amount) == (None, "", 33)


def test_a_packet_lives_a_day_or_to_the_end_of_the_calendar() -> None:
    assert red_packet(Tale().say(created())).expires_at == clamp_time(NOON + 86400)
    for late in (253_402_300_799 - 86_399, 253_402_300_799, UINT256_MAX):
        row = red_packet(Tale().say(created(at=late)))
        assert row.expires_at == LATEST_TIME


def test_a_packet_for_nobody_has_no_share() -> None:
    assert red_packet(Tale().say(created(FIXED, count=0))).fixed_amount is None


def test_claims_take_their_share_until_the_packet_is_complete() -> None:
    tale = Tale().say(created()).block(2).say(claim(BOB, 60, 1)).say(claim(EVE, 30, 2))
    row = red_packet(tale)
    assert (row.remaining_amount, row.remaining_count, row.status) == (10, 1, ACTIVE)
    tale.say(claim(ADA, 10, 3), packet.RedPacketCompleted(PACKET, NOON))
    row = red_packet(tale)
    assert (row.remaining_amount, row.remaining_count, row.status) == (0, 0, COMPLETED)
    claims = [row for row in tale.world().claims.rows.values() if row]
    assert [(one.claimer, one.amount, one.claim_order) for one in claims] == [
        (BOB, 60, 1),
        (EVE, 30, 2),
        (ADA, 10, 3),
    ]


def test_the_first_claim_of_an_address_is_the_one_that_is_kept() -> None:
    tale = Tale().say(created()).say(claim(BOB, 60, 1)).block(2).say(claim(BOB, 40, 2))
    kept = tale.world().claims.get((PACKET, BOB))
    assert kept is not None
    assert (kept.amount, kept.created_block) == (60, 1)


def test_more_claims_than_there_is_leave_nothing() -> None:
    tale = Tale().say(created(count=1)).say(claim(BOB, UINT256_MAX)).say(claim(EVE, 1))
    row = red_packet(tale)
    assert (row.remaining_amount, row.remaining_count) == (0, 0)


def test_a_refunded_packet_stays_refunded_though_it_expires_after() -> None:
    tale = Tale().say(created()).say(claim(BOB, 60))
    tale.say(packet.RedPacketRefunded(PACKET, ADA, 40, NOON), packet.RedPacketExpired(PACKET, NOON))
    row = red_packet(tale)
    assert (row.status, row.remaining_amount, row.remaining_count) == (REFUNDED, 0, 2)


def test_a_packet_that_only_expires_is_expired() -> None:
    assert (
        red_packet(Tale().say(created(), packet.RedPacketExpired(PACKET, NOON))).status == EXPIRED
    )


def test_a_second_creation_of_the_same_packet_is_ignored() -> None:
    again = CreateExclusiveRedPacket(b"group_1", (EVE,), b"hi")
    tale = Tale().say(created()).say(claim(BOB, 60))
    tale.block(2).say(created(EXCLUSIVE, 7, 1), call=again)
    row = red_packet(tale)
    assert (row.kind, row.remaining_amount, row.updated_block) == (RANDOM, 40, 1)
    assert tale.world().recipients.rows == {}


def test_claims_of_an_unknown_packet_are_kept() -> None:
    tale = Tale().say(claim(BOB, 60)).say(packet.RedPacketCompleted(PACKET, NOON))
    tale.say(packet.RedPacketRefunded(PACKET, ADA, 1, NOON), packet.RedPacketExpired(PACKET, NOON))
    world = tale.world()
    assert world.red_packets.rows == {}
    assert world.claims.get((PACKET, BOB)) is not None
