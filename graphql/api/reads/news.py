"""What a batch of the indexer brought: which blocks, which events, and what changed without one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, Table, any_, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from api.reads.snapshot import Reader
from api.reads.view import View
from indexer.db import types as t
from indexer.db.models import Projection, blocks, cursor, events, observations, reversals
from indexer.events.definitions import EVENTS, Contract
from indexer.events.observations import Kind

CHUNK: Final = 1000
"""Events read at once."""


def _last(number: Any) -> Any:
    """The highest number, or 0; served by the index on it."""
    return select(func.coalesce(func.max(number), 0)).scalar_subquery()


POSITION: Final = select(
    cursor,
    _last(reversals.c.number).label("reversal"),
    _last(observations.c.number).label("observation"),
)
_PLACE: Final = tuple_(events.c.block_number, events.c.log_index)
EVENTS_BETWEEN: Final = (
    select(events, blocks)
    .join(blocks, blocks.c.number == events.c.block_number)
    .where(_PLACE > tuple_(bindparam("block"), bindparam("log")))
    .where(events.c.block_number <= bindparam("last"))
    .order_by(*_PLACE)
    .limit(CHUNK)
)
"""Served by the primary keys of both."""


async def position(reader: Reader) -> Row[Any] | None:
    """The cursor's row, and the numbers of the last `reversal` and the last `observation`; None
    before the first start.
    """
    rows = await reader.rows(POSITION)
    return rows[0] if rows else None


async def observed(reader: Reader, after: int) -> Mapping[int, Sequence[bytes]]:
    """Keys of what was observed after that number by contract, in the order in which it came to be
    known; served by the index on the number.
    """
    newer = select(observations.c.kind, observations.c.key).where(observations.c.number > after)
    found: dict[int, dict[bytes, None]] = {}
    for row in await reader.rows(newer.order_by(observations.c.number)):
        found.setdefault(Kind(row.kind).contract.value, {})[row.key] = None
    return {contract: list(keys) for contract, keys in found.items()}


async def blocks_of(reader: Reader, rows: Sequence[Row[Any]]) -> Mapping[int, Row[Any]]:
    """The blocks of these events by number, as the reader has them."""
    numbers = list({row.block_number for row in rows})
    if not numbers:
        return {}
    wanted = blocks.c.number == any_(bindparam(None, numbers, ARRAY(t.Height)))
    return {row.number: row for row in await reader.rows(select(blocks).where(wanted))}


async def events_between(
    reader: Reader, first: int, last: int
) -> tuple[Sequence[Row[Any]], Mapping[int, Row[Any]]]:
    """The events of these blocks in the order of the chain, and their blocks by number."""
    found: list[Row[Any]] = []
    place = (first, -1)
    while True:
        asked = {"block": place[0], "log": place[1], "last": last}
        rows = await reader.rows(EVENTS_BETWEEN, asked)
        found += rows
        if len(rows) < CHUNK:
            return found, {row.number: row for row in found}
        place = (rows[-1].block_number, rows[-1].log_index)


async def changed(view: View, projection: Projection, first: int, last: int) -> Sequence[bytes]:
    """Keys of the rows whose state was last set in these blocks."""
    table: Table = projection.current
    key = table.c[projection.key[0]]
    between = table.c.updated_block.between(first, last)
    rows = await view.single(
        ("changed", projection.name),
        lambda: select(key).where(between).order_by(table.c.updated_block),
    )
    return [row[0] for row in rows]


def _naming(contract: Contract, *arguments: str) -> frozenset[bytes]:
    """Topic 0 of the contract's events whose first argument, topic 1, is one of these."""
    specs = (spec for spec in EVENTS if spec.contract is contract)
    return frozenset(spec.topic0 for spec in specs if spec.inputs[0].name in arguments)


ABOUT_GROUPS: Final = _naming(Contract.GROUP_CHAT, "groupId")
ABOUT_PAYMENTS: Final = _naming(Contract.GROUP_PAYMENT, "paymentId", "fundingId")
ABOUT_RED_PACKETS: Final = _naming(Contract.RED_PACKET, "redPacketId")


def subject(row: Any, contract: Contract, about: frozenset[bytes]) -> bytes | None:
    """The key of the thing that an event is about; None where it is about nothing of this kind."""
    if row.contract == contract.value and row.topic0 in about:
        return None if row.topic1 is None else bytes(row.topic1)
    return None
