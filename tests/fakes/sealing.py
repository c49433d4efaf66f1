"""How the fake chain's blocks commit to what is in them: as those of real chains do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from indexer.chain import rlp, trie
from indexer.chain.bloom import mask
from indexer.units import keccak

if TYPE_CHECKING:
    from tests.fakes.chain import FakeBlock, FakeTransaction, LogSpec

UNCLES: Final = keccak(rlp.sequence(()))
GAS_LIMIT: Final = 30_000_000
GAS: Final = 21_000
"""Used by every transaction."""
TYPES: Final = (2, 0, 2, 1, 3, 4)
"""Of a block's transactions, in turn."""


def bloom(logs: Iterable[LogSpec]) -> bytes:
    """The bloom of these logs."""
    bits = 0
    for item in {item for log in logs for item in (log[0], *log[1])}:
        bits |= mask(item)
    return bits.to_bytes(256, "big")


def kind(one: FakeTransaction) -> int:
    """The transaction's type (EIP-2718)."""
    return TYPES[one.index % len(TYPES)]


def receipts_root(transactions: Sequence[FakeTransaction]) -> bytes:
    """The root of the receipts of a block's transactions."""
    return trie.root([_receipt(one) for one in transactions])


def _receipt(one: FakeTransaction) -> bytes:
    logs = (
        rlp.sequence(
            (rlp.string(log[0]), rlp.sequence(map(rlp.string, log[1])), rlp.string(log[2]))
        )
        for log in one.sent.logs
    )
    body = rlp.sequence(
        (
            rlp.integer(1),
            rlp.integer(GAS * (one.index + 1)),
            rlp.string(bloom(one.sent.logs)),
            rlp.sequence(logs),
        )
    )
    return bytes((kind(one),)) + body if kind(one) else body


def block_hash(block: FakeBlock) -> bytes:
    """The hash of a header as it was from London to Paris."""
    fields = (
        rlp.string(block.parent_hash),
        rlp.string(UNCLES),
        rlp.string(bytes(20)),
        rlp.string(bytes(32)),
        rlp.string(bytes(32)),
        rlp.string(block.receipts_root),
        rlp.string(block.logs_bloom),
        rlp.integer(0),
        rlp.integer(block.number),
        rlp.integer(GAS_LIMIT),
        rlp.integer(GAS * len(block.transactions)),
        rlp.integer(block.timestamp),
        rlp.string(block.extra),
        rlp.string(bytes(32)),
        rlp.string(bytes(8)),
        rlp.integer(7),
    )
    return keccak(rlp.sequence(fields))
