"""A block's receipts, proven by the root that its header names; and the logs in them.

Receipts are encoded as EIP-2718 and EIP-658 have it; before Byzantium they named a state root.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec

from indexer.chain import rlp
from indexer.chain.blocks import Header, Log
from indexer.chain.quantities import blob, fixed, quantity
from indexer.chain.trie import root
from indexer.chain.wire import Answer
from indexer.units import Address, Hash32

_DEPOSIT: Final = 0x7E
"""The OP stack's own transactions: since Canyon their nonce and version are hashed too."""


class _WireLog(msgspec.Struct, gc=False):
    address: str
    topics: list[str]
    data: str


class _WireReceipt(msgspec.Struct, gc=False, rename="camel"):
    transaction_hash: str
    cumulative_gas_used: str
    logs_bloom: str
    logs: list[_WireLog]
    type: str | None = None
    status: str | None = None
    root: str | None = None
    deposit_nonce: str | None = None
    deposit_receipt_version: str | None = None


_receipts: Final = msgspec.json.Decoder(list[_WireReceipt] | None)


def read_receipts(
    answer: Answer, header: Header, wanted: Hash32, ours: Collection[Address]
) -> list[Log] | None:
    """All our logs of the block, as its receipts have them; None where the node has none.

    `wanted` is the root that the receipts must have: else, and where they make no sense, raises
    ValueError or BadAnswer. The root does not commit to the hashes of the transactions.
    """
    wire = answer.read(_receipts)
    if wire is None:
        return None
    if root([_encoded(one) for one in wire]) != wanted:
        raise ValueError("the receipts are not those that the block's header names")
    return [log for log in _logs(wire, header) if log.address in ours]


def _encoded(receipt: _WireReceipt) -> bytes:
    kind = quantity(receipt.type or "0x0", 0x7F)
    body = [
        _outcome(receipt),
        rlp.integer(quantity(receipt.cumulative_gas_used)),
        rlp.string(fixed(receipt.logs_bloom, 256)),
        rlp.sequence(_encoded_log(log) for log in receipt.logs),
    ]
    if kind == _DEPOSIT and receipt.deposit_receipt_version is not None:
        extra = (receipt.deposit_nonce or "0x0", receipt.deposit_receipt_version)
        body += [rlp.integer(quantity(text)) for text in extra]
    return (bytes((kind,)) if kind else b"") + rlp.sequence(body)


def _outcome(receipt: _WireReceipt) -> bytes:
    if receipt.status is None:
        return rlp.string(fixed(receipt.root or "", 32))
    return rlp.integer(quantity(receipt.status))


def _encoded_log(log: _WireLog) -> bytes:
    return rlp.sequence(
        (
            rlp.string(fixed(log.address, 20)),
            rlp.sequence(rlp.string(fixed(topic, 32)) for topic in log.topics),
            rlp.string(blob(log.data)),
        )
    )


def _logs(receipts: Sequence[_WireReceipt], header: Header) -> Iterator[Log]:
    """Every log at its place, which follows from the order of the receipts."""
    place = 0
    for turn, receipt in enumerate(receipts):
        transaction = Hash32(fixed(receipt.transaction_hash, 32))
        for log in receipt.logs:
            yield Log(
                Address(fixed(log.address, 20)),
                tuple(Hash32(fixed(topic, 32)) for topic in log.topics),
                blob(log.data),
                header.number,
                header.hash,
                transaction,
                turn,
                place,
                header.timestamp,
            )
            place += 1
