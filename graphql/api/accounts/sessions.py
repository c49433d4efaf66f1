"""Sessions: begun by a sign-in, carried on by refresh tokens that are good for once each."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, text

from api.errors import unauthenticated
from api.writes import Transaction
from indexer.units import Address

CLIENT: Final = 200
"""Characters that are kept of what a client says it is."""
MARK: Final = "dchat_refresh_"

BEGIN: Final = text("""
INSERT INTO sessions (id, address, client, expires_at)
VALUES (:id, :address, :client, now() + make_interval(secs => :life)) RETURNING *
""")
ISSUE: Final = text("INSERT INTO refresh_tokens (digest, session) VALUES (:digest, :session)")
USE: Final = text("""
UPDATE refresh_tokens SET used_at = now() WHERE digest = :digest AND used_at IS NULL
RETURNING session
""")
"""By key; of two who use it at once, the second waits and finds it used."""
GO_ON: Final = text("""
UPDATE sessions SET used_at = now(), expires_at = now() + make_interval(secs => :life)
WHERE id = :id AND revoked_at IS NULL AND expires_at > now() RETURNING *
""")
REVOKE_BY_TOKEN: Final = text("""
UPDATE sessions SET revoked_at = now() FROM refresh_tokens r
WHERE r.digest = :digest AND sessions.id = r.session AND revoked_at IS NULL
RETURNING sessions.id
""")
LIST: Final = text("""
SELECT * FROM sessions WHERE address = :address AND revoked_at IS NULL AND expires_at > now()
ORDER BY created_at DESC LIMIT 200
""")
"""By (address, created_at)."""
REVOKE: Final = text("""
UPDATE sessions SET revoked_at = now()
WHERE address = :address AND revoked_at IS NULL
AND id = coalesce(CAST(:id AS bytea), id) AND id IS DISTINCT FROM CAST(:kept AS bytea)
RETURNING id
""")
"""By (address, created_at)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session's row, and the refresh token that carries it on. Only the client has the token."""

    row: Row[Any]
    refresh_token: str

    @property
    def id(self) -> bytes:
        return bytes(self.row.id)

    @property
    def address(self) -> Address:
        return Address(self.row.address)

    @property
    def expires_at(self) -> datetime:
        return self.row.expires_at  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stolen:
    """A refresh token came a second time, that time or this time from a thief: the session of this
    id is revoked.
    """

    id: bytes


async def begin(db: Transaction, who: Address, client: str, life: float) -> Session:
    """A new session."""
    values = {"id": secrets.token_bytes(16), "address": who, "client": client[:CLIENT]}
    row = await db.row(BEGIN, {**values, "life": life})
    assert row is not None
    return Session(row=row, refresh_token=await _issue(db, row.id))


async def refresh(db: Transaction, token: str, life: float) -> Session | Stolen:
    """The session, carried on with another token. Raises UNAUTHENTICATED."""
    digest = _digest(token)
    used = await db.row(USE, {"digest": digest})
    if used is None:
        revoked = await db.row(REVOKE_BY_TOKEN, {"digest": digest})
        if revoked is not None:
            return Stolen(id=bytes(revoked.id))
        raise unauthenticated("this refresh token is unknown: sign in again", "INVALID_TOKEN")
    row = await db.row(GO_ON, {"id": used.session, "life": life})
    if row is None:
        raise unauthenticated("the session has ended: sign in again", "SESSION_ENDED")
    return Session(row=row, refresh_token=await _issue(db, row.id))


async def revoke(
    db: Transaction, who: Address, *, id: bytes | None = None, kept: bytes | None = None
) -> list[bytes]:
    """Ends a session of the address, or all but the kept one; the ids of those that it ended."""
    rows = await db.rows(REVOKE, {"address": who, "id": id, "kept": kept})
    return [bytes(row.id) for row in rows]


async def _issue(db: Transaction, session: bytes) -> str:
    token = MARK + secrets.token_urlsafe(32)
    await db.do(ISSUE, {"digest": _digest(token), "session": session})
    return token


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
