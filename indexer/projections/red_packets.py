"""Folds of red packets and their claims."""

from datetime import timedelta
from typing import Final

from indexer.events.calls.red_packet import (
    CreateExclusiveRedPacket,
    CreateFixedRedPacket,
    CreateRandomRedPacket,
)
from indexer.events.definitions import red_packet as packet
from indexer.projections.rows import Claim, Recipient, RedPacket
from indexer.projections.world import Fact, World
from indexer.units import LATEST_TIME, clamp_time, text

RANDOM: Final = 0
ACTIVE: Final = 0
COMPLETED: Final = 1
EXPIRED: Final = 2
REFUNDED: Final = 3
LIFE: Final = timedelta(seconds=86400)


def created(world: World, event: packet.RedPacketCreated, fact: Fact) -> None:
    if world.red_packets.get(event.red_packet_id) is not None:
        return
    call = fact.call if isinstance(fact.call, Creation) else None
    at = clamp_time(event.timestamp)
    world.red_packets.born(
        RedPacket(
            packet_id=event.red_packet_id,
            kind=event.packet_type,
            group_key=event.group_key,
            group_id=text(call.group_id) if call else None,
            sender=event.sender,
            message=text(call.message) if call else "",
            total_amount=event.total_amount,
            remaining_amount=event.total_amount,
            total_count=event.total_count,
            remaining_count=event.total_count,
            fixed_amount=_share(event),
            status=ACTIVE,
            created_at=at,
            expires_at=at + LIFE if at < LATEST_TIME - LIFE else LATEST_TIME,
            created_block=fact.block,
            created_log=fact.log,
            updated_block=fact.block,
        )
    )
    if isinstance(call, CreateExclusiveRedPacket):
        _address(world, event, call, fact.block)


Creation = CreateRandomRedPacket | CreateFixedRedPacket | CreateExclusiveRedPacket


def _share(event: packet.RedPacketCreated) -> int | None:
    """What each claimer of a fixed or exclusive packet gets: an equal part, rounded down."""
    if event.packet_type == RANDOM or event.total_count == 0:
        return None
    return event.total_amount // event.total_count


def _address(
    world: World, event: packet.RedPacketCreated, call: CreateExclusiveRedPacket, block: int
) -> None:
    for position, address in enumerate(call.recipients):
        world.recipients.born(
            Recipient(
                packet_id=event.red_packet_id,
                position=position,
                address=address,
                created_block=block,
            )
        )


def claimed(world: World, event: packet.RedPacketClaimed, fact: Fact) -> None:
    if row := world.red_packets.change(event.red_packet_id, fact.block):
        row.remaining_amount = max(0, row.remaining_amount - event.amount)
        row.remaining_count = max(0, row.remaining_count - 1)
    if world.claims.get((event.red_packet_id, event.claimer)) is None:
        world.claims.born(
            Claim(
                packet_id=event.red_packet_id,
                claimer=event.claimer,
                amount=event.amount,
                claim_order=event.order,
                claimed_at=clamp_time(event.timestamp),
                created_block=fact.block,
                created_log=fact.log,
            )
        )


def completed(world: World, event: packet.RedPacketCompleted, fact: Fact) -> None:
    if row := world.red_packets.change(event.red_packet_id, fact.block):
        row.status = COMPLETED


def expired(world: World, event: packet.RedPacketExpired, fact: Fact) -> None:
    """Comes after RedPacketRefunded, whose status is the one that stays."""
    row = world.red_packets.get(event.red_packet_id)
    if row is not None and row.status != REFUNDED:
        world.red_packets.change(event.red_packet_id, fact.block)
        row.status = EXPIRED


def refunded(world: World, event: packet.RedPacketRefunded, fact: Fact) -> None:
    if row := world.red_packets.change(event.red_packet_id, fact.block):
        row.remaining_amount = max(0, row.remaining_amount - event.amount)
        row.status = REFUNDED
