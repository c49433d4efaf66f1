"""What an undo takes back is kept: all of it, or nothing where it is too much, and not for ever."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from indexer.db import bulk, partitions, reversals
from indexer.db.connection import Connection
from indexer.db.models import blocks, events
from indexer.db.undo import undo_facts, undo_projections

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
GROUP = """
INSERT INTO groups (key, name, avatar, description, owner, is_public, allow_member_invite,
    require_approval, max_members, mute_all, is_active, member_count, sources, created_at,
    created_block, created_log, updated_block)
VALUES (%(key)s, 'tea', '', '', %(key)s, true, true, false, 2::numeric ^ 255, false, true, 1, '{}',
    now(), %(born)s, 0, %(updated)s)
"""


def event(block: int, log: int) -> tuple[Any, ...]:
    topics = (b"\x01" * 32, None, None, None)
    return (block, log, 0, b"\x07" * 32, 0, *topics, b"\xff", True, b"\x12", 0)


@pytest.fixture
def cursor(db: Connection) -> Any:
    """Blocks 1 to 5 with two events each."""
    with db.transaction(), db.cursor() as cursor:
        partitions.ensure(cursor, 0, 0)
        fill(cursor, 1, 5)
        yield cursor


def fill(cursor: psycopg.Cursor[Any], first: int, last: int) -> None:
    numbers = range(first, last + 1)
    bulk.copy(cursor, blocks, [(n, bytes([n]) * 32, NOON) for n in numbers])
    bulk.copy(cursor, events, [event(n, log) for n in numbers for log in (0, 1)])


def undo(cursor: psycopg.Cursor[Any], block: int) -> None:
    reversals.keep(cursor, block)
    undo_projections(cursor, block)
    undo_facts(cursor, block)


def kept(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    found = "SELECT first_block, last_block, kept, retracted FROM reversals ORDER BY number"
    return cursor.execute(found).fetchall()


def retracted(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    query = "SELECT block_number, log_index FROM retractions ORDER BY reversal, 1, 2"
    return cursor.execute(query).fetchall()


def test_events_are_kept_with_the_block_that_they_were_in(cursor: psycopg.Cursor[Any]) -> None:
    undo(cursor, 3)
    query = "SELECT block_number, log_index, topic0, data, block_hash, block_timestamp"
    rows = cursor.execute(f"{query} FROM retractions ORDER BY 1, 2").fetchall()
    assert rows == [
        (n, log, b"\x01" * 32, b"\xff", bytes([n]) * 32, NOON) for n in (4, 5) for log in (0, 1)
    ]
    assert kept(cursor) == [(4, 5, True, 4)]


def test_an_undo_of_nothing_is_numbered_too(cursor: psycopg.Cursor[Any]) -> None:
    undo(cursor, 5)
    undo(cursor, 0)
    undo(cursor, 0)
    assert kept(cursor) == [(6, 5, True, 0), (1, 5, True, 10), (1, 0, True, 0)]


def test_what_stood_is_kept_of_things_that_go_and_the_key_of_those_that_stay(
    cursor: psycopg.Cursor[Any],
) -> None:
    for key, born, updated in ((b"old", 1, 2), (b"set back", 2, 4), (b"gone", 4, 5)):
        cursor.execute(GROUP, {"key": key, "born": born, "updated": updated})
    undo(cursor, 3)
    found = cursor.execute(
        "SELECT contract, key, (jsonb_populate_record(NULL::groups, row)).max_members"
        " FROM setbacks ORDER BY key"
    ).fetchall()
    assert found == [(0, b"gone", 2**255), (0, b"set back", None)]


def test_more_than_the_most_is_not_kept_at_all(
    cursor: psycopg.Cursor[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reversals, "MOST", 4)
    undo(cursor, 4)
    undo(cursor, 1)
    assert kept(cursor) == [(5, 5, True, 2), (2, 4, False, 0)]
    assert retracted(cursor) == [(5, 0), (5, 1)]


def test_older_ones_give_way_to_newer_ones(
    cursor: psycopg.Cursor[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reversals, "MOST", 5)
    for block in (4, 3, 2):
        undo(cursor, block)
    assert [row[2] for row in kept(cursor)] == [False, True, True]
    assert retracted(cursor) == [(4, 0), (4, 1), (3, 0), (3, 1)]


def test_old_ones_are_forgotten(cursor: psycopg.Cursor[Any]) -> None:
    cursor.execute(GROUP, {"key": b"gone", "born": 5, "updated": 5})
    undo(cursor, 4)
    cursor.execute("UPDATE reversals SET at = at - interval '8 days'")
    undo(cursor, 3)
    assert [row[2] for row in kept(cursor)] == [False, True]
    assert retracted(cursor) == [(4, 0), (4, 1)]
    assert cursor.execute("SELECT count(*) FROM setbacks").fetchone() == (0,)
