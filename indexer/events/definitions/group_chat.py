"""The events of GroupChatV2."""

from typing import Annotated

from indexer.events.abi import Fields, Flag, GroupKey, IndexedAccount, Input, String, Uint256

Role = Annotated[int, Input(type="uint8", most=2)]
"""0 MEMBER, 1 ADMIN, 2 OWNER."""


class GroupCreated(Fields, frozen=True):
    group_key: GroupKey
    group_name: String
    owner: IndexedAccount
    timestamp: Uint256


class MemberJoined(Fields, frozen=True):
    group_key: GroupKey
    member: IndexedAccount
    timestamp: Uint256


class MemberLeft(Fields, frozen=True):
    group_key: GroupKey
    member: IndexedAccount
    timestamp: Uint256


class MemberRemoved(Fields, frozen=True):
    group_key: GroupKey
    member: IndexedAccount
    removed_by: IndexedAccount
    timestamp: Uint256


class RoleChanged(Fields, frozen=True):
    group_key: GroupKey
    member: IndexedAccount
    new_role: Role
    timestamp: Uint256


class GroupSettingsUpdated(Fields, frozen=True):
    group_key: GroupKey
    updated_by: IndexedAccount
    timestamp: Uint256


class JoinRequestCreated(Fields, frozen=True):
    group_key: GroupKey
    requester: IndexedAccount
    timestamp: Uint256


class JoinRequestApproved(Fields, frozen=True):
    group_key: GroupKey
    requester: IndexedAccount
    approver: IndexedAccount
    timestamp: Uint256


# From here on: the hardened revision only.


class JoinRequestRejected(Fields, frozen=True):
    group_key: GroupKey
    requester: IndexedAccount
    rejected_by: IndexedAccount
    timestamp: Uint256


class MemberMuted(Fields, frozen=True):
    group_key: GroupKey
    member: IndexedAccount
    muted: Flag
    timestamp: Uint256


class GroupInfoUpdated(Fields, frozen=True):
    group_key: GroupKey
    updated_by: IndexedAccount
    timestamp: Uint256


class GroupDissolved(Fields, frozen=True):
    group_key: GroupKey
    dissolved_by: IndexedAccount
    timestamp: Uint256


class GroupOwnershipTransferred(Fields, frozen=True):
    group_key: GroupKey
    previous_owner: IndexedAccount
    new_owner: IndexedAccount
    timestamp: Uint256


GroupChatEvent = (
    GroupCreated
    | MemberJoined
    | MemberLeft
    | MemberRemoved
    | RoleChanged
    | GroupSettingsUpdated
    | JoinRequestCreated
    | JoinRequestApproved
    | JoinRequestRejected
    | MemberMuted
    | GroupInfoUpdated
    | GroupDissolved
    | GroupOwnershipTransferred
)
