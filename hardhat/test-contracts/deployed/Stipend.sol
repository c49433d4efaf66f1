// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Pays as Solidity's `transfer` does
abstract contract Stipend {
    /// @dev Without gas of its own a payment comes with the 2,300 of the stipend; who needs more, or refuses, undoes all.
    function _send(address recipient, uint256 amount) internal {
        if (amount == 0) return;
        (bool taken, ) = recipient.call{value: amount, gas: 0}("");
        require(taken, "The money was not taken");
    }
}
