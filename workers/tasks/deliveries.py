"""Deliveries: one attempt to tell an endpoint, or a browser, and what comes of its outcome."""

import random
from datetime import UTC, datetime
from typing import Any, Final

from psycopg import Cursor

from indexer.db import dispatch, outbox, preferences, webhooks
from indexer.db.channels import Channel
from indexer.db.dispatch import LONGEST_PAUSE, Begun
from indexer.db.webhooks import Webhook
from indexer.log import get_logger
from workers.notify.quiet import quiet_until
from workers.push.delivery import gone, message, push, read_already
from workers.terms import Terms
from workers.webhooks.delivery import deliver, note
from workers.webhooks.request import Failed, Refused

log = get_logger(__name__)

LONGEST_REQUEST: Final = 15.0
UNHURRIED: Final = "SET LOCAL synchronous_commit = off"
"""What is lost with a Postgres that dies is done again, under the same key."""


def attempt(db: Cursor[Any], row: Begun, terms: Terms) -> None:
    """Tells it once, now or later; its row says how that ended."""
    now = datetime.now(UTC)
    to = webhooks.read(db, row.webhook)
    if to is None or to.disabled_at is not None:
        dispatch.fail(db, row, "its webhook was disabled or removed", pause=None)
    elif to.rests_until is not None and to.rests_until > now:
        dispatch.postpone(db, row)
    elif to.channel == Channel.PUSH:
        _push(db, row, to, terms, now)
    else:
        private, seconds = terms.private, _seconds(terms)
        error = _tried(lambda: deliver(row, to, seconds=seconds, private=private))
        _ended(db, row, to, error)


def _push(db: Cursor[Any], row: Begun, to: Webhook, terms: Terms, now: datetime) -> None:
    theirs = preferences.read(db, to.address or b"")
    if terms.vapid is None:
        dispatch.fail(db, row, "DCHAT_VAPID_KEY is not set", pause=None)
    elif until := quiet_until(theirs, now):
        dispatch.postpone(db, row, until)
    elif read_already(db, row, to):
        dispatch.end(db, row)
    else:
        said, vapid, seconds = message(db, row, to, theirs), terms.vapid, _seconds(terms)
        private = terms.private
        error = _tried(lambda: push(said, row, to, vapid, seconds=seconds, private=private))
        _ended(db, row, to, error)


def _seconds(terms: Terms) -> float:
    return min(LONGEST_REQUEST, terms.lease / 2)


def _tried(send: Any) -> Failed | Refused | None:
    try:
        send()
    except (Failed, Refused) as error:
        return error
    return None


def _ended(db: Cursor[Any], row: Begun, to: Webhook, error: Failed | Refused | None) -> None:
    with db.connection.transaction():
        db.execute(UNHURRIED)
        if to.channel == Channel.PUSH and gone(error):
            webhooks.remove(db, to.id)
            return
        _finish(db, row, error)
        if note(db, to, error):
            log.warning("an endpoint was disabled: it failed for a day", id=to.id, url=to.url)


def _finish(db: Cursor[Any], row: Begun, error: Failed | Refused | None) -> None:
    match error:
        case None:
            dispatch.end(db, row)
        case Failed():
            dispatch.fail(db, row, str(error), pause=error.retry_after or pause(row.attempts))
        case Refused():
            dispatch.fail(db, row, str(error), pause=None)
    outbox.wake(db)


def pause(attempts: int) -> float:
    """Seconds before the next attempt: twice as long each time, give or take a half."""
    return float(min(LONGEST_PAUSE, 2 ** (attempts - 1))) * random.uniform(0.5, 1.5)
