"""What people do in groups. An action returns its transactions, none where it is not possible."""

from benchmarks import texts
from benchmarks.entities import Bag, Group
from benchmarks.world import Sent, World
from indexer.events.calls import Call
from indexer.events.calls import group_chat as calls
from indexer.events.definitions import Contract, Event
from indexer.events.definitions import group_chat as chat
from indexer.units import Address, keccak

LIMITS = (10, 50, 50, 200, 500, 1000)


def _sent(sender: Address, call: Call, *events: Event) -> tuple[Sent, ...]:
    return (Sent(contract=Contract.GROUP_CHAT, sender=sender, call=call, events=events),)


def found(world: World) -> tuple[Sent, ...]:
    """Somebody creates a group, and is its owner and first member."""
    rng, owner = world.rng, world.somebody()
    number = world.number("group")
    group_id = b"group_%d" % number
    group = Group(
        id=group_id,
        key=keccak(group_id),
        name=texts.name(rng, number),
        avatar=texts.avatar(rng),
        description=texts.sentence(rng),
        owner=owner,
        is_public=(public := rng.random() < 0.7),
        approval=not public,
        limit=rng.choice(LIMITS),
        members=Bag([owner]),
    )
    world.begin_group(group)
    call = calls.CreateGroup(group.name, group.avatar, group.description, public, group.limit)
    return _sent(owner, call, chat.GroupCreated(group.key, group.name, owner, world.now))


def join(world: World) -> tuple[Sent, ...]:
    """Somebody enters, or asks to be let in."""
    group, user = world.any(world.groups), world.somebody()
    if group is None or not _has_room(group) or user in group.members:
        return ()
    call = calls.JoinGroup(group.id)
    if group.approval:
        group.requests.add(user)
        return _sent(user, call, chat.JoinRequestCreated(group.key, user, world.now))
    group.members.add(user)
    return _sent(user, call, chat.MemberJoined(group.key, user, world.now))


def invite(world: World) -> tuple[Sent, ...]:
    """A member brings somebody in."""
    group, guest = world.any(world.groups), world.somebody()
    if group is None or not _has_room(group) or guest in group.members:
        return ()
    host = group.members.draw(world.rng) if group.invites else _chief(world, group)
    group.members.add(guest)
    call = calls.InviteMember(group.id, guest)
    return _sent(host, call, chat.MemberJoined(group.key, guest, world.now))


def answer(world: World) -> tuple[Sent, ...]:
    """An owner or admin lets somebody in, or does not; whoever is in by now is turned down."""
    group = world.any(world.groups)
    if group is None or not group.requests:
        return ()
    user, chief = group.requests.draw(world.rng), _chief(world, group)
    group.requests.discard(user)
    if user in group.members or world.rng.random() < 0.15:
        call: Call = calls.RejectJoinRequest(group.id, user)
        return _sent(chief, call, chat.JoinRequestRejected(group.key, user, chief, world.now))
    group.members.add(user)
    return _sent(
        chief,
        calls.ApproveJoinRequest(group.id, user),
        chat.MemberJoined(group.key, user, world.now),
        chat.JoinRequestApproved(group.key, user, chief, world.now),
    )


def leave(world: World) -> tuple[Sent, ...]:
    """A member goes, or is sent away by the owner."""
    if (found := _subordinate(world)) is None:
        return ()
    group, member = found
    group.strike(member)
    if world.rng.random() < 0.7:
        event: Event = chat.MemberLeft(group.key, member, world.now)
        return _sent(member, calls.LeaveGroup(group.id), event)
    event = chat.MemberRemoved(group.key, member, group.owner, world.now)
    return _sent(group.owner, calls.RemoveMember(group.id, member), event)


def promote(world: World) -> tuple[Sent, ...]:
    """The owner makes a member an admin, or an admin a member."""
    if (found := _subordinate(world)) is None:
        return ()
    group, member = found
    admin = member not in group.admins
    (group.admins.add if admin else group.admins.discard)(member)
    event = chat.RoleChanged(group.key, member, int(admin), world.now)
    return _sent(group.owner, calls.SetAdmin(group.id, member, admin), event)


def mute(world: World) -> tuple[Sent, ...]:
    """The owner mutes a member, or lets one speak again."""
    if (found := _subordinate(world)) is None:
        return ()
    group, member = found
    muted = member not in group.muted
    (group.muted.add if muted else group.muted.discard)(member)
    event = chat.MemberMuted(group.key, member, muted, world.now)
    return _sent(group.owner, calls.MuteMember(group.id, member, muted), event)


def hand_over(world: World) -> tuple[Sent, ...]:
    """The owner makes a member the owner, and is an admin from now on."""
    if (found := _subordinate(world)) is None:
        return ()
    group, heir = found
    owner, group.owner = group.owner, heir
    group.admins.add(owner)
    group.admins.discard(heir)
    return _sent(
        owner,
        calls.TransferGroupOwnership(group.id, heir),
        chat.RoleChanged(group.key, heir, 2, world.now),
        chat.GroupOwnershipTransferred(group.key, owner, heir, world.now),
    )


def settle(world: World) -> tuple[Sent, ...]:
    """An owner or admin changes the settings."""
    if (group := world.any(world.groups)) is None:
        return ()
    rng, chief = world.rng, _chief(world, group)
    group.is_public, group.invites = rng.random() < 0.7, rng.random() < 0.8
    group.approval, group.mute_all = rng.random() < 0.3, rng.random() < 0.1
    group.limit = max(rng.choice(LIMITS), len(group.members))
    call = calls.UpdateGroupSettings(
        group.id, group.is_public, group.invites, group.approval, group.limit, group.mute_all
    )
    return _sent(chief, call, chat.GroupSettingsUpdated(group.key, chief, world.now))


def describe(world: World) -> tuple[Sent, ...]:
    """An owner or admin changes the texts; an empty one keeps the old."""
    if (group := world.any(world.groups)) is None:
        return ()
    rng, chief = world.rng, _chief(world, group)
    name = texts.name(rng, rng.randint(1, 9)) if rng.random() < 0.3 else b""
    avatar = texts.avatar(rng) if rng.random() < 0.3 else b""
    description = texts.sentence(rng) if rng.random() < 0.7 else b""
    group.name, group.avatar = name or group.name, avatar or group.avatar
    group.description = description or group.description
    call = calls.UpdateGroupInfo(group.id, name, avatar, description)
    return _sent(chief, call, chat.GroupInfoUpdated(group.key, chief, world.now))


def dissolve(world: World) -> tuple[Sent, ...]:
    """The owner ends a group."""
    if (group := world.any(world.groups)) is None:
        return ()
    group.active = False
    world.end_group(group)
    event = chat.GroupDissolved(group.key, group.owner, world.now)
    return _sent(group.owner, calls.DissolveGroup(group.id), event)


def _has_room(group: Group) -> bool:
    return group.active and len(group.members) < group.limit


def _chief(world: World, group: Group) -> Address:
    if group.admins and world.rng.random() < 0.5:
        return group.admins.draw(world.rng)
    return group.owner


def _subordinate(world: World) -> tuple[Group, Address] | None:
    """A group and a member of it that is not the owner."""
    group = world.any(world.groups)
    member = group.members.draw(world.rng) if group else None
    if group is None or member is None or member == group.owner:
        return None
    return group, member
