"""Folds of a group itself: its creation, settings, texts, owner and end."""

from indexer.events.calls.group_chat import CreateGroup, UpdateGroupInfo, UpdateGroupSettings
from indexer.events.definitions import group_chat as chat
from indexer.projections import members
from indexer.projections.rows import Group
from indexer.projections.world import Fact, World
from indexer.units import clamp_time, text


def created(world: World, event: chat.GroupCreated, fact: Fact) -> None:
    """The creator is the owner and the first member; no MemberJoined says so."""
    if world.groups.get(event.group_key) is not None:
        return
    call = fact.call if isinstance(fact.call, CreateGroup) else None
    world.groups.born(
        Group(
            key=event.group_key,
            group_id=world.preimages.find(event.group_key),
            name=text(event.group_name),
            avatar=text(call.group_avatar) if call else "",
            description=text(call.description) if call else "",
            owner=event.owner,
            is_public=call.is_public if call else True,
            allow_member_invite=True,
            require_approval=not call.is_public if call else False,
            max_members=call.max_members if call else 0,
            mute_all=False,
            is_active=True,
            member_count=1,
            created_at=clamp_time(event.timestamp),
            created_block=fact.block,
            created_log=fact.log,
            updated_block=fact.block,
        )
    )
    members.enter(world, event.group_key, event.owner, members.OWNER, event.timestamp, fact)


def settings_updated(world: World, event: chat.GroupSettingsUpdated, fact: Fact) -> None:
    call = fact.call
    if not isinstance(call, UpdateGroupSettings):
        return
    if group := world.groups.change(event.group_key, fact.block):
        group.is_public = call.is_public
        group.allow_member_invite = call.allow_member_invite
        group.require_approval = call.require_approval
        group.max_members = call.max_members
        group.mute_all = call.mute_all


def info_updated(world: World, event: chat.GroupInfoUpdated, fact: Fact) -> None:
    """An empty text keeps the old value."""
    call = fact.call
    if not isinstance(call, UpdateGroupInfo):
        return
    if group := world.groups.change(event.group_key, fact.block):
        group.name = text(call.name) or group.name
        group.avatar = text(call.avatar) or group.avatar
        group.description = text(call.description) or group.description


def dissolved(world: World, event: chat.GroupDissolved, fact: Fact) -> None:
    if group := world.groups.change(event.group_key, fact.block):
        group.is_active = False


def ownership_transferred(world: World, event: chat.GroupOwnershipTransferred, fact: Fact) -> None:
    members.hand_over(world, event.group_key, event.new_owner, fact.block)
