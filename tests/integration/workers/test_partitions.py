"""The worker, for real: Celery on Valkey, its effect in Postgres."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from indexer.db import cursor as cursors
from indexer.db import months
from indexer.db.connection import connect
from indexer.db.partitions import WIDTH
from indexer.dev.redis import embedded_redis
from workers.app import SCHEDULE, create_app
from workers.tasks.partitions import make_ahead

GUIDE = Path(__file__).parents[3] / "docs/operations.md"


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with embedded_redis(tmp_path / "home") as url:
        yield url


NUMBERED = """
SELECT inhrelid::regclass::text AS name FROM pg_inherits
WHERE inhparent = 'events'::regclass AND inhrelid::regclass::text ~ '_p[0-9]+$' ORDER BY 1
"""


def partitions_of(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute(NUMBERED).fetchall()]


def begin(url: str, block: int) -> None:
    with connect(url) as connection, connection.cursor() as db:
        cursors.begin(db, 31337, block + 1)


def coming() -> list[str]:
    """This month's table of messages, and the next one's."""
    now = months.month_of(datetime.now(UTC))
    return [months.partition("messages", month) for month in (now, months.after(now))]


def test_before_the_index_begins_only_months_are_made_and_once(database_url: str) -> None:
    assert make_ahead(database_url) == coming()
    assert make_ahead(database_url) == []


def test_a_month_is_taken_away_with_what_hangs_on_its_messages(database_url: str) -> None:
    make_ahead(database_url)
    now = months.month_of(datetime.now(UTC))
    with psycopg.connect(database_url, autocommit=True) as connection:
        db = connection.cursor()
        assert len(months.detach(db, now)) == len(months.NAMES)
        assert months.existing(db) == {months.after(now)}


def test_what_operators_are_told_takes_a_month_away_and_its_rows_stay(database_url: str) -> None:
    """The statements of docs/operations.md, of the month that is."""
    make_ahead(database_url)
    now = months.month_of(datetime.now(UTC))
    told = re.findall(r"^ALTER TABLE \w+ DETACH .*;$", GUIDE.read_text(), re.M)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO messages (conversation, sent_at, seq, sender, kind, content, block_number,"
            " has_more, revision, client_id) VALUES (1, now(), 1, '', 0, 'old', 1, false, 0, 'x')"
        )
        for statement in told:
            connection.execute(statement.replace("202501", f"{now:%Y%m}").encode())
        assert months.existing(connection.cursor()) == {months.after(now)}
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)
        kept = f"SELECT content FROM {months.partition('messages', now)}"
        assert connection.execute(kept.encode()).fetchone() == ("old",)
    assert len(told) == len(months.NAMES)


def test_the_next_partition_is_made_once(database_url: str) -> None:
    begin(database_url, WIDTH - 1)
    assert make_ahead(database_url) == [*coming(), "events_p0", "events_p1"]
    assert make_ahead(database_url) == []
    assert partitions_of(database_url) == ["events_p0", "events_p1"]


def test_a_scheduled_task_sent_through_redis_takes_effect(
    database_url: str, redis_url: str
) -> None:
    begin(database_url, 5 * WIDTH)
    words = ["worker", "--database-url", database_url, "--redis-url", redis_url]
    worker = subprocess.Popen(
        [sys.executable, "-m", "indexer.cli", *words, "--concurrency", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        create_app(redis_url, database_url).send_task(SCHEDULE["partitions ahead"]["task"])
        deadline = time.monotonic() + 30
        while not partitions_of(database_url) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert partitions_of(database_url) == ["events_p5", "events_p6"]
    finally:
        worker.terminate()
        assert worker.wait(timeout=30) == 0
