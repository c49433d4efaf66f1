// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Several calls in one transaction; one that fails does not stop the others
contract Batcher {
    struct Call {
        address target;
        bytes callData;
    }

    function aggregate(Call[] calldata calls) external payable returns (bool[] memory done) {
        done = new bool[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (done[i], ) = calls[i].target.call(calls[i].callData);
        }
    }
}
