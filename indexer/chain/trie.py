"""The root of a block's list of receipts (Yellow Paper, appendix D)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from indexer.chain import rlp
from indexer.units import Hash32, keccak

EMPTY: Final = keccak(rlp.string(b""))
"""The root of no items."""
_NOTHING: Final = rlp.string(b"")

Pair = tuple[str, bytes]
"""A key in hex, and its value. No key is the beginning of another: so it is with RLP."""


def root(values: Sequence[bytes]) -> Hash32:
    """The root of the Merkle-Patricia trie of rlp(index) → value."""
    if not values:
        return EMPTY
    pairs = ((rlp.integer(place).hex(), value) for place, value in enumerate(values))
    return keccak(_node(sorted(pairs), 0))


def _node(pairs: Sequence[Pair], depth: int) -> bytes:
    """The encoded node of sorted pairs, whose keys agree in their first `depth` digits."""
    first, last = pairs[0][0], pairs[-1][0]
    if len(pairs) == 1:
        return rlp.sequence([_path(first[depth:], 2), rlp.string(pairs[0][1])])
    fork = next(at for at in range(depth, len(first)) if first[at] != last[at])
    if fork > depth:
        return rlp.sequence([_path(first[depth:fork], 0), _reference(_branch(pairs, fork))])
    return _branch(pairs, depth)


def _branch(pairs: Sequence[Pair], depth: int) -> bytes:
    items = [_NOTHING] * 17
    for digit, below in groupby(pairs, lambda pair: pair[0][depth]):
        items[int(digit, 16)] = _reference(_node([*below], depth + 1))
    return rlp.sequence(items)


def _reference(node: bytes) -> bytes:
    """What stands for a node within another one: itself where it is short, or else its hash."""
    return node if len(node) < 32 else rlp.string(keccak(node))


def _path(digits: str, flag: int) -> bytes:
    """Hex digits as bytes, led by whether they end here (flag 2 or 0) and are odd in number."""
    odd = len(digits) % 2
    return rlp.string(bytes.fromhex(f"{flag + odd:x}{'' if odd else '0'}{digits}"))
