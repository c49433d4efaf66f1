"""Whole blocks: their headers, and those of their transactions that have to do with us."""

from binascii import unhexlify
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

from indexer.chain.blocks import Header, Transaction, read_transaction
from indexer.chain.wire import Answer
from indexer.errors import BadAnswer
from indexer.units import Hash32


class Body(NamedTuple):
    """A block; `transactions` are those that mention us, as far as the node told them.

    `receipts_root` is None where the block's hash could not be recomputed: nothing proves then
    that the header is of that block.
    """

    header: Header
    transactions: Sequence[Transaction]
    receipts_root: Hash32 | None


class _WireBody(msgspec.Struct):
    transactions: list[msgspec.Raw] = []


class _WireOwn(msgspec.Struct, gc=False):
    hash: str = ""


_body: Final = msgspec.json.Decoder(_WireBody)
_own: Final = msgspec.json.Decoder(_WireOwn)
HASH: Final = 32


def _hash(text: bytes) -> bytes | None:
    """The hash of a transaction in lower case: looking for thousands in each would take long."""
    try:
        return unhexlify(_own.decode(text).hash[2:])
    except ValueError:
        return None


def mentioning(answer: Answer, header: Header, wanted: Collection[bytes]) -> list[Transaction]:
    """The transactions of the block in which any of `wanted` stands in hex: an address as
    receiver, in the input, in the access list; or the transaction's own hash.

    Where the node told only hashes, or nonsense, there are none: that is no reason to refuse the
    block.
    """
    hashes = {one for one in wanted if len(one) == HASH}
    needles = [one.hex().encode() for one in wanted if len(one) < HASH]
    found = []
    with suppress(BadAnswer):
        for raw in answer.read(_body).transactions:
            text = bytes(raw).lower()
            if text[:1] == b"{" and (_hash(text) in hashes or any(n in text for n in needles)):
                with suppress(BadAnswer):
                    found.append(read_transaction(Answer(method=answer.method, result=raw)))
    return [one for one in found if one is not None and one.block_hash == header.hash]
