// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Which groups an account is in
/// @dev Adding and removing cost the same however many groups an account is in: anybody can be invited to any number of
/// groups, and must still be able to leave them.
abstract contract Memberships {
    mapping(address account => string[]) private _groupIds;
    /// @dev Index in `_groupIds` plus one; zero where the group is not listed.
    mapping(address account => mapping(string groupId => uint256)) private _places;

    /// @notice The groups that `account` is a member of, in no particular order.
    function _groupsOf(address account) internal view returns (string[] memory) {
        return _groupIds[account];
    }

    /// @dev Lists the group once, however often it is added.
    function _addMembership(address account, string memory groupId) internal {
        if (_places[account][groupId] != 0) return;
        _groupIds[account].push(groupId);
        _places[account][groupId] = _groupIds[account].length;
    }

    /// @dev The last group takes the place of the removed one, which must be listed.
    function _removeMembership(address account, string memory groupId) internal {
        string[] storage ids = _groupIds[account];
        uint256 place = _places[account][groupId];
        string memory last = ids[ids.length - 1];
        ids[place - 1] = last;
        _places[account][last] = place;
        delete _places[account][groupId];
        ids.pop();
    }
}
