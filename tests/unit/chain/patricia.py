"""Merkle-Patricia tries as the Yellow Paper's appendix D defines them, key by key: a reference."""

from typing import Any

import rlp  # type: ignore[import-untyped]

from indexer.units import keccak


def encode(item: Any) -> bytes:
    """Bytes, integers and lists of them in RLP, by another implementation than ours."""
    return bytes(rlp.encode(item))


def root(values: list[bytes]) -> bytes:
    """The root of rlp(index) → value."""
    items = [(_nibbles(encode(place)), value) for place, value in enumerate(values)]
    return keccak(encode(_structure(items, 0))) if items else keccak(encode(b""))


def _nibbles(key: bytes) -> list[int]:
    return [half for byte in key for half in (byte >> 4, byte & 15)]


def _structure(items: list[tuple[list[int], bytes]], depth: int) -> list[object]:
    """c(J, i) of the Yellow Paper."""
    if len(items) == 1:
        return [_hex_prefix(items[0][0][depth:], leaf=True), items[0][1]]
    common = depth
    while len({tuple(key[: common + 1]) for key, _ in items}) == 1:
        common += 1
    if common > depth:
        return [_hex_prefix(items[0][0][depth:common], leaf=False), _composed(items, common)]
    below = [[pair for pair in items if pair[0][depth] == digit] for digit in range(16)]
    return [*(_composed(some, depth + 1) for some in below), b""]


def _composed(items: list[tuple[list[int], bytes]], depth: int) -> object:
    """n(J, i) of the Yellow Paper."""
    if not items:
        return b""
    structure = _structure(items, depth)
    return structure if len(encode(structure)) < 32 else keccak(encode(structure))


def _hex_prefix(nibbles: list[int], *, leaf: bool) -> bytes:
    flag = 2 * leaf + len(nibbles) % 2
    whole = [flag, *nibbles] if len(nibbles) % 2 else [flag, 0, *nibbles]
    return bytes(16 * whole[at] + whole[at + 1] for at in range(0, len(whole), 2))
