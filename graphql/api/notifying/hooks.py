"""What somebody changes of webhooks of one's own; nobody sees or changes those of others."""

import json
import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from api.errors import ApiError, Code
from api.writes import Transaction
from indexer.db.channels import Channel
from indexer.db.outbox import CHANNEL, State

MOST: Final = 10
"""Webhooks of one address."""
LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('webhooks ' || :who, 0))")
COUNT: Final = text(
    f"SELECT count(*) AS n FROM webhooks WHERE address = :who AND channel = {Channel.WEBHOOK}"
    " AND owner = :who"
)
"""Served by the index on (address, channel), as what follows is by the primary key."""
CREATE: Final = text("""
INSERT INTO webhooks (url, secret, kinds, address, owner)
VALUES (:url, :secret, CAST(:kinds AS jsonb), :who, :who) RETURNING *
""")
ROTATE: Final = text("""
UPDATE webhooks SET secret = :secret WHERE id = :id AND owner = :who RETURNING *
""")
ENABLE: Final = text("""
UPDATE webhooks SET failures = 0, failing_since = NULL, rests_until = NULL, disabled_at = NULL,
    last_error = NULL
WHERE id = :id AND owner = :who RETURNING *
""")
DISABLE: Final = text("""
UPDATE webhooks SET disabled_at = now(), last_error = 'its owner disabled it'
WHERE id = :id AND owner = :who AND disabled_at IS NULL RETURNING *
""")
FIND: Final = text("SELECT * FROM webhooks WHERE id = :id AND owner = :who")
DELETE: Final = text("DELETE FROM webhooks WHERE id = :id AND owner = :who RETURNING id")
FORGET: Final = text("DELETE FROM outbox WHERE webhook = :id")
"""Served by the index on `webhook`, as what follows is."""
BURY: Final = text(f"""
UPDATE outbox SET state = {State.DEAD}, last_error = 'its webhook was disabled'
WHERE webhook = :id AND state < {State.DONE}
""")
REPLAY: Final = text(f"""
UPDATE outbox SET state = {State.QUEUED}, attempts = 0, next_try = now(), finished_at = NULL
WHERE webhook = :id AND (
    state = {State.DEAD} AND CAST(:deliveries AS bigint[]) IS NULL
    OR state IN ({State.DONE}, {State.DEAD}) AND id = ANY(CAST(:deliveries AS bigint[]))
)
""")
WAKE: Final = text("SELECT pg_notify(:channel, '')")


async def create(
    db: Transaction, who: bytes, url: str, kinds: Sequence[str] | None
) -> tuple[Row[Any], str]:
    """A new one and its secret. Raises LIMIT_EXCEEDED."""
    await db.rows(LOCK, {"who": who.hex()})
    [found] = await db.rows(COUNT, {"who": who})
    if found.n >= MOST:
        told = f"{MOST} webhooks are the most that one address may have: delete some"
        raise ApiError(Code.LIMIT_EXCEEDED, told, measure="webhooks", limit=MOST)
    secret = secrets.token_urlsafe(32)
    named = None if kinds is None else json.dumps([*kinds])
    row = await db.row(CREATE, {"who": who, "url": url, "secret": secret, "kinds": named})
    assert row is not None
    return row, secret


async def rotate(db: Transaction, who: bytes, id_: int) -> tuple[Row[Any], str] | None:
    """The webhook with another secret, which signs from now on; None where there is none."""
    secret = secrets.token_urlsafe(32)
    row = await db.row(ROTATE, {"id": id_, "who": who, "secret": secret})
    return None if row is None else (row, secret)


async def enable(db: Transaction, who: bytes, id_: int) -> Row[Any] | None:
    """Told again from now on; None where there is none."""
    return await db.row(ENABLE, {"id": id_, "who": who})


async def disable(db: Transaction, who: bytes, id_: int) -> Row[Any] | None:
    """Told nothing more, and what was under way is given up; None where there is none."""
    if await db.row(DISABLE, {"id": id_, "who": who}) is not None:
        await db.do(BURY, {"id": id_})
    return await db.row(FIND, {"id": id_, "who": who})


async def replay(
    db: Transaction, who: bytes, id_: int, deliveries: Sequence[int] | None
) -> int | None:
    """Enables it and sends these deliveries again, or all that were given up; how many they are."""
    if await enable(db, who, id_) is None:
        return None
    named = None if deliveries is None else [*deliveries]
    count = await db.do(REPLAY, {"id": id_, "deliveries": named})
    await db.rows(WAKE, {"channel": CHANNEL})
    return count


async def delete(db: Transaction, who: bytes, id_: int) -> bool:
    """Removes it with all that was meant for it; False where there is none."""
    if await db.row(DELETE, {"id": id_, "who": who}) is None:
        return False
    await db.do(FORGET, {"id": id_})
    return True
