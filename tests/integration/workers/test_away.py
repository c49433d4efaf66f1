"""What a worker says of a Postgres that is away."""

import logging
import time
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker

from indexer.dev.redis import embedded_redis
from tests.integration.workers.processes import free_port
from workers.app import create_app
from workers.tasks import effects


def test_a_task_that_needs_it_fails_with_a_line_and_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = f"postgresql://dchat@127.0.0.1:{free_port()}/dchat"
    with embedded_redis(tmp_path / "home") as redis_url, caplog.at_level(logging.INFO):
        app = create_app(redis_url, nowhere)
        with start_worker(app, pool="solo", perform_ping_check=False, loglevel="info"):
            app.send_task(effects.PRUNE)
            deadline = time.monotonic() + 30
            while "raised" not in caplog.text and time.monotonic() < deadline:
                time.sleep(0.05)
    told = [record for record in caplog.records if "raised" in record.getMessage()]
    assert [record.levelname for record in told] == ["INFO"]
    assert "DatabaseUnavailable" in told[0].getMessage()
    assert not any(record.exc_info for record in caplog.records)
