"""What is about to be undone, kept for subscribers: they have to be told what no longer holds.

An undo of more than `MOST` events keeps none of them: whoever had seen them starts over. Older
reversals give up their rows as newer ones bring theirs, so that the tables stay small.
"""

from typing import Any, Final

from psycopg import Cursor
from psycopg.sql import SQL, Identifier, Literal

from indexer.db.models import GROUPS, PAYMENTS, RED_PACKETS

MOST: Final = 100_000
"""Retracted events that are kept in all."""
DAYS: Final = 7
"""How long they are kept, at most."""
THINGS: Final = {0: GROUPS, 1: PAYMENTS, 2: RED_PACKETS}
"""The things that clients follow, by the number of the contract that holds them."""

OPEN: Final = """
INSERT INTO reversals (first_block, last_block, kept, retracted)
SELECT %(block)s + 1, greatest(%(block)s, (SELECT max(number) FROM blocks)), found <= %(most)s,
    CASE WHEN found <= %(most)s THEN found ELSE 0 END
FROM (SELECT count(*) AS found FROM (
    SELECT FROM events WHERE block_number > %(block)s LIMIT %(most)s + 1) AS few) AS counted
RETURNING number, kept
"""
"""Served by the primary keys; counts no further than it has to."""
COPY_EVENTS: Final = """
INSERT INTO retractions (reversal, block_number, log_index, transaction_index, transaction_hash,
    contract, topic0, topic1, topic2, topic3, data, decoded, block_hash, block_timestamp)
SELECT %s, block_number, log_index, transaction_index, transaction_hash,
    contract, topic0, topic1, topic2, topic3, data, decoded, hash, timestamp
FROM events JOIN blocks ON number = block_number WHERE block_number > %s
"""
"""Served by the primary keys."""
COPY_THINGS: Final = """
INSERT INTO setbacks (reversal, contract, key, row)
SELECT %(number)s, {contract}, {key}, CASE WHEN {born} > %(block)s THEN to_jsonb({table}) END
FROM {table} WHERE updated_block > %(block)s
"""
"""Served by the index on `updated_block`."""
COPY_OBSERVED: Final = """
INSERT INTO setbacks (reversal, contract, key)
SELECT DISTINCT %(number)s, {contract}, {key} FROM observations
JOIN {table} ON {key} = observations.key WHERE block_number > %(block)s
ON CONFLICT DO NOTHING
"""
"""Served by observations_block_number_idx and the table's primary key; for what was observed of a
thing, such as that a member is muted, and is not in its own row."""
FORGET: Final = """
WITH stale AS (
    SELECT number FROM (
        SELECT number, at, sum(retracted) OVER (ORDER BY number DESC) AS total
        FROM reversals WHERE kept) AS newest_first
    WHERE total > %(most)s OR at < now() - make_interval(days => %(days)s)
), events AS (
    DELETE FROM retractions WHERE reversal IN (SELECT number FROM stale)
), things AS (
    DELETE FROM setbacks WHERE reversal IN (SELECT number FROM stale)
)
UPDATE reversals SET kept = false WHERE number IN (SELECT number FROM stale)
"""
"""Served by the index on kept reversals, and the primary keys of what they hold."""


def keep(db: Cursor[Any], block: int) -> None:
    """Keeps what an undo to `block` will take back; to be called before it."""
    limits = {"block": block, "most": MOST, "days": DAYS}
    row = db.execute(OPEN, limits).fetchone()
    assert row is not None
    number, kept = row
    if kept:
        db.execute(COPY_EVENTS, [number, block])
        _copy_things(db, number, block)
    db.execute(FORGET, limits)


def _copy_things(db: Cursor[Any], number: int, block: int) -> None:
    for contract, projection in THINGS.items():
        names = {
            "contract": Literal(contract),
            "key": Identifier(projection.name, *projection.key),
            "born": Identifier(projection.born),
            "table": Identifier(projection.name),
        }
        for statement in (COPY_THINGS, COPY_OBSERVED):
            db.execute(SQL(statement).format(**names), {"number": number, "block": block})
