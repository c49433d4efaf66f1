// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title A contract that its deployer can pause
/// @notice What a pause stops is said at each function of the contract that inherits this.
abstract contract OwnerPausable is Ownable, Pausable {
    constructor() Ownable(msg.sender) {}

    /// @notice Stops the functions that heed the pause. Contract owner only.
    function pause() external onlyOwner {
        _pause();
    }

    /// @notice Ends the pause. Contract owner only.
    function unpause() external onlyOwner {
        _unpause();
    }
}
