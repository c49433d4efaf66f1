"""What people change of their notifications: read marks, wishes, browsers, mailboxes."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from api.errors import bad_input
from api.writes import Transaction
from indexer.db.channels import Channel

MOST_BROWSERS: Final = 20
"""Of one address; the oldest give way."""
MOST_ASKED: Final = 5
"""Mails a day that ask to verify: for one address, and to one mailbox."""

READ: Final = text("""
UPDATE notifications SET read_at = CASE WHEN :read THEN coalesce(read_at, now()) END
WHERE recipient = :who AND number = ANY(:numbers)
""")
READ_UP_TO: Final = text("""
UPDATE notifications SET read_at = now()
WHERE recipient = :who AND number <= :number AND read_at IS NULL
""")
"""Both are served by the index on (recipient, number)."""
SETTINGS: Final = text("""
INSERT INTO notification_settings (address, locale, zone, quiet_from, quiet_until)
VALUES (:who, :locale, :zone, :quiet_from, :quiet_until)
ON CONFLICT (address) DO UPDATE SET locale = excluded.locale, zone = excluded.zone,
    quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until
""")
WANTED: Final = text("""
DELETE FROM notification_choices WHERE address = :who AND channel = :channel AND kind = ANY(:kinds)
""")
UNWANTED: Final = text("""
INSERT INTO notification_choices (address, channel, kind)
SELECT :who, :channel, kind FROM unnest(CAST(:kinds AS smallint[])) AS kind ON CONFLICT DO NOTHING
""")
SUBSCRIBE: Final = text(f"""
INSERT INTO webhooks (url, secret, address, channel, p256dh, auth)
VALUES (:url, '', :who, {Channel.PUSH}, :p256dh, :auth)
ON CONFLICT (url) WHERE channel = {Channel.PUSH} DO UPDATE SET address = excluded.address,
    p256dh = excluded.p256dh, auth = excluded.auth, failures = 0, failing_since = NULL,
    rests_until = NULL, disabled_at = NULL
RETURNING id
""")
"""A browser that changes hands is told of its new user's things alone."""
FORGOTTEN: Final = text(f"""
WITH gone AS (
    DELETE FROM webhooks WHERE address = :who AND channel = {Channel.PUSH}
        AND (url = :url OR id IN (SELECT id FROM webhooks WHERE address = :who
            AND channel = {Channel.PUSH} ORDER BY id DESC OFFSET :most))
    RETURNING id
), meant AS (DELETE FROM outbox WHERE webhook IN (SELECT id FROM gone))
SELECT id FROM gone
""")
MAILBOX: Final = text("SELECT email, verified_at FROM mailboxes WHERE address = :who FOR UPDATE")
PAUSE: Final = text("UPDATE mailboxes SET pause = :pause WHERE address = :who")
LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:email, 7281))")
ASKED: Final = text("""
SELECT count(*) FILTER (WHERE address = :who) AS mine, count(*) FILTER (WHERE email = :email) AS its
FROM mails WHERE (address = :who OR email = :email) AND verifies
    AND created_at > now() - interval '1 day'
""")
"""Served by the indexes on both."""
SET_MAILBOX: Final = text("""
INSERT INTO mailboxes (address, email, pause, token, code)
VALUES (:who, :email, :pause, :token, :code)
ON CONFLICT (address) DO UPDATE SET email = excluded.email, pause = excluded.pause,
    token = excluded.token, code = excluded.code, asked_at = now(), verified_at = NULL
""")
ASK: Final = text("INSERT INTO mails (address, email, verifies) VALUES (:who, :email, true)")
NO_MAILBOX: Final = text("DELETE FROM mailboxes WHERE address = :who RETURNING address")
NO_MAILS: Final = text("UPDATE notifications SET mail = NULL WHERE recipient = :who AND mail = 0")
VERIFY: Final = text("""
UPDATE mailboxes SET verified_at = coalesce(verified_at, now())
WHERE code = :code AND asked_at > now() - interval '1 day' RETURNING address
""")
UNSUBSCRIBE: Final = text("DELETE FROM mailboxes WHERE token = :token RETURNING address")


async def read(db: Transaction, who: bytes, numbers: Sequence[int], *, read: bool) -> int:
    """Marks them as read, or not; how many of them there are."""
    return await db.do(READ, {"who": who, "numbers": [*numbers], "read": read})


async def read_up_to(db: Transaction, who: bytes, number: int) -> int:
    """Marks all up to this one as read; how many were not."""
    return await db.do(READ_UP_TO, {"who": who, "number": number})


async def choose(
    db: Transaction, who: bytes, channel: int, kinds: Sequence[int], *, wanted: bool
) -> None:
    """Hears, or does not hear, of these kinds by this channel from now on."""
    statement = WANTED if wanted else UNWANTED
    await db.do(statement, {"who": who, "channel": channel, "kinds": [*kinds]})


async def subscribe(db: Transaction, who: bytes, url: str, p256dh: bytes, auth: bytes) -> int:
    """Tells the browser behind this push service's URL; the number of its subscription."""
    row = await db.row(SUBSCRIBE, {"who": who, "url": url, "p256dh": p256dh, "auth": auth})
    assert row is not None
    await db.rows(FORGOTTEN, {"who": who, "url": "", "most": MOST_BROWSERS})
    return int(row.id)


async def unsubscribe(db: Transaction, who: bytes, url: str) -> bool:
    """Tells it nothing more; False where it was not told."""
    return bool(await db.rows(FORGOTTEN, {"who": who, "url": url, "most": MOST_BROWSERS}))


async def set_mailbox(db: Transaction, who: bytes, email: str, pause: int) -> None:
    """Mails there once it is verified; one that is already only gets the other pause.

    Raises BAD_USER_INPUT where too many mails asked for it today.
    """
    standing = await db.row(MAILBOX, {"who": who})
    if standing is not None and standing.email == email and standing.verified_at is not None:
        await db.do(PAUSE, {"who": who, "pause": pause})
        return
    await db.rows(LOCK, {"email": email})
    asked = await db.row(ASKED, {"who": who, "email": email})
    if asked is not None and max(asked.mine, asked.its) >= MOST_ASKED:
        told = f"{MOST_ASKED} mails asked to verify today: look for them, or try again tomorrow"
        raise bad_input("email", told, limit=MOST_ASKED)
    words = {"token": secrets.token_bytes(16), "code": secrets.token_bytes(16)}
    given: dict[str, Any] = {"who": who, "email": email, "pause": pause}
    await db.do(SET_MAILBOX, given | words)
    await db.do(ASK, {"who": who, "email": email})


async def no_mailbox(db: Transaction, who: bytes) -> bool:
    """Ends all mails; False where there were none."""
    gone = await db.row(NO_MAILBOX, {"who": who})
    await db.do(NO_MAILS, {"who": who})
    return gone is not None


async def verify(db: Transaction, code: bytes) -> bool:
    """The mailbox is its owner's, as he has the code that was mailed there."""
    return await db.row(VERIFY, {"code": code}) is not None


async def end_mails(db: Transaction, token: bytes) -> bool:
    """Ends all mails to the mailbox of this token."""
    gone = await db.row(UNSUBSCRIBE, {"token": token})
    if gone is not None:
        await db.do(NO_MAILS, {"who": gone.address})
    return gone is not None
