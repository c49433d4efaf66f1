"""Which content is kept, for whom, and how far it is.

`next_try` is when a pin is looked at next, whatever for: to be pinned, asked about, verified again,
or given up. So one index finds all the work, and a claim moves it on by a lease.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple

from psycopg import Cursor

from indexer.ipfs.cid import Cid


class State(IntEnum):
    """How far a pin is."""

    QUEUED = 0
    PINNING = 1
    PINNED = 2
    FAILED = 3


class Referrer(IntEnum):
    """What refers to content; `key` says which one."""

    AVATAR = 0
    """A group, by its key."""
    HAND = 1
    """Somebody, by `dchat ipfs add`; the key is the CID."""
    FILE = 2
    """A file of somebody for everybody, by its number."""
    PRIVATE_FILE = 3
    """A file for those who are in a conversation with it, by its number."""
    THUMBNAIL = 4
    PRIVATE_THUMBNAIL = 5
    """Of a file, by its number."""
    REQUEST = 6
    """Somebody, by our pinning service; the key is the request's."""


PRIVATE: Final = (Referrer.PRIVATE_FILE, Referrer.PRIVATE_THUMBNAIL)
"""What only these refer to is kept in a store of its own, and given to nobody."""


class Reference(NamedTuple):
    """`text` is what names the content, or does not: then `cid` is None."""

    key: bytes
    text: str
    cid: Cid | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A pin to be looked at now. `unwanted`: nothing has referred to it for the grace period.
    `private`: only private files refer to it.
    """

    cid: Cid
    state: State
    attempts: int
    unwanted: bool
    private: bool


AVATARS: Final = """
SELECT g.key, g.avatar FROM groups g
LEFT JOIN pin_references r ON r.kind = 0 AND r.key = g.key
WHERE g.updated_block >= %s AND (g.avatar <> '' OR r.key IS NOT NULL)
  AND sha256(convert_to(g.avatar, 'UTF8')) IS DISTINCT FROM r.digest
LIMIT %s
"""
"""Served by groups_updated_block_created_block_created_log_idx and the references' primary key."""
REFER: Final = """
INSERT INTO pin_references (kind, key, cid, digest)
SELECT %s, * FROM unnest(%s::bytea[], %s::bytea[], %s::bytea[])
ON CONFLICT (kind, key) DO UPDATE SET cid = excluded.cid, digest = excluded.digest
"""
WANT: Final = """
INSERT INTO pins (cid, state, attempts, next_try)
SELECT DISTINCT cid, 0, 0, now() FROM unnest(%s::bytea[]) AS named (cid) WHERE cid IS NOT NULL
ORDER BY cid
ON CONFLICT (cid) DO UPDATE SET unreferenced_since = NULL, next_try = now()
WHERE pins.unreferenced_since IS NOT NULL
"""
WANT_ALL: Final = """
INSERT INTO pins (cid, state, attempts, next_try)
SELECT DISTINCT cid, 0, 0, now() FROM pin_references r
WHERE cid IS NOT NULL AND NOT EXISTS (
    SELECT FROM pins p WHERE p.cid = r.cid AND p.unreferenced_since IS NULL
)
ORDER BY cid
ON CONFLICT (cid) DO UPDATE SET unreferenced_since = NULL, next_try = now()
"""
"""Reads pin_references_cid_idx beside the pins' primary key."""
FORGET_GROUPS: Final = """
DELETE FROM pin_references r
WHERE kind = 0 AND NOT EXISTS (SELECT FROM groups g WHERE g.key = r.key)
"""
UNWANT: Final = """
UPDATE pins p SET unreferenced_since = now(), next_try = now() + %s
WHERE unreferenced_since IS NULL AND NOT EXISTS (
    SELECT FROM pin_references r WHERE r.cid = p.cid
)
"""
"""Reads the pins beside pin_references_cid_idx."""
CLAIM: Final = """
WITH due AS (
    SELECT cid FROM pins WHERE next_try <= now() ORDER BY next_try LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE pins p SET next_try = now() + %s, attempts = attempts + 1,
    state = CASE WHEN state = 2 OR unreferenced_since IS NOT NULL THEN state ELSE 1 END
FROM due WHERE p.cid = due.cid
RETURNING p.cid, p.state, p.attempts, p.unreferenced_since IS NOT NULL,
    coalesce((SELECT bool_and(r.kind IN (3, 5)) FROM pin_references r WHERE r.cid = p.cid), false)
"""
"""Served by pins_next_try_idx and pin_references_cid_idx."""
KEPT: Final = """
UPDATE pins SET state = 2, attempts = 0, last_error = NULL, size = coalesce(%(size)s, size),
    pinned_at = coalesce(pinned_at, now()),
    verified_at = CASE WHEN %(size)s::bigint IS NULL THEN verified_at ELSE now() END,
    next_try = CASE WHEN unreferenced_since IS NULL THEN now() + %(pause)s ELSE next_try END
WHERE cid = %(cid)s
"""
NOT_YET: Final = """
UPDATE pins SET state = %(state)s, last_error = %(error)s,
    next_try = CASE WHEN unreferenced_since IS NULL THEN now() + %(pause)s ELSE next_try END
WHERE cid = %(cid)s
"""
DROP: Final = """
DELETE FROM pins p WHERE cid = %s AND unreferenced_since IS NOT NULL
  AND NOT EXISTS (SELECT FROM pin_references r WHERE r.cid = p.cid)
"""
AGAIN: Final = """
UPDATE pins SET state = 0, unreferenced_since = NULL, next_try = now() WHERE cid = %s
"""
LIST: Final = """
SELECT cid, state, size, attempts, last_error, next_try, unreferenced_since,
    (SELECT count(*) FROM pin_references r WHERE r.cid = p.cid) AS references_
FROM pins p ORDER BY queued_at DESC, cid LIMIT %s
"""


def avatars(db: Cursor[Any], *, since: int, most: int) -> list[tuple[bytes, str]]:
    """Keys and avatars of groups that changed since a block and are not noted as they stand."""
    return db.execute(AVATARS, [since, most]).fetchall()


def refer(db: Cursor[Any], kind: Referrer, references: Sequence[Reference]) -> None:
    """Notes what things refer to now, and queues content that is new."""
    ordered = sorted(references, key=lambda one: one.key)
    cids = [bytes(one.cid.v1) if one.cid else None for one in ordered]
    digests = [sha256(one.text.encode()).digest() for one in ordered]
    db.execute(REFER, [kind, [one.key for one in ordered], cids, digests])
    db.execute(WANT, [cids])


def unrefer(db: Cursor[Any], kind: Referrer, keys: Iterable[bytes]) -> None:
    """Forgets what these things referred to."""
    db.execute("DELETE FROM pin_references WHERE kind = %s AND key = ANY(%s)", [kind, [*keys]])


def settle(db: Cursor[Any], *, grace: timedelta) -> None:
    """Makes the pins those that are referred to: what is new is queued, what is left is doomed."""
    db.execute(FORGET_GROUPS)
    db.execute(WANT_ALL)
    db.execute(UNWANT, [grace])


def claim(db: Cursor[Any], *, most: int, lease: timedelta) -> list[Claim]:
    """Pins that are due, for nobody else to look at during the lease."""
    rows = db.execute(CLAIM, [most, lease]).fetchall()
    return [
        Claim(
            cid=Cid.from_bytes(cid),
            state=State(state),
            attempts=tries,
            unwanted=unwanted,
            private=private,
        )
        for cid, state, tries, unwanted, private in rows
    ]


def kept(db: Cursor[Any], cid: Cid, *, size: int | None, again: timedelta) -> None:
    """Notes that content is pinned; it is verified again after that time."""
    db.execute(KEPT, {"cid": bytes(cid), "size": size, "pause": again})


def not_yet(
    db: Cursor[Any], cid: Cid, state: State, *, pause: timedelta, error: str | None
) -> None:
    """Notes that content is not pinned; it is tried again after the pause."""
    db.execute(NOT_YET, {"cid": bytes(cid), "state": state, "pause": pause, "error": error})


def drop(db: Cursor[Any], cid: Cid) -> bool:
    """Forgets content that was given up; False where something refers to it again: then it is
    queued.
    """
    if db.execute(DROP, [bytes(cid)]).rowcount:
        return True
    db.execute(AGAIN, [bytes(cid)])
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A row for people to read."""

    cid: Cid
    state: State
    size: int | None
    attempts: int
    last_error: str | None
    next_try: datetime | None
    unreferenced_since: datetime | None
    references: int


def newest(db: Cursor[Any], *, most: int) -> list[Pin]:
    """The pins that were queued last."""
    return [
        Pin(
            cid=Cid.from_bytes(row[0]),
            state=State(row[1]),
            size=row[2],
            attempts=row[3],
            last_error=row[4],
            next_try=row[5],
            unreferenced_since=row[6],
            references=row[7],
        )
        for row in db.execute(LIST, [most]).fetchall()
    ]
