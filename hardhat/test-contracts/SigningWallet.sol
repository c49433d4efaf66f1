// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A wallet for which one key signs (ERC-1271), and that can be handed to another one
contract SigningWallet {
    address public signer;

    constructor(address first) {
        signer = first;
    }

    /// @notice Anybody may: it is for tests alone.
    function hand(address next) external {
        signer = next;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (signature.length != 65) return 0xffffffff;
        address found = ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
        return found != address(0) && found == signer ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @title Makes wallets at addresses that are known before (CREATE2)
contract WalletFactory {
    function make(address signer, bytes32 salt) external returns (address) {
        return address(new SigningWallet{salt: salt}(signer));
    }

    function addressOf(address signer, bytes32 salt) external view returns (address) {
        bytes32 code = keccak256(abi.encodePacked(type(SigningWallet).creationCode, abi.encode(signer)));
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, code)))));
    }
}

/// @title What is no wallet, whatever it is asked
contract Yes {
    fallback() external {
        assembly ("memory-safe") {
            mstore(0, 1)
            return(0, 32)
        }
    }
}

/// @title A wallet that believes everything where nobody sends: it takes that for a simulation
contract Careless {
    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return tx.origin == address(0) ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
