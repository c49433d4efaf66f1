"""Folds of observations: what stands gives way where the contract says otherwise.

An observation that agrees with what is known changes nothing. Where it differs, the chain is right:
something changed without an event, or a cause was read wrongly. In the latter case it sets even
what never changes, which only a fold of the whole entity can (`sync/refold.py`).
"""

from collections.abc import Mapping
from typing import Any

from indexer.events.abi import camel
from indexer.events.observations import (
    GroupObserved,
    JoinRequestObserved,
    MemberObserved,
    PaymentObserved,
    RecipientsObserved,
    RedPacketObserved,
)
from indexer.events.views import SeenPayment
from indexer.projections import members
from indexer.projections.groups import SETTINGS, TEXTS
from indexer.projections.payments import AA_PAYMENT, CROWDFUNDING_FIELDS
from indexer.projections.red_packets import EXCLUSIVE, RANDOM
from indexer.projections.rows import Recipient, Sources
from indexer.projections.sources import UNKNOWN, VIEW
from indexer.projections.world import Fact, World
from indexer.units import Address, Hash32, clamp_time, text


def group(world: World, event: GroupObserved, fact: Fact) -> None:
    seen, row = event.seen, world.groups.get(event.group_key)
    told = {
        "name": text(seen.group_name),
        "avatar": text(seen.group_avatar),
        "description": text(seen.description),
        "owner": seen.owner,
        "is_public": seen.is_public,
        "allow_member_invite": seen.allow_member_invite,
        "require_approval": seen.require_approval,
        "max_members": seen.max_members,
        "mute_all": seen.mute_all,
        "is_active": seen.is_active,
        "member_count": min(seen.member_count, members.MOST),
    }
    if row is not None and (new := _news(row, told, row.sources, (*TEXTS, *SETTINGS))):
        world.groups.change(event.group_key, fact.block)
        _set(row, new, told)


def member(world: World, event: MemberObserved, fact: Fact) -> None:
    """Nobody joins by being observed: every way into a group has its event."""
    key, seen = (event.group_key, event.member), event.seen
    row = world.members.get(key)
    if row is None:
        return
    if seen.member != event.member:
        world.members.erase(key, fact.block)
        return
    told = {
        "role": seen.role,
        "is_muted": seen.is_muted,
        "joined_at": clamp_time(seen.joined_at),
    }
    if any(getattr(row, name) != value for name, value in told.items()):
        world.members.change(key, fact.block)
        for name, value in told.items():
            setattr(row, name, value)


def join_request(world: World, event: JoinRequestObserved, fact: Fact) -> None:
    """No request is made by being observed: every one has its event."""
    if not event.pending:
        world.join_requests.erase((event.group_key, event.requester), fact.block)


def payment(world: World, event: PaymentObserved, fact: Fact) -> None:
    row = world.payments.get(event.payment_id)
    if row is None:
        return
    told: dict[str, Any] = {
        "group_id": text(event.seen.group_id),
        "target_amount": event.seen.target_amount,
        "collected_amount": event.seen.collected_amount,
        "description": text(event.seen.description),
        "deadline_seconds": event.seen.deadline,
        "status": event.seen.status,
    }
    if isinstance(event.seen, SeenPayment):
        fields: tuple[str, ...] = ("groupId", "description", "deadlineSeconds")
        if row.kind == AA_PAYMENT:
            told["per_person_amount"] = event.seen.per_person_amount
            fields = (*fields, "perPersonAmount")
    else:
        told |= {"title": text(event.seen.title), "min_contribution": event.seen.min_contribution}
        fields = CROWDFUNDING_FIELDS
    if new := _news(row, told, row.sources, fields):
        world.payments.change(event.payment_id, fact.block)
        _set(row, new, told)


def red_packet(world: World, event: RedPacketObserved, fact: Fact) -> None:
    row, seen = world.red_packets.get(event.red_packet_id), event.seen
    if row is None:
        return
    told: dict[str, Any] = {
        "group_id": text(seen.group_id),
        "message": text(seen.message),
        "remaining_amount": seen.remaining_amount,
        "remaining_count": seen.remaining_count,
        "status": seen.status,
    }
    if row.kind != RANDOM:
        told["fixed_amount"] = seen.fixed_amount
    if new := _news(row, told, row.sources, ("groupId", "message")):
        world.red_packets.change(event.red_packet_id, fact.block)
        _set(row, new, told)


def recipients(world: World, event: RecipientsObserved, fact: Fact) -> None:
    """Whoever a packet is for, it was for from the beginning."""
    row, packet = world.red_packets.get(event.red_packet_id), event.red_packet_id
    before = _addressed(world, packet)
    if row is None or row.kind != EXCLUSIVE or before == event.recipients:
        return
    for position in range(len(before)):
        world.recipients.rows[packet, position] = None
    for position, address in enumerate(event.recipients):
        born = row.created_block
        world.recipients.born(
            Recipient(packet_id=packet, position=position, address=address, created_block=born)
        )
    world.red_packets.change(packet, fact.block)
    row.sources = row.sources | {"recipients": VIEW}


def _addressed(world: World, packet: Hash32) -> tuple[Address, ...]:
    """The recipients that are known."""
    found: list[Address] = []
    while (row := world.recipients.get((packet, len(found)))) is not None:
        found.append(row.address)
    return tuple(found)


Row = Any
"""A row with `sources`."""


def _news(
    row: Row, told: Mapping[str, Any], known: Sources, unsaid: tuple[str, ...]
) -> dict[str, str]:
    """The sources of what is told anew: what differs, and what was not known before."""
    differing = {camel(name) for name, value in told.items() if getattr(row, name) != value}
    unknown = {name for name in unsaid if known.get(name) == UNKNOWN}
    return dict.fromkeys(sorted(differing | unknown), VIEW)


def _set(row: Row, new: Mapping[str, str], told: Mapping[str, Any]) -> None:
    for name, value in told.items():
        setattr(row, name, value)
    row.sources = row.sources | new
