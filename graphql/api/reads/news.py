"""What a batch of the indexer brought: which blocks, which events, and what changed without one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, Table, any_, bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from api.reads.snapshot import Reader
from api.reads.view import View
from indexer.db import types as t
from indexer.db.models import Projection, blocks, cursor, events
from indexer.events.definitions import EVENTS, Contract

CHUNK: Final = 1000
"""Events read at once."""
MEMORY: Final = 512
"""Newest blocks that are remembered to find where a reorg began."""


async def position(reader: Reader) -> Row[Any] | None:
    """The cursor's row; None where nothing is indexed yet."""
    rows = await reader.rows(select(cursor).where(cursor.c.block_hash.is_not(None)))
    return rows[0] if rows else None


async def newest_blocks(reader: Reader) -> Mapping[int, bytes]:
    """Hashes of the newest stored blocks by number."""
    newest = select(blocks.c.number, blocks.c.hash).order_by(blocks.c.number.desc())
    return {row.number: row.hash for row in await reader.rows(newest.limit(MEMORY))}


async def standing(reader: Reader, known: Mapping[int, bytes]) -> Collection[int]:
    """Those of the known blocks that are still there."""
    same = blocks.c.number == any_(bindparam(None, list(known), ARRAY(t.Height)))
    rows = await reader.rows(select(blocks.c.number, blocks.c.hash).where(same))
    return [row.number for row in rows if known[row.number] == row.hash]


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
