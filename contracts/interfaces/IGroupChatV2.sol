// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Groups, their members and their settings
/// @notice Group ids are "group_1", "group_2", … in order of creation. In events an id is indexed, so that a log carries
/// only its keccak-256. Names and texts are arbitrary bytes: they need not be UTF-8.
interface IGroupChatV2 {
    /// @notice What a member may do. An address without a record reads as MEMBER; `isMember` tells the difference.
    enum Role {
        MEMBER,
        ADMIN,
        OWNER
    }

    /// @notice How a group is run.
    /// @param isPublic Whether clients list the group; the contract itself does not act on it.
    /// @param allowMemberInvite Whether plain members may invite.
    /// @param requireApproval Whether joinGroup only asks, for an admin to decide.
    /// @param maxMembers Capacity that joinGroup and inviteMember heed.
    /// @param muteAll Whether clients show admins' messages only.
    struct GroupSettings {
        bool isPublic;
        bool allowMemberInvite;
        bool requireApproval;
        uint256 maxMembers;
        bool muteAll;
    }

    /// @notice A group as stored.
    /// @param members In no particular order. Lists an address twice whose request was approved after it had become a member.
    /// @param admins Those made ADMIN. Who has left or was removed stays listed.
    /// @param memberCount Length of `members`.
    /// @param isActive False once dissolved.
    struct Group {
        string groupId;
        string groupName;
        string groupAvatar;
        string description;
        address owner;
        address[] members;
        address[] admins;
        GroupSettings settings;
        uint256 createdAt;
        uint256 memberCount;
        bool isActive;
    }

    /// @notice A member's record in one group; all zero for who is not a member.
    /// @param displayName Reserved; always empty.
    /// @param isBanned Reserved; always false.
    struct Member {
        address memberAddress;
        string displayName;
        Role role;
        uint256 joinedAt;
        bool isMuted;
        bool isBanned;
    }

    /// @notice A group was created; its creator is OWNER and first member, with no MemberJoined.
    event GroupCreated(string indexed groupId, string groupName, address indexed owner, uint256 timestamp);
    /// @notice Somebody joined, was invited or was approved.
    event MemberJoined(string indexed groupId, address indexed member, uint256 timestamp);
    /// @notice A member left.
    event MemberLeft(string indexed groupId, address indexed member, uint256 timestamp);
    /// @notice A member was removed.
    event MemberRemoved(string indexed groupId, address indexed member, address indexed removedBy, uint256 timestamp);
    /// @notice A member's role changed; the previous owner's becoming ADMIN has no event of its own.
    event RoleChanged(string indexed groupId, address indexed member, Role newRole, uint256 timestamp);
    /// @notice The settings were replaced: read them with getGroup.
    event GroupSettingsUpdated(string indexed groupId, address indexed updatedBy, uint256 timestamp);
    /// @notice Somebody asked to join, or asked again.
    event JoinRequestCreated(string indexed groupId, address indexed requester, uint256 timestamp);
    /// @notice A request was approved; MemberJoined comes before it.
    event JoinRequestApproved(
        string indexed groupId,
        address indexed requester,
        address indexed approver,
        uint256 timestamp
    );
    /// @notice A request was rejected.
    event JoinRequestRejected(
        string indexed groupId,
        address indexed requester,
        address indexed rejectedBy,
        uint256 timestamp
    );
    /// @notice A member was muted, or unmuted.
    event MemberMuted(string indexed groupId, address indexed member, bool muted, uint256 timestamp);
    /// @notice Name, avatar or description changed: read them with getGroup.
    event GroupInfoUpdated(string indexed groupId, address indexed updatedBy, uint256 timestamp);
    /// @notice The group was dissolved, perhaps again.
    event GroupDissolved(string indexed groupId, address indexed dissolvedBy, uint256 timestamp);
    /// @notice The group has a new owner; RoleChanged comes before it.
    event GroupOwnershipTransferred(
        string indexed groupId,
        address indexed previousOwner,
        address indexed newOwner,
        uint256 timestamp
    );

    /// @notice There is no group of this id.
    error GroupNotFound(string groupId);
    /// @notice The group was dissolved: nobody joins it or is invited any more.
    error GroupInactive(string groupId);
    /// @notice The group has as many members as it allows.
    error GroupFull(string groupId, uint256 maxMembers);
    /// @notice This address is not a member.
    error NotMember(string groupId, address account);
    /// @notice This address is a member already.
    error AlreadyMember(string groupId, address account);
    /// @notice Only the group's owner may do this.
    error NotGroupOwner(string groupId, address account);
    /// @notice Only an admin or the owner may do this.
    error NotGroupAdmin(string groupId, address account);
    /// @notice In this group only admins and the owner invite.
    error InviteNotAllowed(string groupId, address account);
    /// @notice The zero address cannot be a member.
    error InviteeIsZero();
    /// @notice This address has no pending request to join.
    error NoJoinRequest(string groupId, address requester);
    /// @notice The owner has to transfer the ownership before leaving.
    error OwnerCannotLeave(string groupId);
    /// @notice The owner cannot be removed, muted or given another role.
    error OwnerIsProtected(string groupId, address owner);
    /// @notice Only the owner may remove or mute an admin.
    error AdminIsProtected(string groupId, address admin);
    /// @notice A group's name has `least` to `most` bytes.
    error NameLengthOutOfRange(uint256 length, uint256 least, uint256 most);
    /// @notice A group's description has at most `most` bytes.
    error DescriptionTooLong(uint256 length, uint256 most);
    /// @notice A new group's maxMembers lies between `least` and `most`.
    error MaxMembersOutOfRange(uint256 maxMembers, uint256 least, uint256 most);
    /// @notice maxMembers cannot be less than the members there are.
    error MaxMembersBelowMemberCount(uint256 maxMembers, uint256 memberCount);

    /// @notice Creates a group that its caller owns; requireApproval is set unless it is public. Stops while paused.
    /// @param groupName 1 to 128 bytes.
    /// @param groupAvatar Any bytes, such as an address of an image.
    /// @param description At most 1024 bytes.
    /// @param isPublic See {GroupSettings}.
    /// @param maxMembers 2 to 1000.
    /// @return groupId The new group's id.
    function createGroup(
        string calldata groupName,
        string calldata groupAvatar,
        string calldata description,
        bool isPublic,
        uint256 maxMembers
    ) external returns (string memory groupId);

    /// @notice Joins, or where requireApproval is set asks to join. A request can be repeated while it is pending. A full
    /// or dissolved group refuses both. Stops while paused.
    function joinGroup(string calldata groupId) external;

    /// @notice Makes `invitee` a member at once; a request of theirs stays pending. Caller: a member, or where
    /// allowMemberInvite is off an admin or the owner. Stops while paused.
    function inviteMember(string calldata groupId, address invitee) external;

    /// @notice Makes a requester a member. Caller: an admin or the owner.
    /// @dev Looks neither at capacity, nor at isActive, nor at the pause, nor whether the requester is a member by now. In
    /// that last case the member's record starts afresh (even the owner's), and they are counted and listed twice.
    function approveJoinRequest(string calldata groupId, address requester) external;

    /// @notice Forgets a request. Caller: an admin or the owner.
    function rejectJoinRequest(string calldata groupId, address requester) external;

    /// @notice Leaves the group; the caller's record is deleted. Not for who has the role OWNER.
    function leaveGroup(string calldata groupId) external;

    /// @notice Deletes a member's record. Caller: an admin or the owner, for an admin the owner only.
    function removeMember(string calldata groupId, address member) external;

    /// @notice Makes a member ADMIN or MEMBER; repeating it is accepted. Caller: the owner.
    function setAdmin(string calldata groupId, address member, bool isAdmin) external;

    /// @notice Gives the group to a member; the previous owner, if still a member, becomes ADMIN. Transferring it to
    /// oneself is accepted and changes nothing. Caller: the owner.
    function transferOwnership(string calldata groupId, address newOwner) external;

    /// @notice Mutes or unmutes a member; repeating it is accepted. Caller: an admin or the owner, for an admin the owner only.
    function muteMember(string calldata groupId, address member, bool muted) external;

    /// @notice Replaces all settings. Caller: an admin or the owner.
    /// @param maxMembers Any number from the present member count on.
    function updateGroupSettings(
        string calldata groupId,
        bool isPublic,
        bool allowMemberInvite,
        bool requireApproval,
        uint256 maxMembers,
        bool muteAll
    ) external;

    /// @notice Replaces those texts that are not empty, with no limit on their length. Caller: an admin or the owner.
    function updateGroupInfo(
        string calldata groupId,
        string calldata groupName,
        string calldata groupAvatar,
        string calldata description
    ) external;

    /// @notice Ends joining and inviting for good; everything else still works. Can be repeated. Caller: the owner.
    function dissolveGroup(string calldata groupId) external;

    /// @notice How many groups have been created; the newest is "group_<groupCounter>".
    function groupCounter() external view returns (uint256);

    /// @notice Whether `account` is a member; false for an unknown group.
    function isMember(string calldata groupId, address account) external view returns (bool);

    /// @notice The group; reverts with GroupNotFound for an unknown one.
    function getGroup(string calldata groupId) external view returns (Group memory);

    /// @notice A member's record; all zero for who is not a member.
    function getMember(string calldata groupId, address account) external view returns (Member memory);

    /// @notice The groups that `account` is a member of, in no particular order.
    function getUserGroups(address account) external view returns (string[] memory);

    /// @notice A group's `members`; empty for an unknown group.
    function getGroupMembers(string calldata groupId) external view returns (address[] memory);
}
