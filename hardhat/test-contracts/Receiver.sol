// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract that acts as a user, and does as told when money arrives
contract Receiver {
    enum Mode {
        ACCEPT,
        REFUSE,
        REENTER,
        REENTER_QUIETLY
    }

    error NoMoneyPlease();

    Mode public mode;
    /// @notice Attempts at reentering, and how many of them succeeded.
    uint256 public attempts;
    uint256 public successes;
    bytes private _again;
    address private _target;

    receive() external payable {
        if (mode == Mode.REFUSE) revert NoMoneyPlease();
        if (mode == Mode.ACCEPT) return;
        attempts++;
        (bool ok, bytes memory answer) = _target.call(_again);
        if (ok) successes++;
        else if (mode == Mode.REENTER) _bubble(answer);
    }

    /// @notice What to do when money arrives; for the REENTER modes, which call to make.
    function prepare(Mode mode_, address target, bytes calldata again) external {
        mode = mode_;
        _target = target;
        _again = again;
    }

    /// @notice Makes a call in this contract's name, with the money sent along.
    function act(address target, bytes calldata data) external payable {
        (bool ok, bytes memory answer) = target.call{value: msg.value}(data);
        if (!ok) _bubble(answer);
    }

    function _bubble(bytes memory answer) private pure {
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }
}
