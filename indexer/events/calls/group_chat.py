"""The functions of GroupChatV2 that change its state."""

from typing import ClassVar

from indexer.events.abi import Account, Fields, Flag, String, Uint256


class CreateGroup(Fields, frozen=True):
    group_name: String
    group_avatar: String
    description: String
    is_public: Flag
    max_members: Uint256


class JoinGroup(Fields, frozen=True):
    group_id: String


class InviteMember(Fields, frozen=True):
    group_id: String
    invitee: Account


class ApproveJoinRequest(Fields, frozen=True):
    group_id: String
    requester: Account


class RejectJoinRequest(Fields, frozen=True):
    group_id: String
    requester: Account


class LeaveGroup(Fields, frozen=True):
    group_id: String


class RemoveMember(Fields, frozen=True):
    group_id: String
    member: Account


class SetAdmin(Fields, frozen=True):
    group_id: String
    member: Account
    is_admin: Flag


class TransferGroupOwnership(Fields, frozen=True):
    """Ownable's function has the same name and one argument."""

    solidity_name: ClassVar[str] = "transferOwnership"

    group_id: String
    new_owner: Account


class MuteMember(Fields, frozen=True):
    group_id: String
    member: Account
    muted: Flag


class UpdateGroupSettings(Fields, frozen=True):
    group_id: String
    is_public: Flag
    allow_member_invite: Flag
    require_approval: Flag
    max_members: Uint256
    mute_all: Flag


class UpdateGroupInfo(Fields, frozen=True):
    """An empty string keeps the old value."""

    group_id: String
    name: String
    avatar: String
    description: String


class DissolveGroup(Fields, frozen=True):
    group_id: String


GroupChatCall = (
    CreateGroup
    | JoinGroup
    | InviteMember
    | ApproveJoinRequest
    | RejectJoinRequest
    | LeaveGroup
    | RemoveMember
    | SetAdmin
    | TransferGroupOwnership
    | MuteMember
    | UpdateGroupSettings
    | UpdateGroupInfo
    | DissolveGroup
)
