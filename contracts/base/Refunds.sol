// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Payout} from "./Payout.sol";

/// @title Money to be given back waits here until its owner fetches it
/// @notice Crediting calls nobody, so that one recipient who refuses money cannot keep it from the others.
abstract contract Refunds is ReentrancyGuard, Payout {
    /// @notice Refunds credited and not yet claimed, by user.
    mapping(address user => uint256 amount) public pendingRefunds;

    /// @notice A cancellation, whose event follows in the same transaction, credited `user`.
    event RefundCredited(address indexed user, uint256 amount);
    /// @notice `user` fetched all credited refunds.
    event RefundWithdrawn(address indexed user, uint256 amount);

    /// @notice Nothing is credited to this address.
    error NothingToRefund(address user);

    /// @notice Sends the caller all refunds credited to it. Works while paused.
    function claimRefund() external nonReentrant {
        uint256 amount = pendingRefunds[msg.sender];
        if (amount == 0) revert NothingToRefund(msg.sender);
        pendingRefunds[msg.sender] = 0;
        emit RefundWithdrawn(msg.sender, amount);
        _pay(msg.sender, amount);
    }

    function _credit(address user, uint256 amount) internal {
        pendingRefunds[user] += amount;
        emit RefundCredited(user, amount);
    }
}
