// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The one way in which ether leaves these contracts
abstract contract Payout {
    /// @notice The recipient did not take the money, so nothing has changed.
    error PayoutRefused(address recipient, uint256 amount);

    /// @dev Sends `amount` wei with all remaining gas: update the state before, and guard the caller against reentry.
    function _pay(address recipient, uint256 amount) internal {
        (bool taken, ) = recipient.call{value: amount}("");
        if (!taken) revert PayoutRefused(recipient, amount);
    }
}
