"""What the contracts' views answer, written with eth_abi by the interface."""

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode

from indexer.units import Address, Hash32

ADA, BOB = Address(b"\xad" * 20), Address(b"\xb0" * 20)
ID = Hash32(b"\x1d" * 32)
MOST = 2**256 - 1
GROUP = (
    "(bytes,bytes,bytes,bytes,address,address[],address[],(bool,bool,bool,uint256,bool),"
    "uint256,uint256,bool)"
)


def group(group_id: bytes, **told: Any) -> bytes:
    name, avatar = told.get("name", b"tea"), told.get("avatar", b"ipfs://a")
    settings, active = (False, True, False, MOST, True), told.get("active", True)
    count = told.get("count", 3)
    texts = (group_id, name, avatar, "关于".encode())
    return encode([GROUP], [(*texts, ADA, [ADA, BOB, ADA], [BOB], settings, 1, count, active)])


def payment(group_id: bytes, payment_id: bytes = ID, *, kind: int = 1) -> bytes:
    types = "bytes32 bytes address uint8 uint256 uint256 uint256 uint256 bytes uint256 uint8"
    return _encoded(types, [payment_id, group_id, ADA, kind, 5, 0, 5, 2, b"eat", 7, 0])


def crowdfunding(group_id: bytes, funding_id: bytes = ID, *, status: int = 0) -> bytes:
    types = "bytes32 bytes address uint256 uint256 uint256 bytes bytes uint256 uint8"
    return _encoded(types, [funding_id, group_id, ADA, 5, 0, 3, b"roof", b"leaks", 7, status])


def packet(group_id: bytes, kind: int, packet_id: bytes = ID) -> bytes:
    amounts = "uint256 uint256 uint256 uint256 uint256"
    types = f"bytes32 bytes address uint8 {amounts} bytes uint256 uint256 uint8"
    return _encoded(types, [packet_id, group_id, ADA, kind, 9, 9, 2, 2, 4, b"hi", 1, 86401, 0])


def recipients(*people: Address) -> bytes:
    return encode(["address[]"], [people])


def _encoded(types: str, values: Sequence[Any]) -> bytes:
    return encode(types.split(), values)
