"""Facts read back from the tables: what a fold needs, and nothing of any node."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from operator import attrgetter
from typing import Any, Final, NamedTuple

from psycopg import Cursor

from indexer.events.causes import Source, cause
from indexer.events.decode import decoder_for
from indexer.events.definitions import EVENTS, Contract
from indexer.events.definitions import group_payment as pay
from indexer.events.observations import Kind, Observation, observed
from indexer.projections.entities import Entity, EntityKind
from indexer.projections.world import AFTER_EVENTS, Fact

CHUNK: Final = 25_000
"""Events that are read at once."""
COLUMNS: Final = """
block_number, log_index, transaction_index, contract, topic0, topic1, topic2, topic3, data,
input, input_source, decoded
"""
READ_EVENTS: Final = f"""
SELECT {COLUMNS} FROM events
WHERE (block_number, log_index) > (%s, %s) AND block_number <= %s
ORDER BY block_number, log_index LIMIT %s
"""
"""Served by the primary key."""
READ_OBSERVATIONS: Final = """
SELECT key, kind, address, block_number, block_hash, answer, origin FROM observations
WHERE block_number BETWEEN %s AND %s AND kind <> ALL(%s) ORDER BY block_number, kind, key, address
"""
"""Served by observations_block_number_idx."""
EVENTS_ABOUT: Final = f"""
SELECT {COLUMNS} FROM events WHERE contract = %(contract)s AND topic1 = %(topic)s
ORDER BY block_number, log_index
"""
"""Served by events_topic1_block_number_log_index_idx."""
EVENTS_OF_PAYMENT: Final = f"""
WITH about AS (SELECT * FROM events WHERE contract = %(contract)s AND topic1 = %(topic)s),
around AS (
    SELECT DISTINCT block_number, transaction_index FROM about
    WHERE topic0 = ANY(%(cancellations)s)
)
SELECT {COLUMNS} FROM about WHERE (block_number, transaction_index) NOT IN (TABLE around)
UNION ALL
SELECT {COLUMNS} FROM events JOIN around USING (block_number, transaction_index)
WHERE contract = %(contract)s
ORDER BY block_number, log_index
"""
"""Served by events_topic1_block_number_log_index_idx, and the primary key for what lies around a
cancellation: the refunds that it credited name no payment.
"""
OBSERVATIONS_ABOUT: Final = """
SELECT key, kind, address, block_number, block_hash, answer, origin FROM observations
WHERE key = %s AND kind = ANY(%s) ORDER BY block_number, kind, key, address
"""
"""Served by the primary key."""
CANCELLATIONS: Final = [
    spec.topic0 for spec in EVENTS if spec.cls in (pay.PaymentCancelled, pay.CrowdfundingCancelled)
]
KINDS: Final = {
    EntityKind.GROUP: (Kind.GROUP, Kind.MEMBER, Kind.JOIN_REQUEST),
    EntityKind.PAYMENT: (Kind.PAYMENT, Kind.CROWDFUNDING),
    EntityKind.REFUND: (),
    EntityKind.RED_PACKET: (Kind.RED_PACKET, Kind.RECIPIENTS),
}
REWRITING: Final = {
    Kind.PAYMENT: EntityKind.PAYMENT,
    Kind.CROWDFUNDING: EntityKind.PAYMENT,
    Kind.RED_PACKET: EntityKind.RED_PACKET,
    Kind.RECIPIENTS: EntityKind.RED_PACKET,
}
"""Observations that can set what never changes otherwise: of it the history keeps no version, so
the entity is folded anew from all its facts whenever one of them comes or goes.
"""
CONTRACTS: Final = {
    EntityKind.GROUP: Contract.GROUP_CHAT,
    EntityKind.PAYMENT: Contract.GROUP_PAYMENT,
    EntityKind.REFUND: Contract.GROUP_PAYMENT,
    EntityKind.RED_PACKET: Contract.RED_PACKET,
}
CONTRACT: Final = {int(one): one for one in Contract}
SOURCE: Final = {int(one): one for one in Source}
in_order = attrgetter("block", "log")


class Chunk(NamedTuple):
    """What some blocks hold: the facts in the order of the chain, and the number of events.

    `misjudged` are events whose row says the opposite of what this program can decode: block, log,
    and whether it can.
    """

    facts: list[Fact]
    events: int
    misjudged: list[tuple[int, int, bool]]


def chunks(db: Cursor[Any], first: int, last: int) -> Iterator[Chunk]:
    """What the blocks `first` to `last` hold, whole blocks a chunk.

    Without observations that rewrite their entity: `refold.rewrite` folds those in afterwards.
    """
    place = (first, -1)
    while True:
        rows = db.execute(READ_EVENTS, [*place, last, CHUNK], binary=True).fetchall()
        if len(rows) < CHUNK:
            yield _chunk(rows, _observations(db, place[0], last))
            return
        # The last block may go on beyond the chunk: it is read again with the next one.
        cut = rows[-1][0]
        whole = [row for row in rows if row[0] < cut]
        if not whole:
            whole, cut = rows + _rest(db, rows[-1], cut), cut + 1
        yield _chunk(whole, _observations(db, place[0], cut - 1))
        place = (cut, -1)


def _rest(db: Cursor[Any], row: Sequence[Any], block: int) -> list[tuple[Any, ...]]:
    """What a block that is larger than a chunk holds after `row`."""
    return db.execute(READ_EVENTS, [row[0], row[1], block, None], binary=True).fetchall()


def _chunk(rows: Sequence[Sequence[Any]], seen: Iterable[Sequence[Any]]) -> Chunk:
    found, misjudged = [], []
    for row in rows:
        made = fact(*row)
        if made is not None:
            found.append(made)
        if (made is not None) is not row[-1]:
            misjudged.append((row[0], row[1], made is not None))
    beside = filter(None, map(_seen, seen))
    return Chunk(merged(found, beside), len(rows), misjudged)


def entity_of(kind: Kind, key: bytes) -> Entity:
    """What an observation is about."""
    return Entity(next(entity for entity, kinds in KINDS.items() if kind in kinds), key)


def facts_of(db: Cursor[Any], entity: Entity) -> list[Fact]:
    """Everything that a fold of this entity alone needs, in the order of the chain."""
    statement = EVENTS_OF_PAYMENT if entity.kind is EntityKind.PAYMENT else EVENTS_ABOUT
    asked = {
        "contract": CONTRACTS[entity.kind],
        "topic": entity.key.rjust(32, b"\0"),
        "cancellations": CANCELLATIONS,
    }
    kinds = list(KINDS[entity.kind])
    seen = db.execute(OBSERVATIONS_ABOUT, [entity.key, kinds]).fetchall() if kinds else []
    return _merged(db.execute(statement, asked).fetchall(), seen)


def _observations(db: Cursor[Any], first: int, last: int) -> list[tuple[Any, ...]]:
    return db.execute(READ_OBSERVATIONS, [first, last, list(REWRITING)]).fetchall()


def _merged(events: Iterable[Sequence[Any]], seen: Iterable[Sequence[Any]]) -> list[Fact]:
    found = (one for row in events if (one := fact(*row)) is not None)
    return merged(found, filter(None, map(_seen, seen)))


def _seen(row: Sequence[Any]) -> Fact | None:
    key, kind, *rest = row
    return seen_by(Observation(key, Kind(kind), *rest))


def merged(events: Iterable[Fact], observations: Iterable[Fact]) -> list[Fact]:
    """Both in the order in which they are folded."""
    if not (later := list(observations)):
        return list(events)
    return list(merge(events, later, key=in_order))


def fact(
    block: int,
    log: int,
    transaction: int,
    number: int,
    topic0: bytes | None,
    topic1: bytes | None,
    topic2: bytes | None,
    topic3: bytes | None,
    data: bytes,
    input: bytes | None,
    source: int | None,
    _: bool,
) -> Fact | None:
    """What the columns of an event say; None where they do not decode."""
    contract = CONTRACT[number]
    decoder = decoder_for(contract, topic0)
    event = decoder(topic1, topic2, topic3, data) if decoder is not None else None
    if event is None:
        return None
    if source is None:
        return Fact(event, block, log, transaction)
    made = cause(contract, event, input, source)
    return Fact(event, block, log, transaction, made, SOURCE[source])


def seen_by(one: Observation) -> Fact | None:
    """The observation as a fact: after the events of its block. None where it says nothing."""
    seen = observed(one.kind, one.key, one.address, one.answer)
    return None if seen is None else Fact(seen, one.block_number, AFTER_EVENTS, AFTER_EVENTS)
