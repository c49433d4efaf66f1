"""The entities of the index: page after page by key, and all rows of each as of a block."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.dialects.postgresql import psycopg as driver

from indexer.audit.holdings import (
    GroupHoldings,
    Holdings,
    PacketHoldings,
    PaymentHoldings,
    RefundHoldings,
)
from indexer.audit.tables import Db, by, next_keys, rows_at
from indexer.db import models
from indexer.projections import rows
from indexer.projections.entities import Entity, EntityKind


def page(
    db: Db, kind: EntityKind, after: bytes | None, limit: int, block: int | None
) -> list[Entity]:
    """The next entities that stood at `block` (None: stand now), in the order of their keys."""
    asked = {"after": after or b"", "limit": limit, "block": block}
    return [Entity(kind, key) for (key,) in db.execute(_page(kind, block is None), asked)]


@cache
def _page(kind: EntityKind, now: bool) -> bytes:
    """Served by the primary keys of the entity's table and of its history."""
    projection = kind.tables[0]
    key = projection.at(None if now else bindparam("block")).c[projection.key[0]]
    after = bindparam("after", type_=key.type)
    statement = (
        select(key).where(key > after).order_by(key).limit(bindparam("limit", type_=Integer))
    )
    return str(statement.compile(dialect=driver.dialect())).encode()  # type: ignore[no-untyped-call]


def keys(db: Db, kind: EntityKind, after: bytes | None, limit: int) -> list[Entity]:
    """The next entities of which any table holds a row, present or past: orphans among them."""
    tables = [table for one in kind.tables for table in (one.current, one.history)]
    places = [(one.name, one.columns.keys()[0]) for one in tables if one is not None]
    return [Entity(kind, key) for key in next_keys(db, places, after, limit)]


def load(db: Db, entities: Sequence[Entity], block: int | None) -> list[Holdings]:
    """All rows of these entities as of `block`; those that did not stand then are left out."""
    by_kind: dict[EntityKind, list[bytes]] = defaultdict(list)
    for entity in entities:
        by_kind[entity.kind].append(entity.key)
    found = {
        holdings.entity: holdings
        for kind, wanted in by_kind.items()
        for holdings in LOADERS[kind](db, wanted, block)
    }
    return [found[entity] for entity in entities if entity in found]


def _groups(db: Db, wanted: list[bytes], block: int | None) -> Iterator[Holdings]:
    key = "group_key"
    members = by(key, rows_at(db, models.MEMBERS, rows.Member, key, wanted, block))
    asking = by(key, rows_at(db, models.JOIN_REQUESTS, rows.JoinRequest, key, wanted, block))
    for group in rows_at(db, models.GROUPS, rows.Group, "key", wanted, block):
        yield GroupHoldings(
            entity=Entity(EntityKind.GROUP, group.key),
            group=group,
            members=members.get(group.key, []),
            join_requests=asking.get(group.key, []),
        )


def _payments(db: Db, wanted: list[bytes], block: int | None) -> Iterator[Holdings]:
    key = "payment_id"
    people = by(key, rows_at(db, models.PARTICIPANTS, rows.Participant, key, wanted, block))
    given = by(key, rows_at(db, models.CONTRIBUTIONS, rows.Contribution, key, wanted, block))
    for one in rows_at(db, models.PAYMENTS, rows.Payment, key, wanted, block):
        yield PaymentHoldings(
            entity=Entity(EntityKind.PAYMENT, one.payment_id),
            payment=one,
            participants=people.get(one.payment_id, []),
            contributions=given.get(one.payment_id, []),
        )


def _refunds(db: Db, wanted: list[bytes], block: int | None) -> Iterator[Holdings]:
    table = models.REFUND_BALANCES
    for one in rows_at(db, table, rows.RefundBalance, "address", wanted, block):
        yield RefundHoldings(entity=Entity(EntityKind.REFUND, one.address), balance=one)


def _packets(db: Db, wanted: list[bytes], block: int | None) -> Iterator[Holdings]:
    key = "packet_id"
    people = by(key, rows_at(db, models.RECIPIENTS, rows.Recipient, key, wanted, block))
    taken = by(key, rows_at(db, models.CLAIMS, rows.Claim, key, wanted, block))
    for one in rows_at(db, models.RED_PACKETS, rows.RedPacket, key, wanted, block):
        yield PacketHoldings(
            entity=Entity(EntityKind.RED_PACKET, one.packet_id),
            packet=one,
            recipients=people.get(one.packet_id, []),
            claims=taken.get(one.packet_id, []),
        )


LOADERS: Final[dict[EntityKind, Callable[[Db, list[bytes], int | None], Iterator[Holdings]]]] = {
    EntityKind.GROUP: _groups,
    EntityKind.PAYMENT: _payments,
    EntityKind.REFUND: _refunds,
    EntityKind.RED_PACKET: _packets,
}
