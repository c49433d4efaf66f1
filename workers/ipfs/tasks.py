"""The tasks that keep content: often for what is new, once an hour for everything."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from celery import Celery

from indexer.errors import Retryable
from indexer.settings import Settings
from workers.ipfs.reconcile import reconcile

RECONCILE: Final = "ipfs.reconcile"
QUEUE: Final = "dchat.ipfs"
"""Of its own: fetching is slow, and keeps nobody else waiting."""
OFTEN: Final = timedelta(seconds=30)
RARELY: Final = timedelta(hours=1)
SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    "content": {
        "task": RECONCILE,
        "schedule": OFTEN,
        "options": {"queue": QUEUE, "expires": OFTEN.total_seconds()},
    },
    "all content": {
        "task": RECONCILE,
        "schedule": RARELY,
        "args": [True],
        "options": {"queue": QUEUE, "expires": RARELY.total_seconds()},
    },
}
"""What was sent while no worker ran expires: the next one does as well."""


def register(app: Celery, database_url: str, settings: Settings | None) -> None:
    """Adds the task; without settings, a worker takes those of its environment."""

    @app.task(  # type: ignore[untyped-decorator]
        name=RECONCILE, shared=False, autoretry_for=(Retryable,), retry_backoff=True, max_retries=2
    )
    def run(whole: bool = False) -> dict[str, int]:
        given = settings or Settings.load()
        return asdict(asyncio.run(reconcile(given, database_url, whole=whole)))
