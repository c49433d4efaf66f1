"""A delivery: the effect as JSON, signed, and what its outcome means for the endpoint."""

import time
from typing import Any

import msgspec
from psycopg import Cursor

from indexer.db import webhooks
from indexer.db.dispatch import Begun
from indexer.db.webhooks import Webhook
from indexer.effects.effect import Kind
from indexer.units import to_hex
from workers.webhooks import signature
from workers.webhooks.request import Failed, Refused, post


def body(row: Begun) -> bytes:
    """What is sent: the same for each attempt. `retracts` names the key that no longer holds."""
    told: dict[str, Any] = {
        "key": row.key.hex(),
        "kind": Kind(row.kind).name,
        "chainId": row.chain_id,
        "block": {"number": row.block_number, "hash": to_hex(row.block_hash)},
        "logIndex": row.log_index,
        **row.payload,
    }
    return msgspec.json.encode(told)


def deliver(row: Begun, to: Webhook, *, seconds: float, private: bool) -> None:
    """Sends it once. Raises Failed or Refused."""
    data = body(row)
    headers = signature.headers(to.secret, row.key, data, int(time.time()))
    post(to.url, data, headers, seconds=seconds, private=private)


def note(db: Cursor[Any], to: Webhook, error: Failed | Refused | None) -> bool:
    """Keeps how the endpoint is doing; True where that was one failure too many.

    An endpoint that refuses is there, but what it refuses for is no better than not to be.
    """
    if error is None:
        webhooks.well(db, to.id)
        return False
    return webhooks.failed(db, to.id, str(error))
