"""The worker keeps content, for real: Celery on Valkey, blocks on disk, rows in Postgres."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.db import pins
from indexer.db.connection import connect
from indexer.db.pins import Pin, Reference, Referrer, State
from indexer.dev.redis import embedded_redis
from indexer.ipfs.cid import Cid
from tests.fakes.ipfs import FakeGateway
from workers.app import QUEUES, SCHEDULE, create_app
from workers.ipfs.tasks import QUEUE, RECONCILE


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with embedded_redis(tmp_path / "redis") as url:
        yield url


def refer(url: str, cid: Cid) -> None:
    with connect(url) as connection, connection.cursor() as db:
        pins.refer(db, Referrer.HAND, [Reference(bytes(cid), str(cid), cid)])


def the_pin(url: str) -> Pin:
    with connect(url) as connection, connection.cursor() as db:
        return pins.newest(db, most=1)[0]


async def test_a_task_sent_twice_through_redis_pins_once(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with FakeGateway() as gateway:
        cid = gateway.add(b"tea")
        refer(database_url, cid)
        words = ["worker", "--database-url", database_url, "--redis-url", redis_url]
        given = {"DCHAT_IPFS_GATEWAYS": gateway.url, "DCHAT_HOME": str(tmp_path / "home")}
        worker = subprocess.Popen(
            [sys.executable, "-m", "indexer.cli", *words, "--concurrency", "2"],
            env={**os.environ, **given},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            app = create_app(redis_url, database_url)
            for _ in range(2):
                app.send_task(RECONCILE, queue=QUEUE)
            await pinned(database_url)
        finally:
            worker.terminate()
            assert worker.wait(timeout=30) == 0
        assert list(gateway.paths.values()) == [1]
        assert any((tmp_path / "home" / "ipfs" / "blocks").glob("*/*"))


async def pinned(url: str) -> None:
    deadline = time.monotonic() + 60
    while the_pin(url).state != State.PINNED:
        assert time.monotonic() < deadline, the_pin(url)
        await asyncio.sleep(0.1)


def test_content_has_a_queue_and_a_schedule_of_its_own() -> None:
    scheduled = [entry for entry in SCHEDULE.values() if entry["task"] == RECONCILE]
    assert [entry["options"]["queue"] for entry in scheduled] == [QUEUE, QUEUE]
    assert QUEUE in QUEUES
