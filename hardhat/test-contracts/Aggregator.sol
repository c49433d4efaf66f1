// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Multicall3 does at its one address on public chains: views of many contracts in one call
/// @notice A call that may fail and does is told by its result, and by what it reverted with.
contract Aggregator {
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    error CallFailed(uint256 place);

    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory results) {
        results = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool success, bytes memory returned) = calls[i].target.call(calls[i].callData);
            if (!success && !calls[i].allowFailure) revert CallFailed(i);
            results[i] = Result(success, returned);
        }
    }
}
