"""Accounts deleted: all of it that is ours goes; what the chain holds is not ours to delete.

Of messages their places stay, so that the numbers in a conversation have no gaps, and nobody is
their sender. What others wrote, forwarded, or were given (a group's keys) is theirs, and stays.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from api.errors import ApiError, Code
from api.files.cabinet import KINDS, Cabinet
from api.messages.changing import TELL
from api.messages.notices import CHANNEL, Change, notice
from api.writes import Transaction, Writer
from indexer.units import Address

FRESH: Final = 600
"""Seconds since the sign-in: a token that was stolen some time ago deletes nothing."""
AT_ONCE: Final = 200
"""Messages of one transaction: so many are named in one notice."""
ROUNDS: Final = 50
"""Transactions while the client waits; the workers do the rest."""

BEGAN: Final = text("""
SELECT 1 FROM sessions WHERE id = :session AND revoked_at IS NULL
AND created_at > now() - make_interval(secs => :fresh)
""")
ASK: Final = text("""
INSERT INTO erasures AS e (address, asked_at) VALUES (:who, clock_timestamp())
ON CONFLICT (address) DO UPDATE SET asked_at = excluded.asked_at RETURNING asked_at
""")
CREDENTIALS: Final = text("""
SELECT id FROM sessions WHERE address = :who UNION ALL SELECT id FROM api_keys WHERE address = :who
""")
UPLOADS: Final = text("DELETE FROM uploads WHERE owner = :who RETURNING id")
HIS: Final = """
SELECT id FROM conversations WHERE key IN (
    SELECT group_key FROM members WHERE address = :who
    UNION SELECT group_key FROM members_history WHERE address = :who)
UNION SELECT conversation FROM parties WHERE address = :who
"""
ENDPOINTS: Final = "address = :who AND (channel = 1 OR owner = :who)"
"""Browsers and webhooks of one's own; those of the operator stay."""
REFERRING: Final = ", ".join(str(int(kind)) for kind in KINDS)
FORGET: Final = tuple(
    text(statement)
    for statement in (
        "SET LOCAL statement_timeout = '60s'",
        "DELETE FROM refresh_tokens AS r USING sessions AS s"
        " WHERE s.address = :who AND r.session = s.id",
        "DELETE FROM sessions WHERE address = :who",
        "DELETE FROM api_keys WHERE address = :who",
        "DELETE FROM notification_settings WHERE address = :who",
        "DELETE FROM notification_choices WHERE address = :who",
        "DELETE FROM mailboxes WHERE address = :who",
        "DELETE FROM mails WHERE address = :who",
        f"DELETE FROM outbox WHERE webhook IN (SELECT id FROM webhooks WHERE {ENDPOINTS})",
        f"DELETE FROM webhooks WHERE {ENDPOINTS}",
        "DELETE FROM notifications WHERE recipient = :who",
        "DELETE FROM public_keys WHERE address = :who",
        "DELETE FROM wrapped_keys WHERE recipient = :who AND group_key IN ("
        "SELECT group_key FROM members WHERE address = :who"
        " UNION SELECT group_key FROM members_history WHERE address = :who)",
        f"DELETE FROM pin_references WHERE kind IN ({REFERRING})"
        " AND key IN (SELECT int8send(id) FROM files WHERE owner = :who)",
        "DELETE FROM file_uses WHERE file IN (SELECT id FROM files WHERE owner = :who)",
        "DELETE FROM files WHERE owner = :who",
        f"DELETE FROM reactions WHERE address = :who AND conversation IN ({HIS})",
        f"DELETE FROM receipts WHERE reader = :who AND conversation IN ({HIS})",
        "UPDATE message_pins SET pinned_by = decode(repeat('00', 20), 'hex')"
        f" WHERE pinned_by = :who AND conversation IN ({HIS})",
    )
)
ERASE: Final = text("SELECT * FROM erase_messages(:who, :before, :most)")
DONE: Final = text("DELETE FROM erasures WHERE address = :who AND asked_at = :before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """`credentials` are the ids of sessions and API keys that were."""

    messages: int
    is_done: bool
    credentials: list[bytes]


async def require_fresh(db: Transaction, session: bytes | None) -> None:
    """Raises FORBIDDEN where the session did not begin just now."""
    if await db.row(BEGAN, {"session": session, "fresh": FRESH}) is None:
        told = f"this takes a session that began within {FRESH // 60} minutes: sign in again"
        raise ApiError(Code.FORBIDDEN, told, reason="SIGN_IN_AGAIN")


async def erase(writer: Writer, cabinet: Cabinet, who: Address, session: bytes | None) -> Erased:
    """Deletes the account, and as many of its messages as a client waits for."""
    async with writer.transaction() as db:
        await require_fresh(db, session)
        asked = await db.row(ASK, {"who": who})
        assert asked is not None
        credentials = [bytes(row.id) for row in await db.rows(CREDENTIALS, {"who": who})]
        for statement in FORGET:
            await db.do(statement, {"who": who} if ":who" in statement.text else None)
        begun = await db.rows(UPLOADS, {"who": who})
    for row in begun:
        await asyncio.to_thread((cabinet.incoming / row.id.hex()).unlink, missing_ok=True)
    given = {"who": who, "before": asked.asked_at}
    gone = 0
    for _ in range(ROUNDS):
        found = await _messages(writer, given)
        gone += found
        if found < AT_ONCE:
            return Erased(messages=gone, is_done=True, credentials=credentials)
    return Erased(messages=gone, is_done=False, credentials=credentials)


async def _messages(writer: Writer, given: dict[str, Any]) -> int:
    async with writer.transaction() as db:
        rows = await db.rows(ERASE, {**given, "most": AT_ONCE})
        named: list[tuple[int, datetime]] = [(row.in_conversation, row.at) for row in rows]
        if named:
            told = notice(Change.UPDATED, named)
            await db.do(TELL, {"channel": CHANNEL, "notice": told})
        if len(rows) < AT_ONCE:
            await db.do(DONE, given)
    return len(rows)
