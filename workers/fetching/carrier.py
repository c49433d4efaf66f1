"""How an indexer reaches the workers: tasks by Celery, answers by Redis."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from celery import Celery
from kombu.exceptions import OperationalError
from redis import RedisError
from redis.asyncio import Redis

from indexer.errors import WorkersUnavailable
from workers.fetching.answers import take
from workers.fetching.tasks import FETCH, QUEUE

LISTEN: Final = 2.0
"""Seconds in which a worker that listens says so, unless it is very busy."""
LOOKS: Final = 2
TURN: Final = 5.0
"""Seconds between two looks whether Redis is still there."""
START: Final = f"start `dchat worker --queues {QUEUE}` with DCHAT_RPC_URLS and this DCHAT_REDIS_URL"


class CeleryCarrier:
    """Belongs to one event loop."""

    def __init__(self, app: Celery, redis_url: str) -> None:
        self._app = app
        self._server = Redis.from_url(redis_url, socket_timeout=4 * TURN, socket_connect_timeout=5)

    def check(self) -> int:
        """How many workers fetch. Raises WorkersUnavailable if none does, or no broker answers."""
        for _ in range(LOOKS):
            with _translated():
                told = self._app.control.inspect(timeout=LISTEN).active_queues() or {}
            names = [{queue["name"] for queue in queues} for queues in told.values()]
            if fetching := sum(QUEUE in one for one in names):
                return fetching
        raise WorkersUnavailable(f"no worker fetches: {START}, or use --fetchers local")

    async def ask(self, key: str, message: bytes, *, seconds: float) -> None:
        """Sends the task, which nobody begins after that time."""
        with _translated():
            await asyncio.to_thread(self._send, key, message, seconds)

    def _send(self, key: str, message: bytes, seconds: float) -> None:
        words = [key, message.hex()]
        how = {"queue": QUEUE, "expires": seconds, "retry": False, "ignore_result": True}
        self._app.send_task(FETCH, words, **how)

    async def answer(self, key: str, *, seconds: float) -> bytes | None:
        """The answer under that key; None where none came in time."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + seconds
        while (left := deadline - clock()) > 0:
            with _translated():
                answer = await take(self._server, key, seconds=min(left, TURN))
            if answer is not None:
                return answer
        return None

    async def close(self) -> None:
        """Ends the connections."""
        await self._server.aclose()
        self._app.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, RedisError, OSError) as error:
        raise WorkersUnavailable(
            f"no broker answers at DCHAT_REDIS_URL ({error}): start Redis, or use --fetchers local"
        ) from None
