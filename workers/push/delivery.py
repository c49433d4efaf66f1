"""A notification to a browser: a sentence in its user's language, through its push service."""

import base64
from typing import Any, Final

import msgspec
from psycopg import Cursor

from indexer.db import preferences
from indexer.db.dispatch import Begun
from indexer.db.preferences import Preferences
from indexer.db.webhooks import Webhook
from indexer.effects import effect
from indexer.effects.effect import Kind
from indexer.texts.catalogue import Locale, say
from indexer.texts.notices import Reader, named, text
from indexer.units import Address, Hash32, checksum
from indexer.vapid import Vapid
from workers.push.encryption import encrypt
from workers.webhooks.request import Refused, post

KEPT: Final = 86_400
"""Seconds that a push service keeps it for a browser that is not there."""
GONE: Final = {404, 410}
"""What a push service answers where the subscription is no more (RFC 8030)."""
READ: Final = """
SELECT FROM notifications WHERE recipient = %s AND key = %s AND read_at IS NOT NULL
"""
"""Served by the primary key."""


def read_already(db: Cursor[Any], row: Begun, to: Webhook) -> bool:
    """Whether the user has seen it meanwhile, so that it need not be pushed any more."""
    told = effect.key(Hash32(row.block_hash), row.log_index, Kind(row.kind))
    return db.execute(READ, [to.address, told]).fetchone() is not None


def message(db: Cursor[Any], row: Begun, to: Webhook, theirs: Preferences) -> bytes:
    """What the browser shows. A retraction replaces what it retracts, by their common tag."""
    reader = Reader(locale=Locale(theirs.locale), zone=theirs.zone)
    arguments = row.payload["arguments"]
    group = preferences.group_name(db, arguments)
    said = text(Kind(row.kind), arguments, group, reader)
    retracts = row.payload.get("retracts")
    shown: dict[str, Any] = {
        "key": row.key.hex(),
        "kind": Kind(row.kind).name,
        "title": named(group, reader.locale),
        "body": said if retracts is None else say(reader.locale, "retracted", text=said),
        "tag": retracts or row.key.hex(),
        "lang": reader.locale.value,
        "arguments": arguments,
    }
    if to.address is not None:
        shown["recipient"] = checksum(Address(to.address))
    if retracts is not None:
        shown["retracts"] = retracts
    return msgspec.json.encode(shown)


def headers(row: Begun, to: Webhook, vapid: Vapid) -> dict[str, str]:
    """What the push service reads: a message takes the place of an unsent one of its topic."""
    tag = bytes.fromhex(row.payload.get("retracts") or row.key.hex())
    return {
        "Authorization": vapid.authorization(to.url),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT),
        "Topic": base64.urlsafe_b64encode(tag[:24]).decode(),
        "Urgency": "normal",
    }


def push(
    said: bytes, row: Begun, to: Webhook, vapid: Vapid, *, seconds: float, private: bool
) -> None:
    """Sends it once. Raises Failed or Refused; `gone` says of the latter what it means."""
    assert to.p256dh is not None and to.auth is not None
    try:
        body = encrypt(said, to.p256dh, to.auth)
    except ValueError as error:
        raise Refused(str(error)) from None
    post(to.url, body, headers(row, to, vapid), seconds=seconds, private=private)


def gone(error: Exception | None) -> bool:
    """Whether the browser does not listen there any more."""
    return isinstance(error, Refused) and error.status in GONE
