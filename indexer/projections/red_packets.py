"""Folds of red packets and their claims."""

from datetime import timedelta
from typing import Final

from indexer.events.calls.red_packet import (
    CreateExclusiveRedPacket,
    CreateFixedRedPacket,
    CreateRandomRedPacket,
)
from indexer.events.definitions import red_packet as packet
from indexer.events.views import SeenRedPacket
from indexer.projections import sources
from indexer.projections.rows import Claim, Recipient, RedPacket, Sources
from indexer.projections.world import Fact, World
from indexer.units import LATEST_TIME, clamp_time, text

RANDOM: Final = 0
EXCLUSIVE: Final = 2
ACTIVE: Final = 0
COMPLETED: Final = 1
EXPIRED: Final = 2
REFUNDED: Final = 3
LIFE: Final = timedelta(seconds=86400)


def created(world: World, event: packet.RedPacketCreated, fact: Fact) -> None:
    if world.red_packets.get(event.red_packet_id) is not None:
        return
    cause = fact.cause if isinstance(fact.cause, Creation) else None
    at = clamp_time(event.timestamp)
    world.red_packets.born(
        RedPacket(
            packet_id=event.red_packet_id,
            kind=event.packet_type,
            group_key=event.group_key,
            group_id=text(cause.group_id) if cause else None,
            sender=event.sender,
            message=text(cause.message) if cause else "",
            total_amount=event.total_amount,
            remaining_amount=event.total_amount,
            total_count=event.total_count,
            remaining_count=event.total_count,
            fixed_amount=_share(event),
            status=ACTIVE,
            sources=_sources(event, fact, cause),
            created_at=at,
            expires_at=at + LIFE if at < LATEST_TIME - LIFE else LATEST_TIME,
            created_block=fact.block,
            created_log=fact.log,
            updated_block=fact.block,
        )
    )
    if isinstance(cause, CreateExclusiveRedPacket | SeenRedPacket):
        _address(world, event, cause, fact.block)


Creation = CreateRandomRedPacket | CreateFixedRedPacket | CreateExclusiveRedPacket | SeenRedPacket


def _sources(event: packet.RedPacketCreated, fact: Fact, cause: Creation | None) -> Sources:
    told = sources.of(fact, cause, "groupId", "message") | sources.ruled(True, "expiresAt")
    if event.packet_type == EXCLUSIVE:
        told |= sources.of(fact, cause, "recipients")
    return told if event.packet_type == RANDOM else told | sources.ruled(True, "fixedAmount")


def _share(event: packet.RedPacketCreated) -> int | None:
    """What each claimer of a fixed or exclusive packet gets: an equal part, rounded down."""
    if event.packet_type == RANDOM or event.total_count == 0:
        return None
    return event.total_amount // event.total_count


def _address(
    world: World,
    event: packet.RedPacketCreated,
    cause: CreateExclusiveRedPacket | SeenRedPacket,
    block: int,
) -> None:
    for position, address in enumerate(cause.recipients):
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
