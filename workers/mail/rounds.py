"""A round: mails are made of what is to be told, and what is due is sent.

Any number of rounds at once do each thing once: a mailbox is mailed by whoever marks it first, and
a mail is sent by whoever claims it.
"""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, Final

from psycopg import Cursor

from indexer.db import mails, preferences
from indexer.db.connection import Connection
from indexer.db.mails import PAGE, Box, Mail
from indexer.effects.effect import Kind
from indexer.log import get_logger
from indexer.texts.catalogue import Locale
from indexer.texts.notices import Reader, text
from workers.mail.composing import Sender, digest, verification
from workers.mail.sending import NoServer, NoSuchMailbox, NotSent, Smtp
from workers.notify.quiet import quiet_until
from workers.tasks.deliveries import pause

log = get_logger(__name__)

MOST: Final = 200
"""Mails of one round; the next one goes on."""
FIRST_PAUSE: Final = 30.0


def round_(connection: Connection, smtp: Smtp, sender: Sender) -> int:
    """Makes what is to be made and sends what is due; returns how many mails went out.

    The connection is to be in autocommit: each mail has its own transaction.
    """
    with connection.cursor() as db:
        make(db, datetime.now(UTC))
        sent = 0
        for _ in range(MOST):
            mail = mails.claim(db)
            if mail is None:
                break
            try:
                sent += _send(db, mail, smtp, sender)
            except NoServer:
                break
        return sent


def make(db: Cursor[Any], now: datetime) -> int:
    """Makes mails for those who have waited for long enough and want no quiet; how many."""
    made, after = 0, b""
    while found := mails.waiting(db, after):
        for one in found:
            if quiet_until(one.preferences, now) is None:
                made += mails.make(db, one.address) > 0
        if len(found) < PAGE:
            break
        after = found[-1].address
    return made


def _send(db: Cursor[Any], mail: Mail, smtp: Smtp, sender: Sender) -> bool:
    """Whether it went out; its row says how that ended. Raises NoServer: no other will, either."""
    try:
        written = _written(db, mail, sender)
        if written is not None:
            smtp.send(written)
        mails.end(db, mail)
        return written is not None
    except NotSent as error:
        log.warning("a mail waits", mail=mail.id, cause=str(error), attempts=mail.attempts)
        mails.fail(db, mail, str(error), pause=FIRST_PAUSE * pause(mail.attempts))
        if isinstance(error, NoServer):
            raise
    except NoSuchMailbox as error:
        log.info("a mailbox is not there", mail=mail.id, reason=str(error))
        mails.fail(db, mail, str(error), pause=None)
        mails.distrust(db, mail)
    except (LookupError, ValueError) as error:
        log.error("a mail cannot be written", mail=mail.id, cause=str(error))
        mails.fail(db, mail, f"{type(error).__name__}: {error}", pause=None)
    return False


def _written(db: Cursor[Any], mail: Mail, sender: Sender) -> EmailMessage | None:
    """The mail; None where its mailbox or all that it tells of is gone."""
    box = mails.box(db, mail.address)
    if box is None or box.email != mail.email or box.verified == mail.verifies:
        return None
    if mail.verifies:
        return verification(mail, box, sender)
    told, count = mails.notices(db, mail)
    return digest(mail, box, _sentences(db, told, box), count, sender) if told else None


def _sentences(db: Cursor[Any], told: list[tuple[int, dict[str, Any]]], box: Box) -> list[str]:
    reader = Reader(locale=Locale(box.locale), zone=box.zone)
    return [
        text(Kind(kind), arguments, preferences.group_name(db, arguments), reader)
        for kind, arguments in told
    ]
