"""Rows go in and out by set, in partitions that are made when needed, and back again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg.errors import UniqueViolation

from indexer.db import bulk, partitions
from indexer.db.connection import Connection, connect
from indexer.db.models import CONTRIBUTIONS, JOIN_REQUESTS, REFUND_BALANCES, blocks, events
from indexer.db.partitions import WIDTH
from indexer.db.undo import undo_facts, undo_projections

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
MOST = 2**256 - 1
POT = b"\x50" * 32


def contribution(who: int, amount: int = 1, block: int = 1) -> tuple[Any, ...]:
    return (POT, bytes([who]) * 20, amount, NOON, 1, who, block)


def event(block: int, log: int = 0, *, decoded: bool = True) -> tuple[Any, ...]:
    topics = (b"\x01" * 32, None, None, None)
    return (block, log, 0, b"\x07" * 32, 0, *topics, b"\xff\x00", decoded, None, None)


@pytest.mark.parametrize("batch", [0, 10**6])
def test_added_rows_come_back_as_they_were(db: Connection, batch: int) -> None:
    rows = [contribution(1, 0), contribution(2, MOST), (POT, b"", 7, END, 2**62, 2**31 - 1, 0)]
    with db.transaction(), db.cursor() as cursor, bulk.together(cursor, batch):
        bulk.copy(cursor, CONTRIBUTIONS.current, iter(rows))
        [found] = bulk.select(cursor, [(CONTRIBUTIONS, [row[:2] for row in rows])])
    assert sorted(found) == sorted(rows)
    assert all(type(row[2]) is int for row in found)


def test_keys_of_one_column_are_plain_values(db: Connection) -> None:
    rows = [(bytes([n]) * 20, n, 1, 1) for n in range(5)]
    with db.transaction(), db.cursor() as cursor:
        bulk.copy(cursor, REFUND_BALANCES.current, rows)
        [found] = bulk.select(cursor, [(REFUND_BALANCES, [rows[1][0], rows[3][0], b"nobody"])])
        assert sorted(found) == [rows[1], rows[3]]
        bulk.delete(cursor, REFUND_BALANCES, [rows[1][0], b"nobody"])
        [left] = bulk.select(cursor, [(REFUND_BALANCES, [row[0] for row in rows])])
    assert sorted(left) == [rows[0], *rows[2:]]


def test_an_update_sets_what_changes_and_nothing_else(db: Connection) -> None:
    with db.transaction(), db.cursor() as cursor:
        bulk.copy(cursor, CONTRIBUTIONS.current, [contribution(n) for n in (1, 2, 3)])
        changed = [(POT, bytes([n]) * 20, n * MOST // 3, END, 9) for n in (1, 3)]
        bulk.update(cursor, CONTRIBUTIONS, changed)
        [found] = bulk.select(
            cursor, [(CONTRIBUTIONS, [(POT, bytes([n]) * 20) for n in (1, 2, 3)])]
        )
    assert sorted(found) == [
        (POT, b"\x01" * 20, MOST // 3, END, 1, 1, 9),
        contribution(2),
        (POT, b"\x03" * 20, MOST, END, 1, 3, 9),
    ]


def test_what_is_sent_together_fails_together(db: Connection) -> None:
    twice = [contribution(1), contribution(1)]
    with pytest.raises(UniqueViolation), db.transaction(), db.cursor() as cursor:
        with bulk.together(cursor, 0):
            bulk.copy(cursor, REFUND_BALANCES.current, [(POT[:20], 1, 1, 1)])
            bulk.copy(cursor, CONTRIBUTIONS.current, twice)
    with db.cursor() as cursor:
        assert list(bulk.select(cursor, [(REFUND_BALANCES, [POT[:20]])])) == [[]]


def test_rows_of_many_keys_are_deleted(db: Connection) -> None:
    rows = [(POT, bytes([n]) * 20, NOON, 1, n, 1) for n in range(4)]
    with db.transaction(), db.cursor() as cursor:
        bulk.copy(cursor, JOIN_REQUESTS.current, rows)
        bulk.delete(cursor, JOIN_REQUESTS, [row[:2] for row in rows[:3]])
        [left] = bulk.select(cursor, [(JOIN_REQUESTS, [row[:2] for row in rows])])
        assert left == rows[3:]


def test_nothing_is_asked_where_there_is_nothing_to_do(db: Connection) -> None:
    with db.cursor() as cursor:
        db.close()
        bulk.copy(cursor, CONTRIBUTIONS.current, [])
        bulk.update(cursor, CONTRIBUTIONS, [])
        bulk.delete(cursor, CONTRIBUTIONS, [])
        assert list(bulk.select(cursor, [(CONTRIBUTIONS, [])])) == [[]]


def test_partitions_are_made_where_blocks_need_them(db: Connection) -> None:
    with db.transaction(), db.cursor() as cursor:
        assert partitions.ensure(cursor, 5, WIDTH - 1) == ["events_p0"]
        assert partitions.ensure(cursor, WIDTH - 1, WIDTH) == ["events_p1"]
        assert partitions.ensure(cursor, 0, 2 * WIDTH - 1) == []
        far = 2**62
        assert partitions.ensure(cursor, far, far) == [f"events_p{far // WIDTH}"]
        rows = [event(0), event(WIDTH - 1), event(WIDTH), event(far)]
        bulk.copy(cursor, events, rows)
        where = cursor.execute("SELECT tableoid::regclass::text FROM events ORDER BY block_number")
        names = [name for (name,) in where.fetchall()]
    assert names == ["events_p0", "events_p0", "events_p1", f"events_p{far // WIDTH}"]


def test_a_partition_has_the_indexes_of_its_table(db: Connection) -> None:
    with db.transaction(), db.cursor() as cursor:
        partitions.ensure(cursor, 0, 0)
        count = "SELECT count(*) FROM pg_indexes WHERE tablename = %s"
        parent, child = (cursor.execute(count, [t]).fetchone() for t in ("events", "events_p0"))
    assert parent == child


def test_processes_that_make_the_same_partition_at_once_agree(
    db: Connection, empty_url: str
) -> None:
    def ensure(_: int) -> list[str]:
        with connect(empty_url) as connection, connection.cursor() as cursor:
            return partitions.ensure(cursor, 0, WIDTH)

    with ThreadPoolExecutor(4) as pool:
        made = sorted(pool.map(ensure, range(4)))
    assert made == [[], [], [], ["events_p0", "events_p1"]]


def test_going_back_forgets_facts_and_counts_them(db: Connection) -> None:
    with db.transaction(), db.cursor() as cursor:
        partitions.ensure(cursor, 0, WIDTH)
        bulk.copy(cursor, blocks, [(n, bytes([n]), NOON) for n in range(1, 6)])
        bulk.copy(cursor, events, [event(n, log) for n in (1, 3, 5) for log in (0, 1)])
        bulk.copy(cursor, events, [event(WIDTH, decoded=False), event(4, decoded=False)])
        assert undo_facts(cursor, 3) == (4, 2)
        assert undo_facts(cursor, 3) == (0, 0)
        left = cursor.execute("SELECT block_number FROM events ORDER BY 1").fetchall()
        assert left == [(1,), (1,), (3,), (3,)]
        assert cursor.execute("SELECT max(number) FROM blocks").fetchone() == (3,)


@pytest.mark.parametrize(
    ("block", "standing", "past"),
    [
        (9, [(b"a", 9)], [(b"a", 2, 5), (b"a", 5, 8), (b"b", 3, 7)]),
        (7, [(b"a", 5)], [(b"a", 2, 5), (b"b", 3, 7)]),
        (6, [(b"a", 5), (b"b", 3)], [(b"a", 2, 5)]),
        (4, [(b"a", 2), (b"b", 3)], []),
        (2, [(b"a", 2)], []),
        (1, [], []),
    ],
)
def test_going_back_moves_versions_back(
    db: Connection, block: int, standing: list[Any], past: list[Any]
) -> None:
    """`a` was made in block 2 and again in 5 and 8; `b` in 3, gone in 7. 9 stands for 8."""

    def row(who: bytes, updated: int) -> tuple[Any, ...]:
        return (POT, who, NOON, updated, 0, updated)

    with db.transaction(), db.cursor() as cursor:
        bulk.copy(cursor, JOIN_REQUESTS.current, [row(b"a", 8)])
        versions = [(*row(b"a", 2), 5), (*row(b"a", 5), 8), (*row(b"b", 3), 7)]
        assert JOIN_REQUESTS.history is not None
        bulk.copy(cursor, JOIN_REQUESTS.history, versions)
        undo_projections(cursor, block)
        now = cursor.execute(
            "SELECT requester, CASE requested_block WHEN 8 THEN 9 ELSE requested_block END"
            " FROM join_requests ORDER BY 1"
        ).fetchall()
        then = cursor.execute(
            "SELECT requester, updated_block, until_block FROM join_requests_history ORDER BY 1, 2"
        ).fetchall()
    assert (now, then) == (standing, past)
