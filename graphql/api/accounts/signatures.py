"""Whether a wallet signed a text (EIP-191 `personal_sign`).

A key's signature is checked here. What a contract says of one (ERC-1271), also one that is not
deployed yet (ERC-6492), a node is asked: it runs contracts/SignatureCheck.sol, in the newest
block's state.
"""

from pathlib import Path
from typing import Final

from eth_abi.abi import encode
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from starlette.concurrency import run_in_threadpool

from api.errors import ApiError, bad_input, unauthenticated, unavailable
from api.node import Node, NodeSilent
from indexer.units import Address, Hash32, keccak

CHECK: Final = bytes.fromhex(Path(__file__).with_name("signature_check.hex").read_text()[2:])
"""The compiled contract's creation."""
LONGEST: Final = 16_384
"""Bytes of a contract's signature, at most: ERC-6492 has the wallet's creation in it."""
SIZE: Final = 65
HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def digest(text: str) -> Hash32:
    """What is signed of a text."""
    data = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n%d" % len(data) + data)


def recovered(hash_: Hash32, signature: bytes) -> Address | None:
    """The key's address; None for what no wallet makes: another length, or a high `s` (EIP-2)."""
    if len(signature) != SIZE:
        return None
    r, s, v = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64]
    if v not in (0, 1, 27, 28) or not 0 < s <= HALF_ORDER:
        return None
    try:
        made = Signature(vrs=(v % 27, r, s))
        return Address(made.recover_public_key_from_msg_hash(hash_).to_canonical_address())
    except (BadSignature, ValidationError, ValueError):
        return None


async def signed(
    node: Node | None, who: Address, text: str, signature: bytes, chain_id: int
) -> bool:
    """Whether the address signed the text: its key, or the contract that it is. Raises
    BAD_USER_INPUT, UNAUTHENTICATED without a node that could be asked of a contract, and
    SERVICE_UNAVAILABLE.
    """
    if len(signature) > LONGEST:
        raise bad_input("signature", f"has more than {LONGEST} bytes", limit=LONGEST)
    hash_ = digest(text)
    if await run_in_threadpool(recovered, hash_, signature) == who:
        return True
    if node is None:
        raise _unchecked()
    given = encode(["address", "bytes32", "bytes"], [who, hash_, signature])
    try:
        return await node.run(CHECK + given, chain_id) == b"\x01"
    except NodeSilent:
        told = "no node answers that could be asked whether a contract signed; ask for another"
        raise unavailable(f"{told} challenge and try again") from None


def _unchecked() -> ApiError:
    told = (
        "the signature is not that of the address's key; a contract's could be checked at a node, "
        "and this server has none (DCHAT_RPC_URLS)"
    )
    return unauthenticated(told, "NO_NODE", field="signature")
