"""What nodes are asked, as JSON-RPC calls."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from indexer.chain.wire import Call
from indexer.units import Address, BlockNumber, Hash32, to_hex

TRACER: Final = {"tracer": "callTracer", "timeout": "5s"}


class Question(NamedTuple):
    """A view function's calldata, for this contract, at this block."""

    contract: Address
    calldata: bytes
    block: Hash32


def block(number: BlockNumber, *, whole: bool = False) -> Call:
    """The block of that number, with its transactions where it is wanted `whole`."""
    return Call(method="eth_getBlockByNumber", params=(hex(number), whole))


def block_by_hash(wanted: Hash32) -> Call:
    """The block of that hash."""
    return Call(method="eth_getBlockByHash", params=(to_hex(wanted), False))


def logs_between(first: BlockNumber, last: BlockNumber, ours: Collection[Address]) -> Call:
    """All logs of our addresses from block `first` to `last`, both included."""
    return _logs(ours, fromBlock=hex(first), toBlock=hex(last))


def logs_of(wanted: Hash32, ours: Collection[Address]) -> Call:
    """All logs of our addresses in the block of that hash."""
    return _logs(ours, blockHash=to_hex(wanted))


def _logs(ours: Collection[Address], **which: str) -> Call:
    return Call(method="eth_getLogs", params=({"address": [to_hex(one) for one in ours], **which},))


def transactions(hashes: Collection[Hash32]) -> list[Call]:
    """The transactions by hash."""
    return [Call(method="eth_getTransactionByHash", params=(to_hex(one),)) for one in hashes]


def receipt(transaction: Hash32) -> Call:
    """What became of a transaction."""
    return Call(method="eth_getTransactionReceipt", params=(to_hex(transaction),))


def receipts(number: BlockNumber) -> Call:
    """All receipts of a block, by its number, which every node takes."""
    return Call(method="eth_getBlockReceipts", params=(hex(number),))


def traces(hashes: Sequence[Hash32]) -> list[Call]:
    """What the execution of each transaction called."""
    return [Call(method="debug_traceTransaction", params=(to_hex(one), TRACER)) for one in hashes]


def view(asked: Question) -> Call:
    """What a contract answers at the end of a block (EIP-1898)."""
    said = {"to": to_hex(asked.contract), "data": to_hex(asked.calldata)}
    return Call(method="eth_call", params=(said, {"blockHash": to_hex(asked.block)}))
