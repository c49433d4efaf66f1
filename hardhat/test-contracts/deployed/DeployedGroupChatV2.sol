// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IGroupChatV2} from "../../contracts/interfaces/IGroupChatV2.sol";

/// @title GroupChatV2 as the revision deployed on Sepolia behaves, for tests
/// @notice muteMember, updateGroupInfo, dissolveGroup and rejectJoinRequest change the state and emit nothing. Nobody owns
/// the contract and nothing pauses it; of an unknown group the views answer an empty one. Roles are what the records say,
/// even the record that a former owner, no member any more, keeps after a transfer.
contract DeployedGroupChatV2 {
    uint256 public groupCounter;

    mapping(string groupId => IGroupChatV2.Group) private _groups;
    mapping(string groupId => mapping(address account => IGroupChatV2.Member)) private _records;
    mapping(string groupId => mapping(address requester => bool)) private _asking;
    /// @dev Lists a group as often as its member was added to it.
    mapping(address account => string[]) private _memberships;

    function createGroup(
        string calldata groupName,
        string calldata groupAvatar,
        string calldata description,
        bool isPublic,
        uint256 maxMembers
    ) external returns (string memory groupId) {
        require(bytes(groupName).length != 0, "A group has a name");
        require(2 <= maxMembers && maxMembers <= 1000, "2 to 1000 members");
        groupId = string.concat("group_", Strings.toString(++groupCounter));
        IGroupChatV2.Group storage group = _groups[groupId];
        (group.groupId, group.owner, group.createdAt, group.isActive) = (groupId, msg.sender, block.timestamp, true);
        (group.groupName, group.groupAvatar, group.description) = (groupName, groupAvatar, description);
        group.settings = IGroupChatV2.GroupSettings(isPublic, true, !isPublic, maxMembers, false);
        _add(groupId, msg.sender, IGroupChatV2.Role.OWNER);
        emit IGroupChatV2.GroupCreated(groupId, groupName, msg.sender, block.timestamp);
    }

    function joinGroup(string calldata groupId) external {
        _checkRoom(groupId, msg.sender);
        if (!_groups[groupId].settings.requireApproval) return _join(groupId, msg.sender);
        _asking[groupId][msg.sender] = true;
        emit IGroupChatV2.JoinRequestCreated(groupId, msg.sender, block.timestamp);
    }

    /// @notice Takes anybody, the zero address too, which is counted and listed and yet no member.
    function inviteMember(string calldata groupId, address invitee) external {
        _checkRoom(groupId, invitee);
        if (_groups[groupId].settings.allowMemberInvite) _checkMember(groupId, msg.sender);
        else _checkStaff(groupId);
        _join(groupId, invitee);
    }

    function approveJoinRequest(string calldata groupId, address requester) external {
        _answer(groupId, requester);
        _join(groupId, requester);
        emit IGroupChatV2.JoinRequestApproved(groupId, requester, msg.sender, block.timestamp);
    }

    /// @notice Silent.
    function rejectJoinRequest(string calldata groupId, address requester) external {
        _answer(groupId, requester);
    }

    function leaveGroup(string calldata groupId) external {
        _checkMember(groupId, msg.sender);
        require(_role(groupId, msg.sender) != IGroupChatV2.Role.OWNER, "The owner stays");
        _drop(groupId, msg.sender);
        emit IGroupChatV2.MemberLeft(groupId, msg.sender, block.timestamp);
    }

    function removeMember(string calldata groupId, address member) external {
        _checkStaff(groupId);
        _checkMember(groupId, member);
        require(_role(groupId, member) < _role(groupId, msg.sender), "Not below the caller");
        _drop(groupId, member);
        emit IGroupChatV2.MemberRemoved(groupId, member, msg.sender, block.timestamp);
    }

    /// @notice Accepts only what changes a role.
    function setAdmin(string calldata groupId, address member, bool isAdmin) external {
        _checkOwner(groupId);
        _checkMember(groupId, member);
        IGroupChatV2.Role before = isAdmin ? IGroupChatV2.Role.MEMBER : IGroupChatV2.Role.ADMIN;
        require(_role(groupId, member) == before, "The role is another one");
        IGroupChatV2.Role role = isAdmin ? IGroupChatV2.Role.ADMIN : IGroupChatV2.Role.MEMBER;
        _records[groupId][member].role = role;
        if (isAdmin) _groups[groupId].admins.push(member);
        else _takeOut(_groups[groupId].admins, member);
        emit IGroupChatV2.RoleChanged(groupId, member, role, block.timestamp);
    }

    /// @notice The old owner's record says ADMIN from now on, whether it is a member's or not.
    function transferOwnership(string calldata groupId, address newOwner) external {
        _checkOwner(groupId);
        _checkMember(groupId, newOwner);
        _records[groupId][msg.sender].role = IGroupChatV2.Role.ADMIN;
        IGroupChatV2.Group storage group = _groups[groupId];
        group.admins.push(msg.sender);
        if (_role(groupId, newOwner) == IGroupChatV2.Role.ADMIN) _takeOut(group.admins, newOwner);
        _records[groupId][newOwner].role = IGroupChatV2.Role.OWNER;
        group.owner = newOwner;
        emit IGroupChatV2.RoleChanged(groupId, newOwner, IGroupChatV2.Role.OWNER, block.timestamp);
    }

    /// @notice Silent. Plain members only, whoever asks.
    function muteMember(string calldata groupId, address member, bool muted) external {
        _checkStaff(groupId);
        _checkMember(groupId, member);
        require(_role(groupId, member) == IGroupChatV2.Role.MEMBER, "Staff is not muted");
        _records[groupId][member].isMuted = muted;
    }

    function updateGroupSettings(
        string calldata groupId,
        bool isPublic,
        bool allowMemberInvite,
        bool requireApproval,
        uint256 maxMembers,
        bool muteAll
    ) external {
        _checkOwner(groupId);
        require(maxMembers >= _groups[groupId].memberCount, "There are more members");
        _groups[groupId].settings = IGroupChatV2.GroupSettings(
            isPublic,
            allowMemberInvite,
            requireApproval,
            maxMembers,
            muteAll
        );
        emit IGroupChatV2.GroupSettingsUpdated(groupId, msg.sender, block.timestamp);
    }

    /// @notice Silent. By the caller's record alone; an empty text keeps the old one.
    function updateGroupInfo(
        string calldata groupId,
        string calldata groupName,
        string calldata groupAvatar,
        string calldata description
    ) external {
        require(_role(groupId, msg.sender) != IGroupChatV2.Role.MEMBER, "Staff only");
        IGroupChatV2.Group storage group = _groups[groupId];
        if (bytes(groupName).length != 0) group.groupName = groupName;
        if (bytes(groupAvatar).length != 0) group.groupAvatar = groupAvatar;
        if (bytes(description).length != 0) group.description = description;
    }

    /// @notice Silent.
    function dissolveGroup(string calldata groupId) external {
        _checkOwner(groupId);
        _groups[groupId].isActive = false;
    }

    function getGroup(string calldata groupId) external view returns (IGroupChatV2.Group memory) {
        return _groups[groupId];
    }

    function getMember(string calldata groupId, address account) external view returns (IGroupChatV2.Member memory) {
        return _records[groupId][account];
    }

    /// @notice Groups as often as they were entered and not left: who is in is said by isMember.
    function getUserGroups(address account) external view returns (string[] memory) {
        return _memberships[account];
    }

    function getGroupMembers(string calldata groupId) external view returns (address[] memory) {
        return _groups[groupId].members;
    }

    function isMember(string calldata groupId, address account) public view returns (bool) {
        return _records[groupId][account].memberAddress != address(0);
    }

    function _join(string calldata groupId, address account) private {
        _add(groupId, account, IGroupChatV2.Role.MEMBER);
        emit IGroupChatV2.MemberJoined(groupId, account, block.timestamp);
    }

    /// @dev Starts the record afresh, and counts and lists even who is in already.
    function _add(string memory groupId, address account, IGroupChatV2.Role role) private {
        IGroupChatV2.Group storage group = _groups[groupId];
        group.members.push(account);
        group.memberCount++;
        _records[groupId][account] = IGroupChatV2.Member(account, "", role, block.timestamp, false, false);
        _memberships[account].push(groupId);
    }

    function _drop(string calldata groupId, address account) private {
        delete _records[groupId][account];
        IGroupChatV2.Group storage group = _groups[groupId];
        _takeOut(group.members, account);
        group.memberCount--;
        string[] storage ids = _memberships[account];
        uint256 place = 0;
        while (!Strings.equal(ids[place], groupId)) place++;
        ids[place] = ids[ids.length - 1];
        ids.pop();
    }

    /// @dev The last entry takes the place of the first one that is `account`.
    function _takeOut(address[] storage list, address account) private {
        for (uint256 place = 0; place < list.length; place++) {
            if (list[place] == account) {
                list[place] = list[list.length - 1];
                return list.pop();
            }
        }
    }

    function _answer(string calldata groupId, address requester) private {
        _checkStaff(groupId);
        require(_asking[groupId][requester], "Nobody asked");
        _asking[groupId][requester] = false;
    }

    function _role(string calldata groupId, address account) private view returns (IGroupChatV2.Role) {
        return _records[groupId][account].role;
    }

    function _checkRoom(string calldata groupId, address account) private view {
        IGroupChatV2.Group storage group = _groups[groupId];
        require(group.isActive, "No active group");
        require(group.memberCount < group.settings.maxMembers, "Full");
        require(!isMember(groupId, account), "A member already");
    }

    function _checkMember(string calldata groupId, address account) private view {
        require(isMember(groupId, account), "Not a member");
    }

    function _checkStaff(string calldata groupId) private view {
        _checkMember(groupId, msg.sender);
        require(_role(groupId, msg.sender) != IGroupChatV2.Role.MEMBER, "Staff only");
    }

    function _checkOwner(string calldata groupId) private view {
        require(_groups[groupId].owner == msg.sender, "Owner only");
    }
}
