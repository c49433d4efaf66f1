"""What a block's hash commits to: its header, field by field (Yellow Paper, section 4.3)."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import takewhile
from typing import Final

import msgspec

from indexer.chain import rlp
from indexer.chain.blocks import Header
from indexer.chain.quantities import blob, fixed, quantity
from indexer.chain.wire import Answer
from indexer.errors import BadAnswer
from indexer.units import UINT256_MAX, Hash32, keccak


class _WireHeader(msgspec.Struct, gc=False, rename="camel"):
    """The fields in the order in which they are hashed; those with a default came with forks."""

    parent_hash: str
    sha3_uncles: str
    miner: str
    state_root: str
    transactions_root: str
    receipts_root: str
    logs_bloom: str
    difficulty: str
    number: str
    gas_limit: str
    gas_used: str
    timestamp: str
    extra_data: str
    mix_hash: str
    nonce: str
    base_fee_per_gas: str | None = None
    withdrawals_root: str | None = None
    blob_gas_used: str | None = None
    excess_blob_gas: str | None = None
    parent_beacon_block_root: str | None = None
    requests_hash: str | None = None
    block_access_list_hash: str | None = None
    slot_number: str | None = None


def _number(text: str) -> bytes:
    return rlp.integer(quantity(text, UINT256_MAX))


def _data(text: str) -> bytes:
    return rlp.string(blob(text))


_NUMBERS: Final = frozenset(
    "difficulty number gas_limit gas_used timestamp"
    " base_fee_per_gas blob_gas_used excess_blob_gas slot_number".split()
)
_FIELDS: Final[tuple[tuple[str, Callable[[str], bytes]], ...]] = tuple(
    (name, _number if name in _NUMBERS else _data) for name in _WireHeader.__struct_fields__
)
_header: Final = msgspec.json.Decoder(_WireHeader)


def receipts_root(answer: Answer, header: Header) -> Hash32 | None:
    """The receipts root of the answered header; None where its hash cannot be recomputed.

    So it is with chains that hash otherwise and nodes that leave out fields. A header whose hash
    was recomputed is what that hash commits to as a whole, its bloom too.
    """
    with suppress(BadAnswer, ValueError):
        wire = answer.read(_header)
        if keccak(rlp.sequence(_encoded(wire))) == header.hash:
            return Hash32(fixed(wire.receipts_root, 32))
    return None


def _encoded(wire: _WireHeader) -> Iterator[bytes]:
    told = ((getattr(wire, name), encode) for name, encode in _FIELDS)
    return (encode(text) for text, encode in takewhile(lambda one: one[0] is not None, told))
