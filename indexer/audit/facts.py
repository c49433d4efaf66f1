"""The projected tables against the facts that they are folds of: every row, present and past."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from indexer.audit.differences import Difference, Subject, Whole, shown
from indexer.audit.tables import Db
from indexer.db.models import metadata
from indexer.events.definitions import EVENTS, Contract
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.definitions import red_packet as packet
from indexer.projections.entities import Entity, EntityKind
from indexer.sync.refold import folded, standing
from indexer.units import Address

MOST_MISSING: Final = 1000
MISSING: Final = """
SELECT DISTINCT substring(topic1 FROM %(skip)s) FROM events
WHERE topic0 = ANY(%(creations)s) AND contract = %(contract)s AND decoded AND NOT EXISTS
    (SELECT FROM {table} WHERE {key} = substring(topic1 FROM %(skip)s))
LIMIT %(limit)s
"""
"""Served by events_topic0_contract_block_number_log_index_idx and the table's primary key."""
COUNTED: Final = """
SELECT event_count, undecoded_count, (SELECT count(*) FROM events),
    (SELECT count(*) FROM events WHERE NOT decoded)
FROM cursor
"""
"""Counts the whole of an index of events; of undecoded ones, events_undecoded_idx."""
CREATIONS: Final = {
    EntityKind.GROUP: (Contract.GROUP_CHAT, (chat.GroupCreated,)),
    EntityKind.PAYMENT: (Contract.GROUP_PAYMENT, (pay.PaymentCreated, pay.CrowdfundingCreated)),
    EntityKind.REFUND: (Contract.GROUP_PAYMENT, (pay.RefundCredited,)),
    EntityKind.RED_PACKET: (Contract.RED_PACKET, (packet.RedPacketCreated,)),
}
Row = tuple[Any, ...]


def unfounded(db: Db, entity: Entity) -> Iterator[tuple[str, list[Difference]]]:
    """Each table of the entity, with where its rows are not what the entity's facts make."""
    made, held = folded(db, entity), standing(db, entity)
    for table, rows in made.items():
        name = str(table)  # SQLAlchemy's is a subclass, which JSON does not take
        yield name, [*_table(entity, name, held[table] - rows, rows - held[table])]


def _table(entity: Entity, table: str, held: set[Row], made: set[Row]) -> Iterator[Difference]:
    """The differences between rows that stand and rows that should: by key, then by field."""
    columns = [*map(str, metadata.tables[table].columns.keys())]
    key = metadata.tables[table].primary_key.columns.keys()
    places = [columns.index(name) for name in key]
    mine, facts = _by_key(held, places), _by_key(made, places)
    for one in sorted(mine.keys() | facts.keys()):
        differ = partial(_differ, entity, table, one[1:])
        index, chain = mine.get(one), facts.get(one)
        if index is None or chain is None:
            yield differ("row", "there" if index else None, "there" if chain else None)
            continue
        for name, ours, theirs in zip(columns, index, chain, strict=True):
            if ours != theirs:
                told = (_json(ours), _json(theirs)) if name == "sources" else (ours, theirs)
                yield differ(name, *told)


def _by_key(rows: set[Row], places: list[int]) -> dict[Row, Row]:
    return {tuple(row[place] for place in places): row for row in rows}


def _json(value: bytes) -> str:
    return value.decode()


def _differ(
    subject: Subject, table: str, rest: Row, field: str, index: Any, chain: Any
) -> Difference:
    """`rest` is the row's key but for the subject."""
    of = next((part for part in rest if isinstance(part, bytes)), None)
    return Difference(
        subject=subject,
        source=table,
        field=field,
        index=shown(index),
        chain=shown(chain),
        of=None if of is None else Address(of),
        row=shown(rest) if rest else None,
    )


def missing(db: Db, kind: EntityKind) -> list[Entity]:
    """Entities that an event made and that have no row; the first of them, where there are many."""
    contract, classes = CREATIONS[kind]
    table = kind.tables[0]
    asked = {
        "creations": [spec.topic0 for spec in EVENTS if spec.cls in classes],
        "contract": contract,
        "skip": 13 if kind is EntityKind.REFUND else 1,
        "limit": MOST_MISSING,
    }
    statement = MISSING.format(table=table.name, key=table.key[0])
    return [Entity(kind, key) for (key,) in db.execute(statement.encode(), asked)]


def counters(db: Db) -> list[Difference]:
    """What the cursor counts, against the events that there are."""
    subject = Whole("the cursor")
    return [
        _differ(subject, "cursor", (), name, *told)
        for name, told in counted(db).items()
        if told[0] != told[1]
    ]


def counted(db: Db) -> dict[str, tuple[int, int]]:
    """Each counter of the cursor, with what it should be."""
    row = db.execute(COUNTED).fetchone()
    if row is None:
        return {}
    return {"event_count": (row[0], row[2]), "undecoded_count": (row[1], row[3])}
