"""API keys: what a program asks with in somebody's name. They are shown once; we keep SHA-256."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, text

from api.accounts.viewer import Scope, Viewer
from api.errors import ApiError, Code, bad_input, unauthenticated
from api.reads.snapshot import Reader
from api.writes import Transaction
from indexer.units import Address

MARK: Final = "dchat_key_"
TOKEN: Final = re.compile(rf"{MARK}[A-Za-z0-9_-]{{43}}")
MOST: Final = 50
"""Keys of one address that stand."""
NAME: Final = 100
"""Characters of a key's name."""
GIVEN: Final = frozenset(Scope) - {Scope.ACCOUNT}
"""What a key may have: managing an account takes a session."""

FIND: Final = text("SELECT * FROM api_keys WHERE digest = :digest")
"""By its unique index."""
COUNT: Final = text("""
SELECT count(*) AS n FROM api_keys WHERE address = :address AND revoked_at IS NULL
AND (expires_at IS NULL OR expires_at > now())
""")
LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
MAKE: Final = text("""
INSERT INTO api_keys (id, digest, address, name, scopes, expires_at)
VALUES (:id, :digest, :address, :name, CAST(:scopes AS jsonb), :expires_at) RETURNING *
""")
LIST: Final = text("""
SELECT * FROM api_keys WHERE address = :address ORDER BY created_at DESC LIMIT 200
""")
"""By (address, created_at)."""
REVOKE: Final = text("""
UPDATE api_keys SET revoked_at = now()
WHERE id = :id AND address = :address AND revoked_at IS NULL RETURNING id
""")


async def make(
    db: Transaction, who: Address, name: str, scopes: Iterable[Scope], expires_at: datetime | None
) -> tuple[str, Row[Any]]:
    """A new key and its row. Raises BAD_USER_INPUT, LIMIT_EXCEEDED."""
    given = sorted(_checked(name, scopes))
    await db.rows(LOCK, {"name": f"api_keys {who.hex()}"})
    [found] = await db.rows(COUNT, {"address": who})
    if found.n >= MOST:
        message = f"{MOST} API keys stand, the most that there may be: revoke some"
        raise ApiError(Code.LIMIT_EXCEEDED, message, measure="apiKeys", limit=MOST)
    token = MARK + secrets.token_urlsafe(32)
    values = {"id": secrets.token_bytes(16), "digest": _digest(token), "address": who}
    more = {"name": name, "scopes": _json(given), "expires_at": expires_at}
    [row] = await db.rows(MAKE, {**values, **more})
    return token, row


def _checked(name: str, scopes: Iterable[Scope]) -> frozenset[Scope]:
    given = frozenset(scopes)
    if not name.strip() or len(name) > NAME or not name.isprintable():
        raise bad_input("name", f"is to have 1 to {NAME} printable characters", limit=NAME)
    if not given or not given <= GIVEN:
        known = ", ".join(sorted(one.name for one in GIVEN))
        raise bad_input("scopes", f"an API key has at least one of {known}, and no others")
    return given


def _json(scopes: list[Scope]) -> str:
    return "[" + ", ".join(f'"{scope}"' for scope in scopes) + "]"


async def viewer(db: Reader, token: str) -> Viewer:
    """Who the key speaks for, if it still stands. Raises UNAUTHENTICATED for what is no key."""
    rows = []
    if TOKEN.fullmatch(token):
        rows = list(await db.rows(FIND.bindparams(digest=_digest(token))))
    if not rows:
        raise unauthenticated("this is no API key of ours", "INVALID_TOKEN")
    [row] = rows
    return Viewer(
        address=Address(row.address),
        api_key=bytes(row.id),
        scopes=frozenset(map(Scope, row.scopes)),
        expires_at=row.expires_at,
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
