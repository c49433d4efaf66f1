"""Telling people: rows of `notifications`, and a delivery for each endpoint that wants to know.

One transaction, which holds the effect's row: an undo of its block waits for it and then takes back
all that it did, or comes first and leaves nothing to do.
"""

from typing import Any, Final

from psycopg import Cursor

from indexer.db import outbox
from indexer.db.channels import TOLD, Channel
from indexer.db.dispatch import Begun
from indexer.db.outbox import Row, State
from indexer.effects import effect
from indexer.effects.effect import Kind
from indexer.units import Hash32, to_hex
from workers.notify.people import heard

HOLD: Final = f"SELECT finality FROM outbox WHERE id = %s AND state = {State.SENT} FOR UPDATE"
TELL: Final = f"""
INSERT INTO notifications
    (recipient, key, kind, arguments, block_number, block_hash, log_index, mail)
SELECT who, %(key)s, %(kind)s, %(arguments)s::jsonb || CASE WHEN refunds ? hexed
        THEN jsonb_build_object('refund', refunds -> hexed) ELSE '{{}}' END,
    %(block)s, %(hash)s, %(log)s,
    CASE WHEN EXISTS (SELECT FROM mailboxes AS m
            WHERE m.address = who AND m.verified_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM notification_choices AS c WHERE c.address = who
            AND c.channel = {Channel.EMAIL} AND c.kind = %(kind)s) THEN 0 END
FROM unnest(%(people)s::bytea[]) AS who,
    LATERAL (SELECT '0x' || encode(who, 'hex'), %(refunds)s::jsonb) AS their (hexed, refunds)
ON CONFLICT DO NOTHING
"""
"""`mail` 0: by e-mail, too, once it is time. Served by primary keys."""
LUCKIEST: Final = """
SELECT claimer, amount FROM claims WHERE packet_id = %s
ORDER BY amount DESC, created_block, created_log LIMIT 1
"""
"""Served by the index on `packet_id`."""
ENDPOINTS: Final = """
SELECT id, address FROM webhooks AS w
WHERE (address IS NULL OR address = ANY(%(people)s::bytea[])) AND disabled_at IS NULL
    AND (kinds IS NULL OR kinds ? %(name)s)
    AND NOT EXISTS (SELECT FROM notification_choices AS c WHERE c.address = w.address
        AND c.channel = w.channel AND c.kind = %(kind)s)
ORDER BY id
"""
"""Served by the index on `address`, and the primary key of choices."""


def tell(db: Cursor[Any], row: Begun) -> None:
    """Tells people and queues the deliveries; to be called within a transaction."""
    held = db.execute(HOLD, [row.id]).fetchone()
    if held is None:
        return
    payload = row.payload | {"arguments": row.payload["arguments"] | _more(db, row)}
    query, values = heard(payload)
    people = [who for (who,) in db.execute(query, values).fetchall()]
    if people:
        db.execute(TELL, _told(row, payload, people))
        db.execute("SELECT pg_notify(%s, %s)", [TOLD, row.key.hex()])
    _queue(db, row, payload, people, finality=held[0])


def _told(row: Begun, payload: dict[str, Any], people: list[bytes]) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind,
        "arguments": payload["arguments"],
        "refunds": payload["refunds"],
        "block": row.block_number,
        "hash": row.block_hash,
        "log": row.log_index,
        "people": people,
    }


def _more(db: Cursor[Any], row: Begun) -> dict[str, Any]:
    """What no event says: who was the luckiest."""
    if row.kind != Kind.PACKET_EMPTIED:
        return {}
    packet = bytes.fromhex(row.payload["arguments"]["red_packet_id"][2:])
    found = db.execute(LUCKIEST, [packet]).fetchone()
    return {"luckiest": to_hex(found[0]), "luckiest_amount": str(found[1])} if found else {}


def _queue(
    db: Cursor[Any], row: Begun, payload: dict[str, Any], people: list[bytes], *, finality: int
) -> None:
    """A delivery for each endpoint, which is retried, retracted and given up by itself."""
    kind, hash_ = Kind(row.kind), Hash32(row.block_hash)
    asked = {"name": kind.name, "kind": kind, "people": people}
    rows = []
    for id_, address in db.execute(ENDPOINTS, asked).fetchall():
        said = {"arguments": payload["arguments"]}
        if address is not None:
            said["recipient"] = to_hex(address)
            if refund := payload["refunds"].get(said["recipient"]):
                said["arguments"] = said["arguments"] | {"refund": refund}
        key = effect.key(hash_, row.log_index, kind, id_)
        rows.append(Row(key, kind, id_, said, row.block_number, hash_, row.log_index, finality))
    outbox.add(db, rows)
