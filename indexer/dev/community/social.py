"""What people do in groups. Each function: a call that the contract would accept, or None."""

from indexer.dev.community.calls import Call
from indexer.dev.community.texts import DESCRIPTIONS, GROUPS
from indexer.dev.community.view import View
from indexer.dev.community.world import Group


def create(view: View) -> Call:
    """Somebody founds a group."""
    count = len(view.world.groups)
    avatar, name, description = GROUPS[count % len(GROUPS)]
    if count >= len(GROUPS):
        name = f"{name} {count // len(GROUPS) + 1}"
    limit = view.rng.choice((8, 20, 50, 200, 1000))
    public = view.rng.random() < 0.6
    args = (name, avatar, description, public, limit)
    return Call(sender=view.rng.choice(view.users), name="createGroup", args=args)


def join(view: View) -> Call | None:
    """Somebody joins, or asks to."""
    group = view.group()
    if group is None or not group.has_room():
        return None
    inside = {*group.members, *group.requests}
    user = view.one(user for user in view.users if user not in inside)
    return Call(sender=user, name="joinGroup", args=(group.id,)) if user else None


def invite(view: View) -> Call | None:
    """A member brings somebody along."""
    group = view.group()
    if group is None or not group.has_room():
        return None
    guest = view.one(user for user in view.users if user not in group.members)
    host = view.rng.choice(group.members if group.invites else _staff(group))
    return Call(sender=host, name="inviteMember", args=(group.id, guest)) if guest else None


def decide(view: View) -> Call | None:
    """An admin answers a request to join."""
    waiting = [g for g in view.world.groups.values() if g.active and g.requests]
    group = view.one(waiting)
    if group is None:
        return None
    name = "approveJoinRequest" if view.rng.random() < 0.75 else "rejectJoinRequest"
    guest = group.requests[0]
    if guest in group.members:  # approving would count that member twice
        name = "rejectJoinRequest"
    return Call(sender=view.rng.choice(_staff(group)), name=name, args=(group.id, guest))


def leave(view: View) -> Call | None:
    """A member goes."""
    group = view.group(people=4)
    user = view.one(_others(group)) if group else None
    return Call(sender=user, name="leaveGroup", args=(group.id,)) if group and user else None


def remove(view: View) -> Call | None:
    """An admin shows a member the door."""
    group = view.group(people=4)
    user = view.one(_plain(group)) if group else None
    if group is None or user is None:
        return None
    return Call(sender=view.rng.choice(_staff(group)), name="removeMember", args=(group.id, user))


def promote(view: View) -> Call | None:
    """The owner makes an admin, or takes it back."""
    group = view.group(people=3)
    user = view.one(_others(group)) if group else None
    if group is None or user is None:
        return None
    args = (group.id, user, user not in group.admins)
    return Call(sender=group.owner, name="setAdmin", args=args)


def hand_over(view: View) -> Call | None:
    """The owner gives the group to another member."""
    group = view.group(people=3)
    heir = view.one(_others(group)) if group else None
    if group is None or heir is None:
        return None
    return Call(sender=group.owner, name="transferOwnership", args=(group.id, heir))


def mute(view: View) -> Call | None:
    """An admin mutes a member, or lets that member speak again."""
    group = view.group(people=3)
    user = view.one(_plain(group)) if group else None
    if group is None or user is None:
        return None
    args = (group.id, user, user not in group.muted)
    return Call(sender=view.rng.choice(_staff(group)), name="muteMember", args=args)


def set_up(view: View) -> Call | None:
    """An admin changes the settings."""
    group = view.group()
    if group is None:
        return None
    rng = view.rng
    flags = (rng.random() < 0.6, rng.random() < 0.8, rng.random() < 0.4)
    limit = max(len(group.members) + 2, rng.choice((10, 30, 100, 500)))
    args = (group.id, *flags, limit, rng.random() < 0.1)
    return Call(sender=rng.choice(_staff(group)), name="updateGroupSettings", args=args)


def describe(view: View) -> Call | None:
    """An admin writes a new description, and leaves name and avatar as they are."""
    group = view.group()
    if group is None:
        return None
    args = (group.id, "", "", view.rng.choice(DESCRIPTIONS))
    return Call(sender=view.rng.choice(_staff(group)), name="updateGroupInfo", args=args)


def dissolve(view: View) -> Call | None:
    """The owner closes a group, while enough others live."""
    living = [group for group in view.world.groups.values() if group.active]
    if len(living) < 12:
        return None
    group = view.rng.choice(living)
    return Call(sender=group.owner, name="dissolveGroup", args=(group.id,))


def _staff(group: Group) -> list[str]:
    return [group.owner, *sorted(group.admins)]


def _others(group: Group) -> list[str]:
    return sorted({*group.members} - {group.owner})


def _plain(group: Group) -> list[str]:
    return sorted({*group.members} - {group.owner} - group.admins)
