// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGroupPayment} from "../interfaces/IGroupPayment.sol";
import {Refunds} from "./Refunds.sol";

/// @title Pots: what payments and crowdfundings have in common
/// @dev A pot's money is the sum of its contributions while ACTIVE. It then goes either to the initiator or, as refunds,
/// to the contributors. `collected` never shrinks.
abstract contract Pots is IGroupPayment, Refunds {
    struct Pot {
        string groupId;
        address initiator;
        Status status;
        bool withdrawn;
        uint256 target;
        uint256 collected;
        uint256 deadline;
        string description;
        address[] contributors;
        mapping(address contributor => uint256) contributions;
    }

    uint256 private _counter;

    /// @notice A target is at least 1 wei.
    error TargetIsZero();
    /// @notice The deadline lies in the past, or for a new payment is now.
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    /// @notice The payment or crowdfunding is completed or cancelled.
    error NotActive(bytes32 id, Status status);
    /// @notice Money can be withdrawn from completed payments and crowdfundings only.
    error NotCompleted(bytes32 id, Status status);
    /// @notice Only the initiator may do this.
    error NotInitiator(bytes32 id, address account);
    /// @notice The money has been withdrawn already.
    error AlreadyWithdrawn(bytes32 id);
    /// @notice A contribution is at least 1 wei.
    error ContributionIsZero();

    function _nextId(string memory prefix) internal returns (bytes32) {
        return keccak256(abi.encodePacked(prefix, ++_counter, block.timestamp));
    }

    function _open(
        Pot storage pot,
        string calldata groupId,
        uint256 target,
        string calldata description,
        uint256 deadline
    ) internal {
        if (target == 0) revert TargetIsZero();
        if (deadline <= block.timestamp) revert DeadlinePassed(deadline, block.timestamp);
        pot.groupId = groupId;
        pot.initiator = msg.sender;
        pot.target = target;
        pot.deadline = deadline;
        pot.description = description;
    }

    /// @dev Adds the call's money; completes the pot when the target is reached.
    function _contribute(Pot storage pot, bytes32 id) internal {
        if (pot.status != Status.ACTIVE) revert NotActive(id, pot.status);
        if (block.timestamp > pot.deadline) revert DeadlinePassed(pot.deadline, block.timestamp);
        if (msg.value == 0) revert ContributionIsZero();
        if (pot.contributions[msg.sender] == 0) pot.contributors.push(msg.sender);
        pot.contributions[msg.sender] += msg.value;
        pot.collected += msg.value;
        if (pot.collected >= pot.target) pot.status = Status.COMPLETED;
    }

    function _withdraw(Pot storage pot, bytes32 id) internal {
        if (msg.sender != pot.initiator) revert NotInitiator(id, msg.sender);
        if (pot.status != Status.COMPLETED) revert NotCompleted(id, pot.status);
        if (pot.withdrawn) revert AlreadyWithdrawn(id);
        pot.withdrawn = true;
        emit FundsWithdrawn(id, msg.sender, pot.collected, block.timestamp);
        _pay(msg.sender, pot.collected);
    }

    /// @dev Credits the contributors in the order of their first contributions.
    function _cancel(Pot storage pot, bytes32 id) internal {
        if (msg.sender != pot.initiator) revert NotInitiator(id, msg.sender);
        if (pot.status != Status.ACTIVE) revert NotActive(id, pot.status);
        pot.status = Status.CANCELLED;
        uint256 count = pot.contributors.length;
        for (uint256 i = 0; i < count; i++) {
            address contributor = pot.contributors[i];
            uint256 amount = pot.contributions[contributor];
            pot.contributions[contributor] = 0;
            _credit(contributor, amount);
        }
    }
}
