"""E-mails on their way: made once for what is to be told, sent by one worker at a time.

A mail is sent again where it is not known to have gone out, under the same Message-ID.
"""

from typing import Any, Final, NamedTuple

from psycopg import Cursor
from psycopg.rows import class_row

from indexer.db.outbox import State
from indexer.db.preferences import Preferences

LEASE_SECONDS: Final = 120
MOST_ATTEMPTS: Final = 10
MOST_SHOWN: Final = 30
"""Notifications that one mail spells out."""
PAGE: Final = 500

REACH: Final = "(SELECT least(block_number, coalesce(safe_block, -1)) FROM cursor)"
"""A mail can't be taken back: what it tells of is safe."""
WAITING: Final = f"""
SELECT m.address, coalesce(s.locale, 'en') AS locale, coalesce(s.zone, 'UTC') AS zone,
    s.quiet_from, s.quiet_until
FROM mailboxes AS m LEFT JOIN notification_settings AS s ON s.address = m.address
WHERE m.address > %s AND m.verified_at IS NOT NULL
    AND coalesce(m.mailed_at + make_interval(mins => m.pause) <= now(), true)
    AND EXISTS (SELECT FROM notifications AS n
        WHERE n.recipient = m.address AND n.mail = 0 AND n.block_number <= {REACH})
ORDER BY m.address LIMIT {PAGE}
"""
"""Served by the primary keys, and the index of notifications by mail."""
MAKE: Final = f"""
WITH box AS (
    UPDATE mailboxes SET mailed_at = now() WHERE address = %(address)s
        AND verified_at IS NOT NULL
        AND coalesce(mailed_at + make_interval(mins => pause) <= now(), true)
    RETURNING address, email
), mail AS (
    INSERT INTO mails (address, email, verifies) SELECT address, email, false FROM box
    RETURNING id
)
UPDATE notifications AS n SET mail = mail.id FROM mail
WHERE n.recipient = %(address)s AND n.mail = 0 AND n.block_number <= {REACH}
"""
"""Whoever comes second finds the mailbox mailed."""
CLAIM: Final = f"""
UPDATE mails SET state = {State.SENT}, attempts = attempts + 1,
    next_try = now() + make_interval(secs => {LEASE_SECONDS})
WHERE id = (SELECT id FROM mails WHERE state < {State.DONE} AND next_try <= now()
    ORDER BY next_try LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, address, email, verifies, attempts
"""
"""Served by the index of what is due."""
BOX: Final = """
SELECT m.email, m.token, m.code, m.verified_at IS NOT NULL AS verified,
    coalesce(s.locale, 'en') AS locale, coalesce(s.zone, 'UTC') AS zone
FROM mailboxes AS m LEFT JOIN notification_settings AS s ON s.address = m.address
WHERE m.address = %s
"""
NOTICES: Final = f"""
SELECT kind, arguments, count(*) OVER () FROM notifications
WHERE recipient = %s AND mail = %s ORDER BY number LIMIT {MOST_SHOWN}
"""
END: Final = f"""
UPDATE mails SET state = {State.DONE}, finished_at = now(), last_error = NULL
WHERE id = %s AND attempts = %s
"""
FAIL: Final = f"""
UPDATE mails SET last_error = %(error)s, next_try = now() + make_interval(secs => %(pause)s),
    state = CASE WHEN %(last)s THEN {State.DEAD} ELSE {State.QUEUED} END
WHERE id = %(id)s AND attempts = %(attempts)s
"""
DISTRUST: Final = "UPDATE mailboxes SET verified_at = NULL WHERE address = %s AND email = %s"
PRUNE: Final = f"""
DELETE FROM mails WHERE state >= {State.DONE}
    AND created_at < now() - make_interval(days => %s)
"""


class Waiting(NamedTuple):
    """Somebody who is to be mailed, and how he wants to be told."""

    address: bytes
    locale: str
    zone: str
    quiet_from: int | None
    quiet_until: int | None

    @property
    def preferences(self) -> Preferences:
        return Preferences(*self[1:])


class Mail(NamedTuple):
    """A mail that a worker has to itself for the length of a lease."""

    id: int
    address: bytes
    email: str
    verifies: bool
    attempts: int


class Box(NamedTuple):
    """A mailbox, and how its owner wants to be told."""

    email: str
    token: bytes
    code: bytes
    verified: bool
    locale: str
    zone: str


def waiting(db: Cursor[Any], after: bytes) -> list[Waiting]:
    """Those to be mailed whose address comes after this one, a page of them in order."""
    with db.connection.cursor(row_factory=class_row(Waiting)) as rows:
        return rows.execute(WAITING, [after]).fetchall()


def make(db: Cursor[Any], address: bytes) -> int:
    """Puts what is to be told into a mail; returns how much that was."""
    return db.execute(MAKE, {"address": address}).rowcount


def claim(db: Cursor[Any]) -> Mail | None:
    """The mail that has been due for longest; it is due again when the lease is over."""
    with db.connection.cursor(row_factory=class_row(Mail)) as rows:
        return rows.execute(CLAIM).fetchone()


def box(db: Cursor[Any], address: bytes) -> Box | None:
    """The address's mailbox."""
    with db.connection.cursor(row_factory=class_row(Box)) as rows:
        return rows.execute(BOX, [address]).fetchone()


def notices(db: Cursor[Any], mail: Mail) -> tuple[list[tuple[int, dict[str, Any]]], int]:
    """Kinds and arguments of what the mail tells, the first of them; and how many there are."""
    rows = db.execute(NOTICES, [mail.address, mail.id]).fetchall()
    return [(kind, arguments) for kind, arguments, _ in rows], rows[0][2] if rows else 0


def end(db: Cursor[Any], mail: Mail) -> None:
    """It went out, or nobody wants it any more."""
    db.execute(END, [mail.id, mail.attempts])


def fail(db: Cursor[Any], mail: Mail, error: str, *, pause: float | None) -> None:
    """It is tried again after `pause` seconds; without one, and after many tries, it is dead."""
    last = pause is None or mail.attempts >= MOST_ATTEMPTS
    told = {"error": error[:500].replace("\x00", ""), "last": last, "pause": pause or 0}
    db.execute(FAIL, told | {"id": mail.id, "attempts": mail.attempts})


def distrust(db: Cursor[Any], mail: Mail) -> None:
    """Its server knows no such mailbox: nothing more is sent there until it is verified again."""
    db.execute(DISTRUST, [mail.address, mail.email])


def prune(db: Cursor[Any], days: int) -> int:
    """Forgets mails that ended so long ago; returns how many. Reads all rows."""
    return db.execute(PRUNE, [days]).rowcount
