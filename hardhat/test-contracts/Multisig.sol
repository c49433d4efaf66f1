// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A wallet that passes on what it is told, as a multisig does once enough have signed
contract Multisig {
    error Failed(bytes answer);

    receive() external payable {}

    function execute(address to, uint256 value, bytes calldata data) external payable returns (bytes memory answer) {
        bool ok;
        (ok, answer) = to.call{value: value}(data);
        if (!ok) revert Failed(answer);
    }

    /// @notice Attempts the call in a frame that is undone, then makes another one.
    function executeAfterFailing(address to, bytes calldata undone, bytes calldata data) external {
        try this.attempt(to, undone) {} catch {}
        this.execute(to, 0, data);
    }

    /// @notice Makes the call and undoes it.
    function attempt(address to, bytes calldata data) external {
        (, bytes memory answer) = to.call(data);
        revert Failed(answer);
    }

    /// @notice Makes a call of which the input holds no copy: each byte is turned over.
    function executeTurned(address to, bytes calldata turned) external {
        bytes memory data = turned;
        for (uint256 i = 0; i < data.length; i++) data[i] = ~data[i];
        this.execute(to, 0, data);
    }
}
