"""The outbox as those see it who do what is in it: claimed by a relay, begun and ended by workers.

Redis holds nothing that is not here: a row whose task got lost is due again once its lease is over.
A worker that was taken for dead ends nothing any more: every ending names the attempt that it ends.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import Cursor
from psycopg.rows import class_row

from indexer.db.channels import Channel
from indexer.db.outbox import AT_ONCE, State

MOST_ATTEMPTS: Final = 16
"""Of an effect; with its pauses that is some five hours."""
LONGEST_PAUSE: Final = 3600
LONGEST_ERROR: Final = 500

CLAIM: Final = f"""
WITH reach (finality, height) AS (
    SELECT 0, block_number FROM cursor
    UNION ALL SELECT 1, least(block_number, coalesce(safe_block, -1)) FROM cursor
    UNION ALL SELECT 2, least(block_number, coalesce(finalized_block, -1)) FROM cursor
    UNION ALL SELECT {AT_ONCE}, {2**63 - 1}
), due AS (
    SELECT o.id FROM reach
    JOIN outbox AS o ON o.finality = reach.finality AND o.block_number <= reach.height
    LEFT JOIN webhooks AS w ON w.id = o.webhook
    LEFT JOIN outbox AS before ON before.id = o.retracts
    WHERE o.state < {State.DONE} AND o.next_try <= now()
        AND CASE o.webhook WHEN 0 THEN {Channel.IN_APP} ELSE coalesce(w.channel, {Channel.WEBHOOK})
            END = %(channel)s
        AND (w.id IS NULL OR w.disabled_at IS NULL AND coalesce(w.rests_until <= now(), true))
        AND coalesce(before.busy_until <= now(), true)
    ORDER BY o.id LIMIT %(most)s FOR UPDATE OF o SKIP LOCKED
)
UPDATE outbox SET state = {State.SENT}, next_try = now() + make_interval(secs => %(lease)s)
FROM due WHERE outbox.id = due.id RETURNING outbox.id, outbox.key
"""
"""Served by the index of what is unfinished. A retraction waits for the request it retracts."""
RELEASE: Final = f"""
UPDATE outbox SET state = {State.QUEUED}, next_try = now()
WHERE id = ANY(%s) AND state = {State.SENT} AND busy_until IS NULL
"""
BEGIN: Final = f"""
UPDATE outbox SET attempts = attempts + 1, busy_until = now() + make_interval(secs => %(lease)s),
    next_try = greatest(next_try, now() + make_interval(secs => %(lease)s))
FROM cursor
WHERE id = %(id)s AND key = %(key)s AND state = {State.SENT}
    AND coalesce(busy_until <= now(), true)
    AND (finality = {AT_ONCE} OR outbox.block_number <= cursor.block_number)
RETURNING id, key, kind, webhook, payload, outbox.block_number, outbox.block_hash, log_index,
    attempts, retracts, chain_id
"""
END: Final = f"""
UPDATE outbox SET busy_until = NULL, finished_at = now(),
    state = CASE state WHEN {State.SENT} THEN {State.DONE} ELSE state END, last_error = NULL
WHERE id = %s AND key = %s AND attempts = %s
"""
FAIL: Final = f"""
UPDATE outbox SET busy_until = NULL, last_error = %(error)s,
    state = CASE WHEN state <> {State.SENT} THEN state WHEN %(last)s THEN {State.DEAD}
        ELSE {State.QUEUED} END,
    next_try = now() + make_interval(secs => %(pause)s)
WHERE id = %(id)s AND key = %(key)s AND attempts = %(attempts)s
"""
POSTPONE: Final = f"""
UPDATE outbox SET busy_until = NULL, attempts = attempts - 1,
    next_try = coalesce(%s::timestamptz, next_try),
    state = CASE state WHEN {State.SENT} THEN {State.QUEUED} ELSE state END
WHERE id = %s AND key = %s AND attempts = %s
"""
PRUNE: Final = f"""
DELETE FROM outbox WHERE (state IN ({State.DONE}, {State.RETRACTED}) OR state = {State.DEAD}
        AND webhook IN (SELECT id FROM webhooks WHERE owner IS NOT NULL))
    AND created_at < now() - make_interval(days => %s)
"""
"""What was given up of an operator's is the operator's to drop."""

FORGET: Final = "DELETE FROM notifications WHERE created_at < now() - make_interval(days => %s)"
"""Served by the index on `created_at`."""


class Task(NamedTuple):
    """What is sent to a worker."""

    id: int
    key: bytes


class Begun(NamedTuple):
    """A row that a worker has to itself for the length of a lease."""

    id: int
    key: bytes
    kind: int
    webhook: int
    payload: dict[str, Any]
    block_number: int
    block_hash: bytes
    log_index: int
    attempts: int
    retracts: int | None
    chain_id: int


def claim(db: Cursor[Any], channel: Channel, *, most: int, lease: float) -> list[Task]:
    """The oldest rows of the channel that are due; they are due again when the lease is over."""
    asked = {"channel": channel, "most": most, "lease": lease}
    return sorted(Task(*row) for row in db.execute(CLAIM, asked).fetchall())


def release(db: Cursor[Any], tasks: list[Task]) -> None:
    """Makes claimed rows due at once: their tasks were not sent."""
    db.execute(RELEASE, [[task.id for task in tasks]])


def begin(db: Cursor[Any], task: Task, *, lease: float) -> Begun | None:
    """The row, to be done now; None where it is done, taken back, or somebody else is at it."""
    with db.connection.cursor(row_factory=class_row(Begun)) as rows:
        asked = {"id": task.id, "key": task.key, "lease": lease}
        return rows.execute(BEGIN, asked).fetchone()


def end(db: Cursor[Any], row: Begun) -> None:
    """It is done."""
    db.execute(END, [row.id, row.key, row.attempts])


def fail(db: Cursor[Any], row: Begun, error: str, *, pause: float | None) -> None:
    """It is tried again after `pause` seconds; without one, and after many tries, it is dead."""
    last = pause is None or row.attempts >= MOST_ATTEMPTS
    told = {"error": error[:LONGEST_ERROR].replace("\x00", ""), "last": last, "pause": pause or 0}
    db.execute(FAIL, told | {"id": row.id, "key": row.key, "attempts": row.attempts})


def postpone(db: Cursor[Any], row: Begun, until: datetime | None = None) -> None:
    """It was not tried: its endpoint rests, or somebody wants quiet `until` then."""
    db.execute(POSTPONE, [until, row.id, row.key, row.attempts])


def prune(db: Cursor[Any], days: int) -> int:
    """Removes rows of effects that were over so long ago; returns how many. Reads all rows."""
    return db.execute(PRUNE, [days]).rowcount


def forget(db: Cursor[Any], days: int) -> int:
    """Removes what people were told so long ago; returns how many."""
    return db.execute(FORGET, [days]).rowcount
