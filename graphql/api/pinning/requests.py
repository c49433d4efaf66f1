"""The requests to pin: rows of their own, each of which refers to its content."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from api.pinning.forms import MATCHES, Asked, Pin
from api.references import refer, unrefer
from api.writes import Transaction
from indexer.db.pins import Referrer
from indexer.ipfs.cid import Cid

LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('pin_requests', 0))")
ADD: Final = text("""
INSERT INTO pin_requests (id, cid, asked, name, origins, meta, created_at)
VALUES (:id, :cid, :asked, :name, CAST(:origins AS jsonb), CAST(:meta AS jsonb), greatest(
    date_trunc('milliseconds', clock_timestamp()),
    (SELECT max(created_at) FROM pin_requests) + interval '1 millisecond'
))
""")
"""Pages are cut by the time, of which clients keep milliseconds: so no two rows have the same."""
STANDS: Final = """
SELECT r.*, coalesce(p.state, 0) AS state, p.size, p.last_error
FROM pin_requests r LEFT JOIN pins p ON p.cid = r.cid
"""
FIND: Final = text(f"{STANDS} WHERE r.id = :id")
DELETE: Final = text("DELETE FROM pin_requests WHERE id = :id")
LIST: Final = """
SELECT *, count(*) OVER () AS total FROM ({stands}) AS r
WHERE r.state = ANY(CAST(:states AS smallint[]))
  AND (CAST(:cids AS bytea[]) IS NULL OR r.cid = ANY(CAST(:cids AS bytea[])))
  AND (CAST(:before AS timestamptz) IS NULL OR r.created_at < :before)
  AND (CAST(:after AS timestamptz) IS NULL OR r.created_at > :after)
  AND (CAST(:meta AS jsonb) IS NULL OR r.meta @> CAST(:meta AS jsonb))
  AND (CAST(:name AS text) IS NULL OR {match})
ORDER BY r.created_at DESC LIMIT :limit
"""
"""Reads all requests, whose number the operator decides; served in order by the key of their time.
"""
LISTS: Final = {
    match: text(LIST.format(stands=STANDS, match=condition)) for match, condition in MATCHES.items()
}


async def add(db: Transaction, pin: Pin, cid: Cid) -> Row[Any]:
    """A new request, as it stands."""
    key = secrets.token_bytes(16)
    await db.rows(LOCK)
    more = {"origins": orjson.dumps(pin.origins).decode(), "meta": orjson.dumps(pin.meta).decode()}
    values = {"id": key, "cid": bytes(cid.v1), "asked": pin.cid, "name": pin.name}
    await db.do(ADD, values | more)
    await refer(db, Referrer.REQUEST, key, cid)
    row = await find(db, key)
    assert row is not None
    return row


async def find(db: Transaction, key: bytes) -> Row[Any] | None:
    """The request as it stands."""
    return await db.row(FIND, {"id": key})


async def drop(db: Transaction, key: bytes) -> bool:
    """Gives it up; False where there is none."""
    if not await db.do(DELETE, {"id": key}):
        return False
    await unrefer(db, key, Referrer.REQUEST)
    return True


async def listed(db: Transaction, asked: Asked) -> Sequence[Row[Any]]:
    """The newest that fit; each knows the `total` of those that do."""
    meta = None if asked.meta is None else orjson.dumps(asked.meta).decode()
    values = {
        "states": asked.states,
        "cids": asked.cids,
        "before": asked.before,
        "after": asked.after,
        "name": asked.name,
        "limit": asked.limit,
        "meta": meta,
    }
    return await db.rows(LISTS[asked.match], values)
