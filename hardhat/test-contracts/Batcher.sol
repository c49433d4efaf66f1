// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Several calls in one transaction; one that fails does not stop the others
contract Batcher {
    struct Call {
        address target;
        bytes callData;
    }

    receive() external payable {}

    function aggregate(Call[] calldata calls) external payable returns (bool[] memory done) {
        return aggregateWithValues(calls, new uint256[](calls.length));
    }

    /// @notice Gives each call so much of the money; what a failing one leaves stays here.
    function aggregateWithValues(
        Call[] calldata calls,
        uint256[] memory values
    ) public payable returns (bool[] memory done) {
        done = new bool[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (done[i], ) = calls[i].target.call{value: values[i]}(calls[i].callData);
        }
    }
}
