"""Putting the index right: what the contracts said becomes a fact, and the fold follows."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg

from indexer.audit.check import Check
from indexer.audit.moment import Moment
from indexer.chain.state import Answered, Refused, Told
from indexer.db import bulk, models, side_notes
from indexer.db import cursor as cursors
from indexer.db.connection import connect
from indexer.db.kept import KeptConnection
from indexer.events.definitions import EVENTS, Contract
from indexer.events.definitions import group_payment as pay
from indexer.events.observations import Kind, Observation, Origin, observed
from indexer.projections.entities import Entity, EntityKind
from indexer.sync.batch import Batch
from indexer.sync.refold import refold
from indexer.sync.stored import entity_of
from indexer.units import Hash32, clamp_time

ADD_OBSERVATION: Final = """
INSERT INTO observations (key, kind, address, block_number, block_hash, answer, origin)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (key, kind, address, block_number)
DO UPDATE SET answer = excluded.answer, origin = excluded.origin, number = DEFAULT
"""
TAKE_EVENTS: Final = """
DELETE FROM events WHERE block_number BETWEEN %s AND %s
RETURNING block_number, log_index, transaction_index, transaction_hash, contract,
    topic0, topic1, topic2, topic3, data, decoded
"""
"""Served by the primary key."""
FIXED: Final = 10
"""Columns of an event that are the chain's own; what was made of them follows."""
SET_BLOCK: Final = "UPDATE blocks SET hash = %s, timestamp = %s WHERE number = %s"
"""Served by the primary key."""
ADJUST: Final = """
UPDATE cursor SET event_count = event_count + %s, undecoded_count = undecoded_count + %s
"""
ADD_VERDICT: Final = """
INSERT INTO audits (contract, at, block_number, block_hash, compared, not_compared, differences,
    repaired, findings)
VALUES (%(contract)s, now(), %(block)s, %(hash)s, %(compared)s, %(not_compared)s,
    %(differences)s, %(repaired)s, %(findings)s)
"""


def observation(check: Check, told: Told, moment: Moment, block: Hash32) -> Observation | None:
    """The answer as a fact; None where it says nothing that a fold could take up."""
    if check.observed is None:
        return None
    kind, key, address = check.observed
    match told:
        case Answered(data=data):
            answer: bytes | None = data
        case Refused() if kind is Kind.JOIN_REQUEST:
            answer = None
        case _:
            return None
    if observed(kind, Hash32(key), address, answer) is None:
        return None
    return Observation(Hash32(key), kind, address, moment.number, block, answer, Origin.AUDIT)


class Repairs:
    """Writes beside the engine, which waits meanwhile: each repair is a transaction."""

    def __init__(self, url: str) -> None:
        self._kept = KeptConnection(lambda: connect(url, name="dchat audit"))

    def close(self) -> None:
        """Gives up the connection."""
        self._kept.close()

    def make(
        self, moment: Moment, seen: Sequence[Observation], wrong: Iterable[Entity]
    ) -> set[Entity]:
        """Keeps the observations and folds what they are about, and `wrong`, anew.

        Returns the entities whose rows are others now. Raises BlockGone where the moment's block
        has left the index.
        """
        entities = sorted({*wrong, *(entity_of(one.kind, one.key) for one in seen)})
        with self._kept.transaction() as db:
            at = cursors.read(db, lock=True)
            moment.stands(db)
            db.executemany(ADD_OBSERVATION, seen)
            changed = {entity for entity in entities if refold(db, entity)}
            if changed and at is not None:
                news = {"from": at.block_number + 1, "to": at.block_number}
                db.execute("SELECT pg_notify(%s, %s)", [cursors.CHANNEL, json.dumps(news)])
        return changed

    def replace(self, moment: Moment, batch: Batch) -> int:
        """Makes blocks and events those of the batch; returns how many events differed.

        What either names is folded anew. Raises BlockGone where the index has left the moment's
        block.
        """
        with self._kept.transaction() as db:
            cursors.read(db, lock=True)
            moment.stands(db)
            taken = db.execute(TAKE_EVENTS, [batch.first, batch.last.number]).fetchall()
            bulk.copy(db, models.events, batch.events)
            for block in batch.blocks:
                db.execute(SET_BLOCK, [block.hash, clamp_time(block.timestamp), block.number])
            side_notes.amend(db, batch.first)
            gone, new = {row[:FIXED]: row for row in taken}, {row[:FIXED] for row in batch.events}
            for entity in sorted({one for row in gone.keys() | new if (one := _named(row))}):
                refold(db, entity)
            undecoded = _undecoded(batch.events) - _undecoded(taken)
            self._adjust(db, len(batch.events) - len(taken), undecoded)
        return len(gone.keys() ^ new)

    def adjust(self, events: int, undecoded: int) -> None:
        """Adds so many to what the cursor counts."""
        with self._kept.transaction() as db:
            self._adjust(db, events, undecoded)

    def _adjust(self, db: psycopg.Cursor[Any], events: int, undecoded: int) -> None:
        db.execute(ADJUST, [events, undecoded])

    def judge(self, verdict: dict[str, Any]) -> None:
        """Keeps a verdict."""
        with self._kept.transaction() as db:
            db.execute(ADD_VERDICT, verdict)


def _named(event: Sequence[Any]) -> Entity | None:
    """The entity that the event is about, if it is about one."""
    contract, topic0, topic1 = event[4:7]
    if topic1 is None:
        return None
    if contract == Contract.GROUP_PAYMENT and topic0 in REFUNDS:
        return Entity(EntityKind.REFUND, topic1[12:])
    return Entity(KINDS[Contract(contract)], topic1)


KINDS: Final = {
    Contract.GROUP_CHAT: EntityKind.GROUP,
    Contract.GROUP_PAYMENT: EntityKind.PAYMENT,
    Contract.RED_PACKET: EntityKind.RED_PACKET,
}
REFUNDS: Final = {
    spec.topic0 for spec in EVENTS if spec.cls in (pay.RefundCredited, pay.RefundWithdrawn)
}


def _undecoded(events: Sequence[Sequence[Any]]) -> int:
    return sum(not row[FIXED] for row in events)
