"""Folds of membership: who is in a group, as what, and who asks to be let in."""

from typing import Final

from indexer.events.definitions import group_chat as chat
from indexer.projections.rows import JoinRequest, Member
from indexer.projections.world import Fact, World
from indexer.units import Address, Hash32, clamp_time

MEMBER: Final = 0
ADMIN: Final = 1
OWNER: Final = 2
MOST: Final = 2**31 - 1
"""Members that a group's count goes up to: what its column holds."""


def joined(world: World, event: chat.MemberJoined, fact: Fact) -> None:
    """Counts even somebody who is in already, as the contract does: the record starts afresh."""
    enter(world, event.group_key, event.member, MEMBER, event.timestamp, fact)
    _count(world, event.group_key, 1, fact.block)


def left(world: World, event: chat.MemberLeft | chat.MemberRemoved, fact: Fact) -> None:
    world.members.erase((event.group_key, event.member), fact.block)
    _count(world, event.group_key, -1, fact.block)


def enter(
    world: World, group: Hash32, address: Address, role: int, timestamp: int, fact: Fact
) -> None:
    """Gives the address a new record in the group, in place of any that it has."""
    world.members.erase((group, address), fact.block)
    world.members.born(
        Member(
            group_key=group,
            address=address,
            role=role,
            is_muted=False,
            joined_at=clamp_time(timestamp),
            joined_block=fact.block,
            joined_log=fact.log,
            updated_block=fact.block,
        )
    )


def _count(world: World, group: Hash32, by: int, block: int) -> None:
    if row := world.groups.change(group, block):
        row.member_count = min(max(0, row.member_count + by), MOST)


def role_changed(world: World, event: chat.RoleChanged, fact: Fact) -> None:
    if event.new_role == OWNER:
        hand_over(world, event.group_key, event.member, fact.block)
    else:
        _set_role(world, event.group_key, event.member, event.new_role, fact.block)


def hand_over(world: World, group: Hash32, to: Address, block: int) -> None:
    """Makes `to` the owner; the owner until now becomes an admin, of which no event tells."""
    row = world.groups.get(group)
    if row is not None and row.owner != to:
        _set_role(world, group, row.owner, ADMIN, block)
        world.groups.change(group, block)
        row.owner = to
    _set_role(world, group, to, OWNER, block)


def _set_role(world: World, group: Hash32, address: Address, role: int, block: int) -> None:
    if member := world.members.change((group, address), block):
        member.role = role


def muted(world: World, event: chat.MemberMuted, fact: Fact) -> None:
    if member := world.members.change((event.group_key, event.member), fact.block):
        member.is_muted = event.muted


def requested(world: World, event: chat.JoinRequestCreated, fact: Fact) -> None:
    """A request that is repeated while it is pending is the newer one."""
    world.join_requests.erase((event.group_key, event.requester), fact.block)
    world.join_requests.born(
        JoinRequest(
            group_key=event.group_key,
            requester=event.requester,
            requested_at=clamp_time(event.timestamp),
            requested_block=fact.block,
            requested_log=fact.log,
            updated_block=fact.block,
        )
    )


def answered(
    world: World, event: chat.JoinRequestApproved | chat.JoinRequestRejected, fact: Fact
) -> None:
    """Takes the request away. Being invited meanwhile does not: the contract keeps it pending."""
    world.join_requests.erase((event.group_key, event.requester), fact.block)
