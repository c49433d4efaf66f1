"""The tables of a large community, filled by set: minutes, not an hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from indexer.db import schema
from indexer.units import keccak

GROUPS: Final = 100_000
EACH: Final = 10
"""Members, payments and red packets of a group; of members that is the average of 1 to 19."""
FUNCTIONS: Final = """
CREATE FUNCTION pg_temp.person(n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN substr(sha256(('person ' || n % 200000)::bytea), 1, 20);
CREATE FUNCTION pg_temp.time_of(block bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
RETURN to_timestamp(1760000000 + 12 * block);
CREATE TEMP TABLE keys (n bigint PRIMARY KEY, id text NOT NULL, key bytea NOT NULL);
SELECT setseed(0.5);
"""
FILLED: Final = ("blocks", "groups", "members", "payments", "participants", "red_packets")
"""A group comes in block n; its members in the blocks behind; payments and packets later."""
BLOCKS: Final = """
INSERT INTO blocks SELECT n, sha256(('block ' || n)::bytea), pg_temp.time_of(n)
FROM generate_series(0, 2 * %(groups)s::bigint) n
"""
CURSOR: Final = """
INSERT INTO cursor
SELECT true, 31337, number, hash, timestamp, number, number, number, true, 0, 0, 0
FROM blocks ORDER BY number DESC LIMIT 1
"""
GROUP_ROWS: Final = """
INSERT INTO groups (key, group_id, name, avatar, description, owner, is_public, allow_member_invite,
    require_approval, max_members, mute_all, is_active, member_count, sources, created_at,
    created_block, created_log, updated_block)
SELECT key, id, (array['Alpine Hikers', 'Bread Bakers', '周末羽毛球', 'Night Photographers',
    'Chess at Noon', '老友火锅', 'Open Source Gardeners', 'Tea & Talk'])[1 + n % 8] || ' ' || n,
    'ipfs://bafkreigroup' || n, 'What group ' || n || ' is for: meeting, sharing, paying together.',
    pg_temp.person(n), n % 3 > 0, true, n % 3 = 0, 500, false, n % 50 > 0, 1 + n * 7 % 19,
    '{"avatar": "input", "description": "input"}', pg_temp.time_of(n), n, 0, n + n * 7 % 19
FROM keys
"""
MEMBER_ROWS: Final = """
INSERT INTO members (group_key, address, role, is_muted, joined_at, joined_block, joined_log,
    updated_block)
SELECT key, pg_temp.person(n + 1013 * m), CASE m WHEN 0 THEN 2 WHEN 1 THEN 1 ELSE 0 END, m % 7 = 6,
    pg_temp.time_of(n + m), n + m, m, n + m
FROM keys, generate_series(0, n * 7 % 19) m
"""
PAYMENT_ROWS: Final = """
INSERT INTO payments (payment_id, kind, group_key, group_id, initiator, target_amount,
    collected_amount, per_person_amount, min_contribution, title, description, deadline_seconds,
    status, funds_withdrawn, sources, created_at, created_block, created_log, updated_block)
SELECT sha256(('payment ' || p)::bytea), p % 3, key, id, pg_temp.person(n + 1013 * (p % 5)),
    (1 + p * 7919 % 999983) * 1e12::numeric, (p * 7919 % 999983 / 2) * 1e12::numeric,
    CASE WHEN p % 3 = 1 THEN 1e15 END, CASE WHEN p % 3 = 2 THEN 1e14 END,
    CASE WHEN p % 3 = 2 THEN 'Fund ' || p END, 'Dinner and tickets, number ' || p,
    1760000000 + 12 * (%(groups)s + p / %(each)s) + 86400 * (p % 30), CASE p % 10 WHEN 0 THEN 1
    WHEN 1 THEN 2 ELSE 0 END, false, '{"description": "input", "deadline": "input"}',
    pg_temp.time_of(b), b, p % %(each)s, b
FROM (SELECT p, 1 + p * 99991 % %(groups)s AS n, %(groups)s + p / %(each)s AS b
    FROM generate_series(0, %(groups)s::bigint * %(each)s - 1) p) made JOIN keys USING (n)
"""
PARTICIPANT_ROWS: Final = """
INSERT INTO participants SELECT payment_id, position, pg_temp.person(created_block + position),
    created_block
FROM payments, generate_series(0, 1) position WHERE kind < 2
"""
PACKET_ROWS: Final = """
INSERT INTO red_packets (packet_id, kind, group_key, group_id, sender, message, total_amount,
    remaining_amount, total_count, remaining_count, fixed_amount, status, created_at, expires_at,
    sources, created_block, created_log, updated_block)
SELECT sha256(('packet ' || p)::bytea), p % 2, key, id, pg_temp.person(n + 1013 * (p % 7)),
    (array['恭喜发财', 'Good luck!', 'For the drivers'])[1 + p % 3],
    (1 + p * 6007 % 999979) * 1e13::numeric, (p * 6007 % 999979) * 1e12::numeric, 5, p % 5,
    CASE WHEN p % 2 = 1 THEN 1e15 END, CASE WHEN p % 5 = 0 THEN 1 ELSE 0 END, pg_temp.time_of(b),
    pg_temp.time_of(b + 7200), '{"message": "input"}', b, p % %(each)s, b
FROM (SELECT p, 1 + p * 99989 % %(groups)s AS n, %(groups)s + p / %(each)s AS b
    FROM generate_series(0, %(groups)s::bigint * %(each)s - 1) p) made JOIN keys USING (n)
"""
INDEXES: Final = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = ANY(%s) AND indexname NOT LIKE '%%_pkey' ORDER BY 1
"""


def fill(url: str, groups: int = GROUPS) -> None:
    """Migrates an empty database and fills it, with fresh statistics at the end."""
    schema.migrate(url)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("SET maintenance_work_mem = '1GB'")
        with database.transaction(), without_indexes(database):
            _fill(database, {"groups": groups, "each": EACH})
        database.execute("VACUUM (ANALYZE)")


def _fill(database: psycopg.Connection, sizes: dict[str, int]) -> None:
    database.execute(FUNCTIONS)
    with database.cursor().copy("COPY keys FROM STDIN") as copy:
        for n in range(1, sizes["groups"] + 1):
            copy.write_row((n, f"group_{n}", keccak(b"group_%d" % n)))
    for rows in (BLOCKS, CURSOR, GROUP_ROWS, MEMBER_ROWS, PAYMENT_ROWS, PARTICIPANT_ROWS):
        database.execute(rows.replace("% ", "%% "), sizes)
    database.execute(PACKET_ROWS.replace("% ", "%% "), sizes)


@contextmanager
def without_indexes(database: psycopg.Connection) -> Iterator[None]:
    """Drops the indexes but the keys, and builds them afterwards: half the time."""
    indexes = database.execute(INDEXES, (list(FILLED),)).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}".encode())
    yield
    for _, definition in indexes:
        database.execute(definition.encode())
