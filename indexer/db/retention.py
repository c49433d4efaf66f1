"""What is not kept for ever: ended sessions, old messages, accounts that were deleted."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from psycopg import Cursor
from psycopg.sql import SQL, Identifier

from indexer.db import months

ENDED_DAYS: Final = 30
"""Sessions and API keys are listed for so long after they ended."""
AT_ONCE: Final = 200

ENDED: Final = (
    """
    DELETE FROM refresh_tokens AS r USING sessions AS s WHERE r.session = s.id
    AND least(s.expires_at, s.revoked_at) < now() - make_interval(days => %(days)s)
    """,
    """
    DELETE FROM sessions
    WHERE least(expires_at, revoked_at) < now() - make_interval(days => %(days)s)
    """,
    """
    DELETE FROM api_keys
    WHERE least(expires_at, revoked_at) < now() - make_interval(days => %(days)s)
    """,
)
HANGING: Final = ("file_uses", "message_pins")
"""What names messages and has no months."""
PATIENCE: Final = "SET LOCAL lock_timeout = '500ms'"
ERASURES: Final = "SELECT address, asked_at FROM erasures ORDER BY asked_at"
ERASE: Final = "SELECT count(*) FROM erase_messages(%s, %s, %s)"
DONE: Final = "DELETE FROM erasures WHERE address = %s AND asked_at = %s"


def forget_ended(db: Cursor[Any]) -> int:
    """Deletes what signed people in and no longer does; returns how many rows."""
    return sum(db.execute(each, {"days": ENDED_DAYS}).rowcount for each in ENDED)


def past(db: Cursor[Any], life: timedelta) -> list[datetime]:
    """The months of messages that ended longer ago than `life`."""
    until = datetime.now(UTC) - life
    return sorted(month for month in months.existing(db) if months.after(month) <= until)


def drop(db: Cursor[Any], month: datetime) -> None:
    """Deletes a month's messages, in the transaction that is open. Readers wait for it; it waits
    half a second for them, and raises LockNotAvailable.
    """
    db.execute(PATIENCE)
    for table in months.NAMES:
        name = Identifier(months.partition(table, month))
        db.execute(SQL("DROP TABLE IF EXISTS {}").format(name))
    for table in HANGING:
        gone = SQL("DELETE FROM {} WHERE sent_at >= %s AND sent_at < %s").format(Identifier(table))
        db.execute(gone, (month, months.after(month)))


def erase(db: Cursor[Any]) -> int:
    """Erases some messages of an account that was deleted; returns how many, 0 where none is."""
    row = db.execute(ERASURES).fetchone()
    if row is None:
        return 0
    counted = db.execute(ERASE, (*row, AT_ONCE)).fetchone()
    gone = 0 if counted is None else int(counted[0])
    if gone < AT_ONCE:
        db.execute(DONE, row)
    return gone
