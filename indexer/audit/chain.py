"""The stored facts against the node: hashes of blocks, and every log."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from indexer.audit.differences import Difference, Shown, Whole, shown
from indexer.audit.moment import Moment, Reader
from indexer.audit.tables import Db
from indexer.chain.blocks import Log
from indexer.chain.node import Node
from indexer.chain.ranges import Ranges
from indexer.errors import NodeBehind, RangeTooLarge
from indexer.units import Address, BlockNumber

AT_ONCE: Final = 100
"""Headers in a request."""
READ_BLOCKS: Final = """
SELECT number, hash, extract(epoch FROM timestamp)::bigint FROM blocks
WHERE number > %s AND number <= %s ORDER BY number LIMIT %s
"""
"""Served by the primary key."""
NEWEST_BLOCKS: Final = """
SELECT number, hash, extract(epoch FROM timestamp)::bigint FROM blocks
WHERE number <= %s ORDER BY number DESC LIMIT %s
"""
"""Served by the primary key."""
READ_EVENTS: Final = """
SELECT block_number, log_index, transaction_index, transaction_hash, contract,
    topic0, topic1, topic2, topic3, data
FROM events WHERE block_number BETWEEN %s AND %s
"""
"""Served by the primary key."""
FIELDS: Final = (
    "transaction_index", "transaction_hash", "contract", "topic0", "topic1", "topic2", "topic3",
    "data",
)  # fmt: skip
Row = tuple[Any, ...]
Told = list[Log] | RangeTooLarge
Patiently = Callable[[Callable[[], Awaitable[Told]]], Awaitable[Told]]
"""Asks again where waiting helps."""
Place = tuple[int, int]


class Compared(NamedTuple):
    """How many of them were compared, and how many could not be, for the reason `why`.

    `upto` is the last block that was looked at, `wrong` are those in which something differs.
    """

    upto: int
    compared: int
    differences: list[Difference]
    not_compared: int = 0
    why: str = ""
    wrong: frozenset[int] = frozenset()


async def blocks(
    reader: Reader, moment: Moment, node: Node, *, after: int = -1
) -> AsyncIterator[Compared]:
    """The kept blocks behind `after` up to the moment, against the node's headers."""
    while kept := await asyncio.to_thread(
        _kept, reader, moment, READ_BLOCKS, after, moment.number, AT_ONCE
    ):
        yield await _headers(node, kept)
        after = kept[-1][0]


async def newest(
    reader: Reader, moment: Moment, node: Node, sample: int
) -> AsyncIterator[Compared]:
    """The newest `sample` of the kept blocks up to the moment."""
    kept = await asyncio.to_thread(_kept, reader, moment, NEWEST_BLOCKS, moment.number, sample)
    kept.reverse()
    for at in range(0, len(kept), AT_ONCE):
        yield await _headers(node, kept[at : at + AT_ONCE])


def _kept(reader: Reader, moment: Moment, statement: str, *values: int) -> list[Row]:
    with reader.at(moment) as db:
        return db.execute(statement.encode(), values).fetchall()


async def _headers(node: Node, kept: Sequence[Row]) -> Compared:
    try:
        headers = await node.headers([row[0] for row in kept])
    except NodeBehind as error:
        return Compared(kept[-1][0], 0, [], len(kept), str(error))
    found, wrong = list[Difference](), set[int]()
    for (number, hash_, time), header in zip(kept, headers, strict=True):
        for field, ours, theirs in (
            ("hash", hash_, header.hash),
            ("timestamp", time, header.timestamp),
        ):
            if ours != theirs:
                found.append(_differ(f"block {number}", "blocks", field, ours, theirs))
                wrong.add(number)
    return Compared(kept[-1][0], len(kept), found, wrong=frozenset(wrong))


async def logs(
    reader: Reader,
    moment: Moment,
    node: Node,
    most: int,
    patiently: Patiently,
    *,
    after: int = -1,
) -> AsyncIterator[Compared]:
    """Every stored event behind block `after` up to the moment against eth_getLogs, stretch after
    stretch.
    """
    contracts = {address: int(contract) for contract, address in moment.addresses.items()}
    ranges, first = Ranges(most=most), BlockNumber(max(moment.start, after + 1))
    while first <= moment.number:
        last = BlockNumber(min(first + ranges.size - 1, moment.number))
        blocks = last - first + 1
        told = await patiently(partial(_told, node, first, last, [*contracts]))
        if isinstance(told, RangeTooLarge):
            if blocks == 1:
                yield Compared(last, 0, [], 1, str(told))
                first = BlockNumber(last + 1)
            ranges = ranges.refused(blocks=blocks, suggested=told.suggested, certain=told.certain)
            continue
        ranges = ranges.answered(blocks=blocks, logs=len(told))
        held = await asyncio.to_thread(_events, reader, moment, first, last)
        chain = {_place(log): _row(log, contracts) for log in told}
        found = [*_unequal(held, chain)]
        places = held.keys() | chain.keys()
        wrong = frozenset(place[0] for place in places if held.get(place) != chain.get(place))
        yield Compared(last, len(places), found, wrong=wrong)
        first = BlockNumber(last + 1)


async def _told(node: Node, first: BlockNumber, last: BlockNumber, ours: Sequence[Address]) -> Told:
    """The node's logs, or that they are too many at once, which waiting does not change."""
    try:
        return await node.logs(first, last, ours)
    except RangeTooLarge as error:
        return error


def _events(reader: Reader, moment: Moment, first: int, last: int) -> dict[Place, Row]:
    with reader.at(moment) as db:
        return {(row[0], row[1]): row[2:] for row in _read(db, first, last)}


def _read(db: Db, first: int, last: int) -> list[Row]:
    return db.execute(READ_EVENTS.encode(), [first, last]).fetchall()


def _place(log: Log) -> Place:
    return log.block_number, log.log_index


def _row(log: Log, contracts: Mapping[Address, int]) -> Row:
    topics = (*log.topics, None, None, None, None)[:4]
    told = log.transaction_index, log.transaction_hash, contracts[log.address]
    return (*told, *topics, log.data)


def _unequal(held: Mapping[Place, Row], chain: Mapping[Place, Row]) -> Iterator[Difference]:
    for place in sorted(held.keys() | chain.keys()):
        name = f"event {place[0]}-{place[1]}"
        ours, theirs = held.get(place), chain.get(place)
        if ours is None or theirs is None:
            there = ["there" if row is not None else None for row in (ours, theirs)]
            yield _differ(name, "events", "event", *there)
            continue
        for field, one, other in zip(FIELDS, ours, theirs, strict=True):
            if one != other:
                yield _differ(name, "events", field, one, other)


def _differ(name: str, source: str, field: str, index: Any, chain: Any) -> Difference:
    told: tuple[Shown, Shown] = shown(index), shown(chain)
    return Difference(subject=Whole(name), source=source, field=field, index=told[0], chain=told[1])
