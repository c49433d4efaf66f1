"""The worker, for real: Celery on Valkey, its effect in Postgres."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from indexer.db import cursor as cursors
from indexer.db.connection import connect
from indexer.db.partitions import WIDTH
from indexer.dev.redis import embedded_redis
from workers.app import SCHEDULE, create_app
from workers.tasks.partitions import make_ahead


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


def test_nothing_is_made_before_the_index_begins(database_url: str) -> None:
    assert make_ahead(database_url) == []


def test_the_next_partition_is_made_once(database_url: str) -> None:
    begin(database_url, WIDTH - 1)
    assert make_ahead(database_url) == ["events_p0", "events_p1"]
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
