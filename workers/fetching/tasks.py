"""The task that fetches a stretch. What it gives waits in Redis for whoever asked."""

from collections.abc import Callable
from typing import Final

from celery import Celery
from redis import Redis

from workers.fetching.answers import put

FETCH: Final = "fetch.stretch"
QUEUE: Final = "dchat.fetch"
"""Of its own, and worked off only where it is asked for: fetching takes a process for seconds."""

Give = Callable[[bytes], bytes]
"""What is asked for → the answer to it."""


def register(app: Celery, redis_url: str, give: Give) -> None:
    """Adds the task. A process that dies over it leaves it to another, until it has expired; after
    that, whoever asked asks again.
    """
    server = Redis.from_url(redis_url, socket_timeout=30, socket_connect_timeout=5)

    @app.task(name=FETCH, shared=False)  # type: ignore[untyped-decorator]
    def fetch(key: str, message: str) -> None:
        put(server, key, give(bytes.fromhex(message)))
