// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Memberships} from "./base/Memberships.sol";
import {OwnerPausable} from "./base/OwnerPausable.sol";
import {IGroupChatV2} from "./interfaces/IGroupChatV2.sol";

/// @title GroupChatV2: groups, their members and their settings
/// @notice Everybody can create groups and join them. The contract's owner can pause createGroup, joinGroup and
/// inviteMember, and has no power over any group. `transferOwnership(address)` and `owner()` are about the contract,
/// `transferOwnership(string,address)` is about a group.
contract GroupChatV2 is IGroupChatV2, OwnerPausable, Memberships {
    uint256 private constant MIN_NAME_LENGTH = 1;
    uint256 private constant MAX_NAME_LENGTH = 128;
    uint256 private constant MAX_DESCRIPTION_LENGTH = 1024;
    uint256 private constant MIN_MAX_MEMBERS = 2;
    uint256 private constant MAX_MAX_MEMBERS = 1000;

    /// @inheritdoc IGroupChatV2
    uint256 public groupCounter;

    mapping(string groupId => Group) private _groups;
    mapping(string groupId => mapping(address account => Member)) private _members;
    mapping(string groupId => mapping(address requester => bool)) private _pendingRequests;

    /// @dev Goes by the caller's stored role.
    modifier onlyGroupAdmin(string calldata groupId) {
        _checkExists(groupId);
        if (_members[groupId][msg.sender].role == Role.MEMBER) revert NotGroupAdmin(groupId, msg.sender);
        _;
    }

    /// @dev Goes by the group's owner, whatever role an approval may have left that address.
    modifier onlyGroupOwner(string calldata groupId) {
        _checkExists(groupId);
        if (_groups[groupId].owner != msg.sender) revert NotGroupOwner(groupId, msg.sender);
        _;
    }

    /// @inheritdoc IGroupChatV2
    function createGroup(
        string calldata groupName,
        string calldata groupAvatar,
        string calldata description,
        bool isPublic,
        uint256 maxMembers
    ) external whenNotPaused returns (string memory groupId) {
        _checkLimits(bytes(groupName).length, bytes(description).length, maxMembers);
        groupId = string.concat("group_", Strings.toString(++groupCounter));
        Group storage group = _groups[groupId];
        group.groupId = groupId;
        group.groupName = groupName;
        group.groupAvatar = groupAvatar;
        group.description = description;
        group.owner = msg.sender;
        group.settings = GroupSettings({
            isPublic: isPublic,
            allowMemberInvite: true,
            requireApproval: !isPublic,
            maxMembers: maxMembers,
            muteAll: false
        });
        group.createdAt = block.timestamp;
        group.isActive = true;
        _enrol(groupId, msg.sender, Role.OWNER);
        emit GroupCreated(groupId, groupName, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function joinGroup(string calldata groupId) external whenNotPaused {
        _checkEntry(groupId, msg.sender);
        if (_groups[groupId].settings.requireApproval) {
            _pendingRequests[groupId][msg.sender] = true;
            emit JoinRequestCreated(groupId, msg.sender, block.timestamp);
        } else {
            _join(groupId, msg.sender);
        }
    }

    /// @inheritdoc IGroupChatV2
    function inviteMember(string calldata groupId, address invitee) external whenNotPaused {
        _checkMember(groupId, msg.sender);
        bool plainMember = _members[groupId][msg.sender].role == Role.MEMBER;
        if (plainMember && !_groups[groupId].settings.allowMemberInvite) revert InviteNotAllowed(groupId, msg.sender);
        if (invitee == address(0)) revert InviteeIsZero();
        _checkEntry(groupId, invitee);
        _join(groupId, invitee);
    }

    /// @inheritdoc IGroupChatV2
    function approveJoinRequest(string calldata groupId, address requester) external onlyGroupAdmin(groupId) {
        _takeRequest(groupId, requester);
        _join(groupId, requester);
        emit JoinRequestApproved(groupId, requester, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function rejectJoinRequest(string calldata groupId, address requester) external onlyGroupAdmin(groupId) {
        _takeRequest(groupId, requester);
        emit JoinRequestRejected(groupId, requester, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function leaveGroup(string calldata groupId) external {
        _checkMember(groupId, msg.sender);
        if (_members[groupId][msg.sender].role == Role.OWNER) revert OwnerCannotLeave(groupId);
        _strike(groupId, msg.sender);
        emit MemberLeft(groupId, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function removeMember(string calldata groupId, address member) external onlyGroupAdmin(groupId) {
        _checkSubordinate(groupId, member);
        _strike(groupId, member);
        emit MemberRemoved(groupId, member, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function setAdmin(string calldata groupId, address member, bool isAdmin) external onlyGroupOwner(groupId) {
        _checkMember(groupId, member);
        Member storage record = _members[groupId][member];
        if (record.role == Role.OWNER) revert OwnerIsProtected(groupId, member);
        record.role = isAdmin ? Role.ADMIN : Role.MEMBER;
        _listAdmin(groupId, member, isAdmin);
        emit RoleChanged(groupId, member, record.role, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function transferOwnership(string calldata groupId, address newOwner) external onlyGroupOwner(groupId) {
        _checkMember(groupId, newOwner);
        if (isMember(groupId, msg.sender)) {
            _members[groupId][msg.sender].role = Role.ADMIN;
            _listAdmin(groupId, msg.sender, true);
        }
        _groups[groupId].owner = newOwner;
        _members[groupId][newOwner].role = Role.OWNER;
        _listAdmin(groupId, newOwner, false);
        emit RoleChanged(groupId, newOwner, Role.OWNER, block.timestamp);
        emit GroupOwnershipTransferred(groupId, msg.sender, newOwner, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function muteMember(string calldata groupId, address member, bool muted) external onlyGroupAdmin(groupId) {
        _checkSubordinate(groupId, member);
        _members[groupId][member].isMuted = muted;
        emit MemberMuted(groupId, member, muted, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function updateGroupSettings(
        string calldata groupId,
        bool isPublic,
        bool allowMemberInvite,
        bool requireApproval,
        uint256 maxMembers,
        bool muteAll
    ) external onlyGroupAdmin(groupId) {
        uint256 memberCount = _groups[groupId].memberCount;
        if (maxMembers < memberCount) revert MaxMembersBelowMemberCount(maxMembers, memberCount);
        _groups[groupId].settings = GroupSettings(isPublic, allowMemberInvite, requireApproval, maxMembers, muteAll);
        emit GroupSettingsUpdated(groupId, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function updateGroupInfo(
        string calldata groupId,
        string calldata groupName,
        string calldata groupAvatar,
        string calldata description
    ) external onlyGroupAdmin(groupId) {
        Group storage group = _groups[groupId];
        if (bytes(groupName).length > 0) group.groupName = groupName;
        if (bytes(groupAvatar).length > 0) group.groupAvatar = groupAvatar;
        if (bytes(description).length > 0) group.description = description;
        emit GroupInfoUpdated(groupId, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function dissolveGroup(string calldata groupId) external onlyGroupOwner(groupId) {
        _groups[groupId].isActive = false;
        emit GroupDissolved(groupId, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupChatV2
    function getGroup(string calldata groupId) external view returns (Group memory) {
        _checkExists(groupId);
        return _groups[groupId];
    }

    /// @inheritdoc IGroupChatV2
    function getMember(string calldata groupId, address account) external view returns (Member memory) {
        return _members[groupId][account];
    }

    /// @inheritdoc IGroupChatV2
    function getUserGroups(address account) external view returns (string[] memory) {
        return _groupsOf(account);
    }

    /// @inheritdoc IGroupChatV2
    function getGroupMembers(string calldata groupId) external view returns (address[] memory) {
        return _groups[groupId].members;
    }

    /// @inheritdoc IGroupChatV2
    function isMember(string calldata groupId, address account) public view returns (bool) {
        return _members[groupId][account].memberAddress != address(0);
    }

    function _join(string calldata groupId, address account) private {
        _enrol(groupId, account, Role.MEMBER);
        emit MemberJoined(groupId, account, block.timestamp);
    }

    /// @dev Writes a fresh record; who is a member already is counted and listed once more.
    function _enrol(string memory groupId, address account, Role role) private {
        _members[groupId][account] = Member(account, "", role, block.timestamp, false, false);
        _groups[groupId].members.push(account);
        _groups[groupId].memberCount++;
        _addMembership(account, groupId);
    }

    /// @dev Deletes the record and one entry of `members`, and leaves `admins` alone.
    function _strike(string calldata groupId, address account) private {
        delete _members[groupId][account];
        _removeFirst(_groups[groupId].members, account);
        _groups[groupId].memberCount--;
        _removeMembership(account, groupId);
    }

    function _listAdmin(string calldata groupId, address account, bool listed) private {
        address[] storage admins = _groups[groupId].admins;
        _removeFirst(admins, account);
        if (listed) admins.push(account);
    }

    function _removeFirst(address[] storage list, address account) private {
        uint256 length = list.length;
        for (uint256 i = 0; i < length; i++) {
            if (list[i] != account) continue;
            list[i] = list[length - 1];
            list.pop();
            return;
        }
    }

    function _takeRequest(string calldata groupId, address requester) private {
        if (!_pendingRequests[groupId][requester]) revert NoJoinRequest(groupId, requester);
        delete _pendingRequests[groupId][requester];
    }

    function _checkLimits(uint256 nameLength, uint256 descriptionLength, uint256 maxMembers) private pure {
        if (nameLength < MIN_NAME_LENGTH || nameLength > MAX_NAME_LENGTH) {
            revert NameLengthOutOfRange(nameLength, MIN_NAME_LENGTH, MAX_NAME_LENGTH);
        }
        if (descriptionLength > MAX_DESCRIPTION_LENGTH) {
            revert DescriptionTooLong(descriptionLength, MAX_DESCRIPTION_LENGTH);
        }
        if (maxMembers < MIN_MAX_MEMBERS || maxMembers > MAX_MAX_MEMBERS) {
            revert MaxMembersOutOfRange(maxMembers, MIN_MAX_MEMBERS, MAX_MAX_MEMBERS);
        }
    }

    /// @dev Whether `account` could become a member now.
    function _checkEntry(string calldata groupId, address account) private view {
        _checkExists(groupId);
        Group storage group = _groups[groupId];
        if (!group.isActive) revert GroupInactive(groupId);
        if (isMember(groupId, account)) revert AlreadyMember(groupId, account);
        if (group.memberCount >= group.settings.maxMembers) revert GroupFull(groupId, group.settings.maxMembers);
    }

    /// @dev Whether `member` is one that the caller, an admin or the owner, may remove or mute.
    function _checkSubordinate(string calldata groupId, address member) private view {
        _checkMember(groupId, member);
        Role role = _members[groupId][member].role;
        if (role == Role.OWNER) revert OwnerIsProtected(groupId, member);
        bool byAdmin = _members[groupId][msg.sender].role == Role.ADMIN;
        if (role == Role.ADMIN && byAdmin) revert AdminIsProtected(groupId, member);
    }

    function _checkMember(string calldata groupId, address account) private view {
        _checkExists(groupId);
        if (!isMember(groupId, account)) revert NotMember(groupId, account);
    }

    function _checkExists(string calldata groupId) private view {
        if (_groups[groupId].createdAt == 0) revert GroupNotFound(groupId);
    }
}
