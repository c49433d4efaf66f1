"""Sums for statistics: what versions began and ended in ranges of blocks, kept for old ranges.

A projection's past and present are versions, each true from a block up to another. What stood at a
block is the sum of all versions that began by then less those that had ended, so statistics need no
fold of their own: a range of blocks that is not tallied is added up when it is read, and what is
known of a range may be forgotten at any time. It is, in the transaction that changes the range.
"""

from collections.abc import Collection
from typing import Any, Final

from psycopg import Cursor

from indexer.db.models.tallies import Subject

LEAST: Final = 5_000
"""Events that have to be behind the last tally before there is another one."""
MOST: Final = 50_000
"""Events that a tally is about (and what else is in its last block)."""

VERSIONS: Final = {
    Subject.GROUP: """
SELECT t.updated_block AS block, 1 AS n, 0 AS kind, t.is_active::int AS status, NULL::date AS due,
    0::numeric AS amount, 0::numeric AS other, NULL::float8 AS best
FROM groups t WHERE {current}
UNION ALL SELECT h.updated_block, 1, 0, h.is_active::int, NULL, 0, 0, NULL
FROM groups_history h WHERE {began}
UNION ALL SELECT h.until_block, -1, 0, h.is_active::int, NULL, 0, 0, NULL
FROM groups_history h WHERE {ended}
""",
    Subject.MEMBER: """
SELECT t.updated_block AS block, 1 AS n, t.role AS kind, 0 AS status, NULL::date AS due,
    (t.joined_block = t.updated_block)::int::numeric AS amount, 0::numeric AS other,
    NULL::float8 AS best
FROM members t WHERE {current}
UNION ALL SELECT h.updated_block, 1, h.role, 0, NULL,
    (h.joined_block = h.updated_block)::int, 0, NULL
FROM members_history h WHERE {began}
UNION ALL SELECT h.until_block, -1, h.role, 0, NULL, 0, 0, NULL
FROM members_history h WHERE {ended}
""",
    Subject.PAYMENT: """
SELECT block, n, kind, status,
    CASE WHEN status = 0 AND deadline_seconds < 253402300800 THEN
        (to_timestamp(deadline_seconds::float8) AT TIME ZONE 'UTC')::date END AS due,
    n * target_amount AS amount, n * collected_amount AS other, NULL::float8 AS best
FROM (
    SELECT t.updated_block AS block, 1 AS n, t.kind, t.status, t.deadline_seconds, t.target_amount,
        t.collected_amount
    FROM payments t WHERE {current}
    UNION ALL SELECT h.updated_block, 1, t.kind, h.status, t.deadline_seconds, t.target_amount,
        h.collected_amount
    FROM payments_history h JOIN payments t USING (payment_id) WHERE {began}
    UNION ALL SELECT h.until_block, -1, t.kind, h.status, t.deadline_seconds, t.target_amount,
        h.collected_amount
    FROM payments_history h JOIN payments t USING (payment_id) WHERE {ended}
) AS p
""",
    Subject.RED_PACKET: """
SELECT block, n, kind, status,
    CASE WHEN status = 0 THEN (expires_at AT TIME ZONE 'UTC')::date END AS due,
    n * total_amount AS amount, n * remaining_amount AS other, NULL::float8 AS best
FROM (
    SELECT t.updated_block AS block, 1 AS n, t.kind, t.status, t.expires_at, t.total_amount,
        t.remaining_amount
    FROM red_packets t WHERE {current}
    UNION ALL SELECT h.updated_block, 1, t.kind, h.status, t.expires_at, t.total_amount,
        h.remaining_amount
    FROM red_packets_history h JOIN red_packets t USING (packet_id) WHERE {began}
    UNION ALL SELECT h.until_block, -1, t.kind, h.status, t.expires_at, t.total_amount,
        h.remaining_amount
    FROM red_packets_history h JOIN red_packets t USING (packet_id) WHERE {ended}
) AS p
""",
    Subject.CLAIM: """
SELECT c.created_block AS block, 1 AS n, t.kind, (c.claim_order = t.total_count)::int AS status,
    NULL::date AS due, c.amount, extract(epoch FROM c.claimed_at - t.created_at) AS other,
    CASE WHEN t.kind = 0 AND t.total_amount > 0 THEN
        (c.amount * t.total_count / t.total_amount)::float8 END AS best
FROM claims c JOIN red_packets t USING (packet_id)
WHERE t.created_block <= c.created_block AND {current}
""",
}
"""What each version adds to the sums, or takes from them; `t` is what stands, `h` what stood."""

BY_DAY: Final = """
SELECT (at.timestamp AT TIME ZONE 'UTC')::date AS day, kind, status, due, sum(n)::bigint AS n,
    sum(amount) AS amount, sum(other) AS other, max(best) AS best
FROM (
    SELECT block, kind, status, due, sum(n) AS n, sum(amount) AS amount, sum(other) AS other,
        max(best) AS best
    FROM ({versions}) AS v GROUP BY 1, 2, 3, 4
) AS b CROSS JOIN LATERAL (
    SELECT timestamp FROM blocks WHERE number <= b.block ORDER BY number DESC LIMIT 1
) AS at
GROUP BY 1, 2, 3, 4
"""
"""Blocks are added up first: their times are looked up once for each."""
RANGE: Final = {
    "current": "t.updated_block BETWEEN {first} AND {last}",
    "began": "h.updated_block BETWEEN {first} AND {last} AND h.until_block > {first}",
    "ended": "h.until_block BETWEEN {first} AND {last}",
}
"""Served by the indexes on `updated_block` and `until_block`."""
RANGE_OF_CLAIMS: Final = "c.created_block BETWEEN {first} AND {last}"
"""Served by claims_created_block_idx."""
GAPS: Final = """
SELECT first_block, last_block FROM (
    SELECT coalesce(lag(t.last_block) OVER (ORDER BY t.last_block) + 1, 0) AS first_block,
        t.first_block - 1 AS last_block
    FROM tallied AS t WHERE t.last_block <= {last}
    UNION ALL SELECT coalesce(max(t.last_block) + 1, 0), {last}
    FROM tallied AS t WHERE t.last_block <= {last}
) AS gaps WHERE first_block <= last_block
"""
"""The ranges of blocks up to `last` that are not tallied."""
FIRST_GAP: Final = GAPS.format(last="%(last)s") + "ORDER BY first_block LIMIT 1"
NEWEST: Final = "SELECT coalesce(max(last_block), -1) FROM tallied"
PLACE: Final = """
SELECT block_number FROM events WHERE block_number BETWEEN %s AND %s
ORDER BY block_number, log_index OFFSET %s LIMIT 1
"""
"""The block of the event that follows so many; served by the primary key."""
KEEP: Final = "INSERT INTO tallied (first_block, last_block) VALUES (%s, %s)"
UNDO: Final = """
WITH gone AS (DELETE FROM tallied WHERE last_block > %s RETURNING last_block)
DELETE FROM tallies USING gone WHERE tallies.last_block = gone.last_block
"""
"""Served by the primary key, and by tallies_last_block_idx."""
FORGET: Final = """
WITH gone AS (
    DELETE FROM tallied USING unnest(%s::bigint[]) AS b (number)
    WHERE b.number BETWEEN first_block AND last_block RETURNING last_block
)
DELETE FROM tallies USING gone WHERE tallies.last_block = gone.last_block
"""


def in_range(subject: Subject, first: str, last: str) -> str:
    """SQL of what the blocks `first` to `last` (themselves SQL) add, by day."""
    conditions = RANGE | ({"current": RANGE_OF_CLAIMS} if subject is Subject.CLAIM else {})
    filled = {name: text.format(first=first, last=last) for name, text in conditions.items()}
    return BY_DAY.format(versions=VERSIONS[subject].format(**filled))


ADD: Final = "\nUNION ALL ".join(
    f"SELECT %(last)s, {subject.value}, day, kind, status, due, n, amount, other, best"
    f" FROM ({in_range(subject, '%(first)s', '%(last)s')}) AS s"
    " WHERE n <> 0 OR amount <> 0 OR other <> 0 OR best IS NOT NULL"
    for subject in Subject
)
ADD_ALL: Final = f"""
INSERT INTO tallies (last_block, subject, day, kind, status, due, n, amount, other, best)
{ADD}
"""


def extend(db: Cursor[Any], last: int, *, least: int = LEAST, most: int = MOST) -> bool:
    """Tallies the lowest range up to block `last` that lacks it; False where there was none.

    The newest blocks are left until they hold `least` events. Nobody may write meanwhile.
    """
    [(newest,)] = db.execute(NEWEST).fetchall()
    last = max(last, newest)
    gap = db.execute(FIRST_GAP.encode(), {"last": last}).fetchone()
    if gap is None:
        return False
    first, end = gap[:2]
    if end == last and _place(db, first, end, least) is None:
        return False
    cut = _place(db, first, end, most)
    last = end if cut is None else cut
    db.execute(KEEP, [first, last])
    db.execute(ADD_ALL.encode(), {"first": first, "last": last})
    return True


def _place(db: Cursor[Any], first: int, last: int, events: int) -> int | None:
    row = db.execute(PLACE, [first, last, events]).fetchone()
    return None if row is None else int(row[0])


def undo(db: Cursor[Any], block: int) -> None:
    """Forgets what reaches beyond `block`."""
    db.execute(UNDO, [block])


def forget(db: Cursor[Any], blocks: Collection[int]) -> None:
    """Forgets what is about any of these blocks: versions that began or ended there are others."""
    db.execute(FORGET, [sorted(blocks)])


def forget_all(db: Cursor[Any]) -> None:
    """Forgets everything: the tables are others."""
    db.execute("DELETE FROM tallied")
    db.execute("DELETE FROM tallies")
