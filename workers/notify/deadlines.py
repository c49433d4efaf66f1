"""What happens by the clock: payments that are due soon, packets that have run out.

The clock is the chain's: the time of the newest indexed block. Each becomes an effect of the event
that created the payment or packet, so it happens once, whoever looks and however often, and goes
with that event's block.
"""

import time
from typing import Any, Final

from psycopg import Cursor

from indexer.db import cursor as cursors
from indexer.db import outbox
from indexer.db.cursor import Cursor as Position
from indexer.effects.effect import Kind, Whom

SOON: Final = 86_400
"""Seconds before a deadline at which those who have not paid are told."""
LATE: Final = 86_400
"""Seconds after which nobody is told any more that a packet has run out."""
ACTIVE: Final = 0

ROW: Final = """
INSERT INTO outbox (key, kind, webhook, payload, block_number, block_hash, log_index, finality)
SELECT sha256(b.hash || convert_to(format('%%s/%%s/0', t.created_log, %(kind)s::int), 'UTF8')),
    %(kind)s, 0, '{{"people": [], "but": [], "refunds": {{}}}}' || jsonb_build_object(
        'arguments', jsonb_build_object({arguments}), 'audiences', jsonb_build_array(
            jsonb_build_array(%(whom)s::int, '0x' || encode(t.{key}, 'hex')))),
    b.number, b.hash, t.created_log, 0
FROM {table} AS t JOIN blocks AS b ON b.number = t.created_block
WHERE t.status = %(active)s AND {time}
    AND NOT EXISTS (SELECT FROM outbox AS o WHERE o.block_hash = b.hash
        AND o.log_index = t.created_log AND o.kind = %(kind)s AND o.webhook = 0)
ON CONFLICT DO NOTHING
"""
DUE: Final = ROW.format(
    table="payments",
    key="payment_id",
    time="t.deadline_seconds > %(now)s AND t.deadline_seconds <= %(now)s + %(soon)s",
    arguments="""'payment_id', '0x' || encode(t.payment_id, 'hex'),
        'group_key', '0x' || encode(t.group_key, 'hex'),
        'deadline', t.deadline_seconds::text, 'share', t.per_person_amount::text""",
)
"""Served by the index on `deadline_seconds`."""
EXPIRED: Final = ROW.format(
    table="red_packets",
    key="packet_id",
    time="t.expires_at <= to_timestamp(%(now)s) AND t.remaining_amount > 0"
    " AND t.expires_at > to_timestamp(%(now)s - %(late)s)",
    arguments="""'red_packet_id', '0x' || encode(t.packet_id, 'hex'),
        'group_key', '0x' || encode(t.group_key, 'hex'),
        'refundable', t.remaining_amount::text""",
)
"""Served by the index on `expires_at`."""


def notice(db: Cursor[Any], *, age: float) -> int:
    """Adds what has come to pass; returns how many effects those are.

    To be called within a transaction, which keeps the index from moving meanwhile. None where the
    index has not caught up, or its clock is more than `age` seconds behind.
    """
    at = cursors.read(db, lock=True)
    now = _clock(at, age)
    if now is None:
        return 0
    asked = {"now": now, "soon": SOON, "late": LATE, "active": ACTIVE}
    due = db.execute(DUE, asked | {"kind": Kind.PAYMENT_DUE, "whom": Whom.UNPAID}).rowcount
    expired = asked | {"kind": Kind.PACKET_EXPIRED, "whom": Whom.SENDER}
    found = due + db.execute(EXPIRED, expired).rowcount
    if found:
        outbox.wake(db)
    return found


def _clock(at: Position | None, age: float) -> int | None:
    """The chain's time in unix seconds, where it is worth telling anybody."""
    if at is None or at.block_timestamp is None or not at.synced:
        return None
    now = int(at.block_timestamp.timestamp())
    return now if now >= time.time() - age else None
