"""The relay: what is due in Postgres goes to Redis as tasks. It runs within each `dchat worker`.

Any number of relays may run: each row is claimed by one. No more tasks are put into Redis than
workers get through in a lease, so that a long queue is not sent again while it waits.
"""

import os
import threading
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from indexer.db import dispatch
from indexer.db.channels import Channel
from indexer.db.connection import Connection, connect, translated
from indexer.db.outbox import CHANNEL
from indexer.errors import DchatError
from indexer.log import get_logger
from workers.tasks.effects import DO, QUEUES

log = get_logger(__name__)

BACKLOG: Final = 100
"""Tasks in a queue above which nothing is added to it."""
WAIT: Final = 1.0
"""Seconds between two looks: finality, leases and pauses pass without a notification."""
LONGEST_PAUSE: Final = 10.0

GATE: Final = threading.Lock()
"""Held while a relay works: a child that is forked meanwhile would get locks held for ever."""
os.register_at_fork(before=GATE.acquire, after_in_parent=GATE.release, after_in_child=GATE.release)


@dataclass(slots=True, kw_only=True)
class Relay:
    """Claims and sends until `stopping` is set."""

    app: Celery
    redis_url: str
    database_url: str
    lease: float
    stopping: threading.Event = field(default_factory=threading.Event)
    _server: Any = field(init=False)

    def __post_init__(self) -> None:
        self._server = redis.Redis.from_url(
            self.redis_url, socket_timeout=5, socket_connect_timeout=5
        )

    def run(self) -> None:
        """Goes on through failures of Postgres and Redis, and whatever else, with growing pauses: a
        worker whose relay ended would look well.
        """
        pause = 0.25
        while not self.stopping.is_set():
            try:
                with translated(), connect(self.database_url, name="dchat relay") as connection:
                    connection.autocommit = True
                    connection.execute(f"LISTEN {CHANNEL}".encode())
                    while not self.stopping.is_set():
                        self._look(connection)
                        pause = 0.25
            except (DchatError, redis.RedisError, OperationalError, OSError) as error:
                log.warning("the relay tries again", cause=str(error), pause=pause)
            except Exception as error:
                log.error("the relay tries again", exc_info=error, pause=pause)
            self.stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _look(self, connection: Connection) -> None:
        with GATE:
            sent = self.round(connection)
        if not sent:
            for _ in connection.notifies(timeout=WAIT, stop_after=1):
                pass

    def round(self, connection: Connection) -> int:
        """Sends what is due, up to what the queues take; returns how many tasks that were."""
        return sum(self._lane(connection, channel) for channel in QUEUES)

    def _lane(self, connection: Connection, channel: Channel) -> int:
        room = BACKLOG - int(self._server.llen(QUEUES[channel]))
        if room <= 0:
            return 0
        with connection.cursor() as db:
            tasks = dispatch.claim(db, channel, most=room, lease=self.lease)
            self._send(db, tasks, QUEUES[channel])
        return len(tasks)

    def _send(self, db: psycopg.Cursor[Any], tasks: list[dispatch.Task], queue: str) -> None:
        for place, task in enumerate(tasks):
            try:
                words = [task.id, task.key.hex()]
                self.app.send_task(DO, words, queue=queue, retry=False, ignore_result=True)
            except (OperationalError, redis.RedisError, OSError):
                dispatch.release(db, tasks[place:])
                raise


def start(relay: Relay) -> threading.Thread:
    """Runs it beside a worker; it ends with the process."""
    thread = threading.Thread(target=relay.run, name="relay", daemon=True)
    thread.start()
    return thread
