"""What nodes' answers to our questions must be, and what they then say."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from operator import attrgetter
from typing import Final

from indexer.chain.blocks import (
    Header,
    Log,
    Transaction,
    read_header,
    read_logs,
    read_receipt,
    read_transaction,
)
from indexer.chain.bodies import Body, mentioning
from indexer.chain.endpoint import Endpoint
from indexer.chain.receipts import read_receipts
from indexer.chain.sealing import receipts_root
from indexer.chain.traces import raise_if_it_may_help
from indexer.chain.validate import check_block, check_links, check_logs, check_number
from indexer.chain.wire import Answer
from indexer.errors import BadAnswer, NodeBehind
from indexer.units import Address, BlockNumber, Hash32, to_hex


@dataclass(frozen=True, slots=True)
class Span:
    """All our logs of the blocks `first` to `last`, as one endpoint saw them in one answer."""

    first: Header
    last: Header
    logs: list[Log]
    by: Endpoint


@dataclass(frozen=True, slots=True)
class Strand:
    """Blocks, each the child of the one before, and all our logs in them, as `by` told them."""

    bodies: Sequence[Body]
    logs: list[Log]
    by: Endpoint


_number: Final = attrgetter("block_number")

Piece = tuple[BlockNumber, BlockNumber]
"""Blocks from the first to the last."""


def known(answer: Answer, number: BlockNumber) -> Header:
    """The header of that number; raises NodeBehind where the node has none."""
    header = read_header(answer)
    if header is None:
        raise NodeBehind(f"{answer.method}: the node has no block {number} yet")
    check_number(header, number)
    return header


def of_hash(answer: Answer, block: Hash32) -> Header | None:
    """The header of that hash, None where the node does not know it."""
    header = read_header(answer)
    if header is not None and header.hash != block:
        raise BadAnswer(f"{answer.method}: the node answered another block than {to_hex(block)}")
    return header


def span(
    told: Sequence[Answer], first: BlockNumber, last: BlockNumber, ours: Collection[Address]
) -> tuple[Header, Header, list[Log]]:
    """The headers of both ends and the logs, which fit together."""
    # The headers come first: a node that lacks a block is behind, whatever it says about logs.
    opening, closing = known(told[1], first), known(told[-1], last)
    logs = read_logs(told[0])
    check_logs(logs, first, last, ours)
    for header in (opening, closing):
        check_block(header, _within(logs, header))
    return opening, closing, logs


def strand(
    told: Sequence[Answer], numbers: Sequence[BlockNumber], ours: Collection[Address]
) -> tuple[list[Body], list[Log]]:
    """Some of the blocks, the first and the last among them, and all logs, which fit together."""
    headers = _headers(told[1:], numbers)
    logs = read_logs(told[0])
    check_logs(logs, numbers[0], numbers[-1], ours)
    for header in headers:
        check_block(header, _within(logs, header))
    return _bodies(told[1:], headers, wanted(logs, ours)), logs


def bodies(
    told: Sequence[Answer], numbers: Sequence[BlockNumber], wanted: Collection[bytes]
) -> list[Body]:
    """The blocks of those numbers, with those of their transactions that mention what is wanted."""
    return _bodies(told, _headers(told, numbers), wanted)


def wanted(logs: Iterable[Log], ours: Collection[Address]) -> set[bytes]:
    """What a transaction that has to do with us mentions: an address of ours, or its own hash."""
    return {*ours, *(log.transaction_hash for log in logs)}


def _headers(told: Sequence[Answer], numbers: Sequence[BlockNumber]) -> list[Header]:
    found = [known(answer, number) for answer, number in zip(told, numbers, strict=True)]
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        check_links(found)
    return found


def _bodies(
    told: Sequence[Answer], headers: Sequence[Header], wanted: Collection[bytes]
) -> list[Body]:
    pairs = zip(told, headers, strict=True)
    return [
        Body(header, mentioning(answer, header, wanted), receipts_root(answer, header))
        for answer, header in pairs
    ]


def _within(logs: Sequence[Log], header: Header) -> list[Log]:
    """The logs of that block, of logs in the order of the chain."""
    first = bisect_left(logs, header.number, key=_number)
    return list(takewhile(lambda log: log.block_number == header.number, islice(logs, first, None)))


def many(
    told: Sequence[Answer], last: BlockNumber, pieces: Sequence[Piece], ours: Collection[Address]
) -> tuple[Header, list[Log]]:
    """The header of the last block, and the logs of successive pieces that end with it."""
    header, logs = known(told[-1], last), list[Log]()
    for answer, (first, end) in zip(told[:-1], pieces, strict=True):
        found = read_logs(answer)
        check_logs(found, first, end, ours)
        logs += found
    check_block(header, _within(logs, header))
    return header, logs


def receipts(
    told: Sequence[Answer], asked: Sequence[Body], ours: Collection[Address]
) -> list[list[Log] | None]:
    """Our logs in each block as its receipts prove them; None where they do not.

    Raises NodeBehind where the node has none, Unserved where it does not serve any.
    """
    return [_proven(answer, body, ours) for answer, body in zip(told, asked, strict=True)]


def _proven(answer: Answer, body: Body, ours: Collection[Address]) -> list[Log] | None:
    if answer.refusal is not None:
        raise_if_it_may_help(answer.method, answer.refusal)
        return None
    assert body.receipts_root is not None, "only such blocks are asked for"
    try:
        logs = read_receipts(answer, body.header, body.receipts_root, ours)
    except (BadAnswer, ValueError):
        return None
    if logs is None:
        raise NodeBehind(f"{answer.method}: the node has no receipts of {body.header.number} yet")
    return logs


def block_logs(answer: Answer, header: Header, ours: Collection[Address]) -> list[Log]:
    """Our logs of that very block."""
    logs = read_logs(answer)
    check_logs(logs, header.number, header.number, ours)
    check_block(header, logs)
    return logs


def transaction(answer: Answer, wanted: Hash32) -> Transaction:
    """The transaction of that hash; raises NodeBehind where it is unknown or in no block."""
    found = read_transaction(answer)
    if found is None:
        raise NodeBehind(
            f"{answer.method}: the node has no transaction {to_hex(wanted)} (yet): "
            "it lags, or it keeps too few of the old ones to index from"
        )
    if found.hash != wanted:
        raise BadAnswer(f"{answer.method}: the node answered another than {to_hex(wanted)}")
    return found


def created(answer: Answer, wanted: Hash32) -> BlockNumber:
    """The block of a transaction, by its receipt."""
    receipt = read_receipt(answer)
    if receipt is None:
        raise NodeBehind(f"{answer.method}: the node knows no transaction {to_hex(wanted)}")
    if receipt[0] != wanted:
        raise BadAnswer(f"{answer.method}: the node answered another than {to_hex(wanted)}")
    return receipt[1]
