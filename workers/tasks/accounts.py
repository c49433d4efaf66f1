"""The tasks that end what is not kept for ever."""

from datetime import timedelta
from typing import Any, Final

from celery import Celery
from psycopg.errors import LockNotAvailable

from indexer.db import retention
from indexer.db.connection import connect, translated
from indexer.log import get_logger
from indexer.settings import Settings

ERASE: Final = "accounts.erase"
PRUNE: Final = "accounts.prune"
SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    "accounts erased": {"task": ERASE, "schedule": timedelta(minutes=1)},
    "accounts pruned": {"task": PRUNE, "schedule": timedelta(hours=1)},
}

log = get_logger(__name__)


def register(app: Celery, database_url: str, settings: Settings | None) -> None:
    """Adds the tasks; without settings, a worker takes those of its environment."""

    @app.task(name=ERASE, shared=False)  # type: ignore[untyped-decorator]
    def erased() -> int:
        return erase(database_url)

    @app.task(name=PRUNE, shared=False)  # type: ignore[untyped-decorator]
    def pruned() -> int:
        return prune(database_url, (settings or Settings.load()).message_life)


def erase(database_url: str) -> int:
    """Ends what deleting accounts left to do; returns how many messages that were."""
    done = 0
    with translated(), connect(database_url, name="dchat worker") as connection:
        while True:
            with connection.transaction(), connection.cursor() as db:
                waiting = db.execute(retention.ERASURES).fetchone() is not None
                done += retention.erase(db)
            if not waiting:
                return done


def prune(database_url: str, life: float) -> int:
    """Forgets sessions that ended, and months of messages older than `life` seconds (0: none);
    returns how many months. A month that somebody reads meanwhile is left for the next time.
    """
    with translated(), connect(database_url, name="dchat worker") as connection:
        with connection.transaction(), connection.cursor() as db:
            retention.forget_ended(db)
            old = retention.past(db, timedelta(seconds=life)) if life else []
        for number, month in enumerate(old):
            try:
                with connection.transaction(), connection.cursor() as db:
                    retention.drop(db, month)
            except LockNotAvailable:
                log.info("old messages are being read: they go next time", month=f"{month:%Y-%m}")
                return number
        return len(old)
