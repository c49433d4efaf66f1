// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Whether a contract's wallet signed a digest (ERC-1271), deployed already or not yet (ERC-6492)
/// @notice Never deployed: a node runs its creation by eth_call, and what it would leave as code is the answer,
/// one byte, 1 for yes. What the creation changes is gone with the call.
contract SignatureCheck {
    bytes32 private constant WRAPPED = 0x6492649264926492649264926492649264926492649264926492649264926492;
    bytes32 private constant ACCEPTED = bytes32(bytes4(0x1626ba7e));

    constructor(address wallet, bytes32 digest, bytes memory signature) {
        bool signed = isWrapped(signature) ? unwrapped(wallet, digest, signature) : accepts(wallet, digest, signature);
        assembly ("memory-safe") {
            mstore8(0, signed)
            return(0, 1)
        }
    }

    function isWrapped(bytes memory signature) private pure returns (bool) {
        uint256 length = signature.length;
        if (length < 32) return false;
        bytes32 last;
        assembly ("memory-safe") {
            last := mload(add(signature, length))
        }
        return last == WRAPPED;
    }

    /// @dev A wallet that stands is asked as it is, and prepared only where it says no: it may have moved on since it
    /// was wrapped. Who prepares is this contract, which nobody has given any right.
    function unwrapped(address wallet, bytes32 digest, bytes memory wrapped) private returns (bool) {
        assembly ("memory-safe") {
            mstore(wrapped, sub(mload(wrapped), 32))
        }
        (address factory, bytes memory call, bytes memory signature) = abi.decode(wrapped, (address, bytes, bytes));
        if (accepts(wallet, digest, signature)) return true;
        (bool prepared,) = factory.call(call);
        return prepared && accepts(wallet, digest, signature);
    }

    /// @dev Where there is no contract the call succeeds and answers nothing.
    function accepts(address wallet, bytes32 digest, bytes memory signature) private view returns (bool) {
        bytes memory question = abi.encodeWithSelector(bytes4(ACCEPTED), digest, signature);
        (bool done, bytes memory answer) = wallet.staticcall(question);
        return done && answer.length >= 32 && bytes32(answer) == ACCEPTED;
    }
}
