"""What refers to content: workers pin what anything refers to, and let go what nothing does."""

from hashlib import sha256
from typing import Final

from sqlalchemy import text

from api.writes import Transaction
from indexer.db.pins import Referrer
from indexer.ipfs.cid import Cid

REFER: Final = text("""
WITH referred AS (
    INSERT INTO pin_references (kind, key, cid, digest) VALUES (:kind, :key, :cid, :digest)
    ON CONFLICT (kind, key) DO UPDATE SET cid = excluded.cid)
INSERT INTO pins (cid, state, attempts, next_try) VALUES (:cid, 0, 0, now())
ON CONFLICT (cid) DO UPDATE SET unreferenced_since = NULL, next_try = now()
""")
UNREFER: Final = text("""
DELETE FROM pin_references WHERE kind = ANY(CAST(:kinds AS smallint[])) AND key = :key
""")


async def refer(db: Transaction, kind: Referrer, key: bytes, cid: Cid) -> None:
    """Notes that something refers to content, which is looked at soon."""
    digest = sha256(str(cid).encode()).digest()
    values = {"kind": int(kind), "key": key, "cid": bytes(cid.v1), "digest": digest}
    await db.do(REFER, values)


async def unrefer(db: Transaction, key: bytes, *kinds: Referrer) -> None:
    """Notes that it no longer does."""
    await db.do(UNREFER, {"kinds": [int(kind) for kind in kinds], "key": key})
