"""What must hold of an answer before it is believed. Pure; what does not hold raises BadAnswer."""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from indexer.chain.blocks import Header, Log
from indexer.chain.bloom import holds
from indexer.errors import BadAnswer
from indexer.units import Address, BlockNumber


def check_number(header: Header, wanted: BlockNumber) -> None:
    """The header is of the block that was asked for."""
    if header.number != wanted:
        raise BadAnswer(f"the node answered block {header.number} when asked for block {wanted}")


def check_links(headers: Sequence[Header]) -> None:
    """Each header is the child of the one before it."""
    for parent, child in pairwise(headers):
        if child.number != parent.number + 1:
            raise BadAnswer(f"block {child.number} follows block {parent.number} in an answer")
        if child.parent_hash != parent.hash:
            raise BadAnswer(
                f"block {child.number} names parent 0x{child.parent_hash.hex()}, "
                f"but block {parent.number} is 0x{parent.hash.hex()}"
            )


def check_logs(
    logs: Sequence[Log], first: BlockNumber, last: BlockNumber, ours: Collection[Address]
) -> None:
    """The logs are of our addresses, within the blocks, in the chain's order, and fit together.

    Within a block there is one hash, log indexes ascend strictly, transaction indexes never
    descend, and one transaction index is one transaction hash.
    """
    if logs and not (first <= logs[0].block_number and logs[-1].block_number <= last):
        raise BadAnswer(
            f"the node answered logs of blocks {logs[0].block_number} to {logs[-1].block_number} "
            f"when asked for {first} to {last}"
        )
    number = place = turn = -1
    block_hash = transaction = b""
    for log in logs:
        if log.address not in ours:
            raise BadAnswer(f"{_at(log)} is of 0x{log.address.hex()}, which was not asked for")
        if log.block_number != number:
            if log.block_number < number:
                raise BadAnswer(f"{_at(log)} comes after a log of block {number}")
            number, block_hash = log.block_number, log.block_hash
            turn, transaction = log.transaction_index, log.transaction_hash
        else:
            if log.log_index <= place:
                raise BadAnswer(f"{_at(log)} comes after log {place}")
            if log.block_hash != block_hash:
                raise BadAnswer(f"{_at(log)} has another block hash than a log before it")
            if log.transaction_hash != transaction or log.transaction_index != turn:
                if log.transaction_index <= turn or log.transaction_hash == transaction:
                    raise BadAnswer(f"{_at(log)} does not fit the transactions of its block")
                turn, transaction = log.transaction_index, log.transaction_hash
        place = log.log_index


def check_block(header: Header, logs: Iterable[Log]) -> None:
    """The logs of this block are of its very hash and time, and in its bloom.

    A bloom without any bit says nothing: some chains and simple nodes serve it for every block.
    """
    carried = list(logs)
    for log in carried:
        if log.block_hash != header.hash:
            raise BadAnswer(
                f"{_at(log)} is of block hash 0x{log.block_hash.hex()}, "
                f"but the block is 0x{header.hash.hex()}"
            )
        if log.block_timestamp not in (None, header.timestamp):
            raise BadAnswer(f"{_at(log)} has another time than its block")
    bits = int.from_bytes(header.logs_bloom, "big")
    items = {item for log in carried for item in _items(log)}
    if bits and not all(holds(bits, item) for item in items):
        odd = next(log for log in carried if not all(holds(bits, item) for item in _items(log)))
        raise BadAnswer(f"{_at(odd)} is not in the bloom of its block")


def may_miss(header: Header, logs: Iterable[Log], ours: Collection[Address]) -> bool:
    """Whether the block's bloom names an address of ours of which there is no log.

    That is a lagging or lying node, or a false positive of the bloom: worth a second question.
    """
    bits = int.from_bytes(header.logs_bloom, "big")
    seen = {log.address for log in logs}
    return any(holds(bits, address) for address in ours if address not in seen)


def _items(log: Log) -> tuple[bytes, ...]:
    """What a block's bloom holds of the log."""
    return log.address, *log.topics


def _at(log: Log) -> str:
    return f"log {log.log_index} of block {log.block_number}"
