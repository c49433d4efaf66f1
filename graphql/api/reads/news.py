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


async def position(reader: Reader) -> Row[Any] | None:
    """The cursor's row, and the numbers of the last `reversal` and the last `observation`; None
    before the first start.
    """
    rows = await reader.rows(
        select(
            cursor,
            _last(reversals.c.number).label("reversal"),
            _last(observations.c.number).label("observation"),
        )
    )
    return rows[0] if rows else None


def _last(number: Any) -> Any:
    """The highest number, or 0; served by the index on it."""
    return select(func.coalesce(func.max(number), 0)).scalar_subquery()


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


async def events_between(reader: Reader, first: int, last: int) -> Sequence[Row[Any]]:
    """The events of these blocks in the order of the chain."""
    found: list[Row[Any]] = []
    after = (first, -1)
    while True:
        place = tuple_(events.c.block_number, events.c.log_index)
        chunk = select(events).where(place > after, events.c.block_number <= last)
        rows = await reader.rows(chunk.order_by(*place).limit(CHUNK))
        found += rows
        if len(rows) < CHUNK:
            return found
        after = (rows[-1].block_number, rows[-1].log_index)


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
