"""Folds of a group itself: its creation, settings, texts, owner and end."""

from typing import Final

from indexer.events.calls.group_chat import CreateGroup, UpdateGroupInfo, UpdateGroupSettings
from indexer.events.definitions import group_chat as chat
from indexer.events.views import SeenGroup
from indexer.projections import members, sources
from indexer.projections.rows import Group, Sources
from indexer.projections.world import Fact, World
from indexer.units import clamp_time, text

TEXTS: Final = ("name", "avatar", "description")
SETTINGS: Final = ("isPublic", "allowMemberInvite", "requireApproval", "maxMembers", "muteAll")


def created(world: World, event: chat.GroupCreated, fact: Fact) -> None:
    """The creator is the owner and the first member; no MemberJoined says so."""
    if world.groups.get(event.group_key) is not None:
        return
    cause = fact.cause if isinstance(fact.cause, CreateGroup | SeenGroup) else None
    group_id = world.preimages.find(event.group_key)
    group = Group(
        key=event.group_key,
        group_id=group_id,
        name=text(event.group_name),
        avatar=text(cause.group_avatar) if cause else "",
        description=text(cause.description) if cause else "",
        owner=event.owner,
        is_public=cause.is_public if cause else True,
        allow_member_invite=True,
        require_approval=not cause.is_public if cause else False,
        max_members=cause.max_members if cause else 0,
        mute_all=False,
        is_active=True,
        member_count=1,
        sources=_sources(fact, cause) | sources.ruled(group_id is not None, "groupId"),
        created_at=clamp_time(event.timestamp),
        created_block=fact.block,
        created_log=fact.log,
        updated_block=fact.block,
    )
    if isinstance(cause, SeenGroup):
        _set(group, cause)
    world.groups.born(group)
    members.enter(world, event.group_key, event.owner, members.OWNER, event.timestamp, fact)


def _sources(fact: Fact, cause: CreateGroup | SeenGroup | None) -> Sources:
    """A call says two of the settings; the contract sets the others by its rules."""
    if not isinstance(cause, CreateGroup):
        return sources.of(fact, cause, "avatar", "description", *SETTINGS)
    told = sources.of(fact, cause, "avatar", "description", "isPublic", "maxMembers")
    return told | sources.ruled(True, "allowMemberInvite", "requireApproval", "muteAll")


def settings_updated(world: World, event: chat.GroupSettingsUpdated, fact: Fact) -> None:
    cause = fact.cause if isinstance(fact.cause, UpdateGroupSettings | SeenGroup) else None
    if group := world.groups.change(event.group_key, fact.block):
        group.sources = group.sources | sources.of(fact, cause, *SETTINGS)
        if cause is not None:
            _set(group, cause)


def _set(group: Group, told: UpdateGroupSettings | SeenGroup) -> None:
    group.is_public = told.is_public
    group.allow_member_invite = told.allow_member_invite
    group.require_approval = told.require_approval
    group.max_members = told.max_members
    group.mute_all = told.mute_all


def info_updated(world: World, event: chat.GroupInfoUpdated, fact: Fact) -> None:
    """An empty text of the call keeps the old value; a view says what stands."""
    group = world.groups.change(event.group_key, fact.block)
    if group is None:
        return
    match fact.cause:
        case UpdateGroupInfo() as call:
            kept = {"name": call.name, "avatar": call.avatar, "description": call.description}
            for field in (changed := [field for field, value in kept.items() if value]):
                setattr(group, field, text(kept[field]))
            group.sources = group.sources | sources.of(fact, call, *changed)
        case SeenGroup() as seen:
            group.name, group.avatar = text(seen.group_name), text(seen.group_avatar)
            group.description = text(seen.description)
            group.sources = group.sources | sources.of(fact, seen, *TEXTS)
        case _:
            group.sources = group.sources | sources.of(fact, None, *TEXTS)


def dissolved(world: World, event: chat.GroupDissolved, fact: Fact) -> None:
    if group := world.groups.change(event.group_key, fact.block):
        group.is_active = False


def ownership_transferred(world: World, event: chat.GroupOwnershipTransferred, fact: Fact) -> None:
    members.hand_over(world, event.group_key, event.new_owner, fact.block)
