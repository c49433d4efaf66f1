"""Effects written with the events that they come of, and taken back with them.

An effect on people lies in this database, so taking it back is part of the undo. What was begun to
be sent to a webhook may have arrived, so a retraction is sent after it.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

from psycopg import Cursor

from indexer.db.channels import TOLD
from indexer.units import Hash32

CHANNEL: Final = "dchat_outbox"
"""What NOTIFY says that there is something to do."""
AT_ONCE: Final = 3
"""The finality of retractions: they wait for nothing."""


class State(IntEnum):
    """Those below DONE are unfinished."""

    QUEUED = 0
    SENT = 1
    """A task was sent; it is sent again where `next_try` passes before the effect is done."""
    DONE = 2
    DEAD = 3
    """Given up; an operator may try again."""
    RETRACTED = 4
    """Its block left the chain after it was begun: another row retracts it."""


class Row(NamedTuple):
    """An effect as a batch writes it."""

    key: bytes
    kind: int
    webhook: int
    payload: dict[str, Any]
    block_number: int
    block_hash: Hash32
    log_index: int
    finality: int


HIGHEST: Final = "SELECT greatest(max(block_number), -1) FROM outbox"
"""Served by the index on `block_number`."""
ADD: Final = """
INSERT INTO outbox (key, kind, webhook, payload, block_number, block_hash, log_index, finality)
SELECT * FROM unnest(%s::bytea[], %s::smallint[], %s::bigint[], %s::jsonb[], %s::bigint[],
    %s::bytea[], %s::integer[], %s::smallint[])
ON CONFLICT DO NOTHING
"""
STANDING: Final = """
SELECT id, state, block_hash = ANY(%(hashes)s) FROM outbox
WHERE block_number BETWEEN %(first)s AND %(last)s AND retracts IS NULL ORDER BY id FOR UPDATE
"""
"""Served by the index on `block_number`. Waits for whoever is telling people of one of them."""
FORGET: Final = """
DELETE FROM notifications
WHERE block_number BETWEEN %(first)s AND %(last)s AND NOT block_hash = ANY(%(hashes)s)
"""
"""Served by the index on `block_number`."""
CANCEL: Final = "DELETE FROM outbox WHERE id = ANY(%s) AND (webhook = 0 OR attempts = 0)"
RETRACT: Final = f"""
WITH gone AS (
    UPDATE outbox SET state = {State.RETRACTED} WHERE id = ANY(%s) AND state <> {State.RETRACTED}
    RETURNING *
)
INSERT INTO outbox (key, kind, webhook, payload, block_number, block_hash, log_index, finality,
    retracts)
SELECT sha256(key || 'retraction'), kind, webhook,
    payload || jsonb_build_object('retracts', encode(key, 'hex')),
    block_number, block_hash, log_index, {AT_ONCE}, id
FROM gone ON CONFLICT DO NOTHING
"""
RESTORE: Final = f"""
WITH spared AS (DELETE FROM outbox WHERE retracts = ANY(%s) AND attempts = 0 RETURNING retracts)
UPDATE outbox SET state = {State.QUEUED}, next_try = now() WHERE id IN (SELECT retracts FROM spared)
"""
"""The retraction had not gone out: the effect stands, and is sent again under its own key."""
RENEW: Final = f"""
UPDATE outbox SET key = sha256(key || 'again'), state = {State.QUEUED}, attempts = 0,
    next_try = now()
WHERE id = ANY(%s) AND state = {State.RETRACTED}
"""
"""The retraction had gone out: the effect is a new one."""


def highest(db: Cursor[Any]) -> int:
    """The highest block that an effect is of; -1 where there is none."""
    row = db.execute(HIGHEST).fetchone()
    return -1 if row is None else row[0]


def add(db: Cursor[Any], rows: Sequence[Row]) -> None:
    """Writes the effects that were not written before, and wakes who does them."""
    if rows:
        db.execute(ADD, [list(column) for column in zip(*rows, strict=True)])
        wake(db)


def wake(db: Cursor[Any]) -> None:
    """Says that there is something to do, once this transaction is through."""
    db.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def settle(db: Cursor[Any], first: int, last: int | None, hashes: Sequence[Hash32]) -> None:
    """Takes back the effects of blocks `first` to `last` that are not among those of `hashes`.

    Without `last` there is no block above. Effects of blocks that have come back stand again.
    """
    asked = {"first": first, "last": 2**63 - 1 if last is None else last, "hashes": list(hashes)}
    found = db.execute(STANDING, asked).fetchall()
    if not found:
        return
    if db.execute(FORGET, asked).rowcount:
        db.execute("SELECT pg_notify(%s, '')", [TOLD])
    if gone := [id_ for id_, _, stays in found if not stays]:
        db.execute(CANCEL, [gone])
        db.execute(RETRACT, [gone])
    if back := [id_ for id_, state, stays in found if stays and state == State.RETRACTED]:
        db.execute(RESTORE, [back])
        db.execute(RENEW, [back])
    wake(db)
