"""Endpoints that are told of effects: which ones there are, and how they are doing."""

from typing import Any, Final, NamedTuple

from psycopg import Cursor
from psycopg.rows import class_row

from indexer.db import outbox
from indexer.db.channels import Channel
from indexer.db.outbox import State

PATIENCE_HOURS: Final = 24
"""An endpoint that failed for so long is disabled."""
TOLERATED: Final = 5
"""Failures in a row before an endpoint rests."""

COLUMNS: Final = """
id, url, secret, kinds, address, failures, failing_since, rests_until, last_error, disabled_at,
    channel, p256dh, auth
"""
READ: Final = f"SELECT {COLUMNS} FROM webhooks WHERE id = %s"
ALL: Final = f"SELECT {COLUMNS} FROM webhooks WHERE channel = {Channel.WEBHOOK} ORDER BY id"
ADD: Final = """
INSERT INTO webhooks (url, secret, kinds, address) VALUES (%s, %s, %s::jsonb, %s) RETURNING id
"""
REMOVE: Final = """
WITH gone AS (DELETE FROM webhooks WHERE id = %s RETURNING id)
DELETE FROM outbox WHERE webhook IN (SELECT id FROM gone)
"""
WELL: Final = """
UPDATE webhooks SET failures = 0, failing_since = NULL, rests_until = NULL, last_error = NULL
WHERE id = %s AND failures > 0
"""
FAILED: Final = """
UPDATE webhooks SET failures = failures + 1, failing_since = coalesce(failing_since, now()),
    last_error = %(error)s,
    rests_until = CASE WHEN failures >= %(tolerated)s THEN
        now() + least(600, 2 ^ least(failures - %(tolerated)s, 10)) * interval '1 second' END,
    disabled_at = CASE WHEN failing_since < now() - make_interval(hours => %(hours)s) THEN now() END
WHERE id = %(id)s AND disabled_at IS NULL RETURNING disabled_at IS NOT NULL
"""
BURY: Final = f"""
UPDATE outbox SET state = {State.DEAD}, last_error = 'its webhook was disabled'
WHERE webhook = %s AND state < {State.DONE}
"""
"""Served by the index on `webhook`."""
ENABLE: Final = """
UPDATE webhooks SET failures = 0, failing_since = NULL, rests_until = NULL, disabled_at = NULL
WHERE id = %s
"""
REPLAY: Final = """
UPDATE outbox SET state = 0, attempts = 0, next_try = now(), finished_at = NULL
WHERE webhook = %s AND state = ANY(%s)
"""
"""Served by the index on `webhook`."""


class Webhook(NamedTuple):
    """An endpoint. It hears of all kinds where `kinds` is None, of everybody where `address` is.

    A browser's has the keys of its subscription instead of a secret.
    """

    id: int
    url: str
    secret: str
    kinds: list[str] | None
    address: bytes | None
    failures: int
    failing_since: Any
    rests_until: Any
    last_error: str | None
    disabled_at: Any
    channel: int
    p256dh: bytes | None
    auth: bytes | None


def read(db: Cursor[Any], id_: int) -> Webhook | None:
    """The endpoint of this number."""
    with db.connection.cursor(row_factory=class_row(Webhook)) as rows:
        return rows.execute(READ, [id_]).fetchone()


def listed(db: Cursor[Any]) -> list[Webhook]:
    """Every webhook."""
    with db.connection.cursor(row_factory=class_row(Webhook)) as rows:
        return rows.execute(ALL).fetchall()


def add(db: Cursor[Any], url: str, secret: str, kinds: str | None, address: bytes | None) -> int:
    """Registers an endpoint; `kinds` is a JSON list. Returns its number."""
    row = db.execute(ADD, [url, secret, kinds, address]).fetchone()
    assert row is not None
    return int(row[0])


def remove(db: Cursor[Any], id_: int) -> bool:
    """Removes the endpoint with all that was meant for it; False where there is none."""
    there = read(db, id_) is not None
    db.execute(REMOVE, [id_])
    return there


def well(db: Cursor[Any], id_: int) -> None:
    """It took what it was sent."""
    db.execute(WELL, [id_])


def failed(db: Cursor[Any], id_: int, error: str) -> bool:
    """It did not; after some failures it rests, after a day of them it is disabled (True)."""
    told = {"id": id_, "error": error, "tolerated": TOLERATED, "hours": PATIENCE_HOURS}
    row = db.execute(FAILED, told).fetchone()
    if row is None or not row[0]:
        return False
    db.execute(BURY, [id_])
    return True


def replay(db: Cursor[Any], id_: int, *, done: bool) -> int:
    """Enables it, and queues again what was given up, with `done` also what had arrived."""
    states = [State.DEAD, State.DONE] if done else [State.DEAD]
    db.execute(ENABLE, [id_])
    count = db.execute(REPLAY, [id_, states]).rowcount
    outbox.wake(db)
    return count
