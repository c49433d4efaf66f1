"""Partitions made ahead, so that neither the indexer nor senders make them in their own time."""

from datetime import UTC, datetime
from typing import Any

from celery import Celery
from psycopg import Cursor

from indexer.db import cursor as cursors
from indexer.db import months, partitions
from indexer.db.connection import connect, translated
from indexer.errors import Retryable


def register(app: Celery, database_url: str) -> None:
    """Adds the task `partitions.ahead`, tried again with growing pauses where that helps."""

    @app.task(  # type: ignore[untyped-decorator]
        name="partitions.ahead",
        shared=False,
        autoretry_for=(Retryable,),
        retry_backoff=True,
        max_retries=8,
    )
    def ahead() -> list[str]:
        return make_ahead(database_url)


def make_ahead(database_url: str) -> list[str]:
    """Makes the partition of events that the index is in and the one after it, and the months of
    messages that are and that come; returns the names of new ones.

    Safe to be run twice, and beside the indexer.
    """
    with translated(), connect(database_url, name="dchat worker") as connection:
        with connection.cursor() as db, connection.transaction():
            now = datetime.now(UTC)
            new = months.ensure(db, now, months.after(months.month_of(now)))
        with connection.cursor() as db, connection.transaction():
            return [*(months.partition("messages", one) for one in new), *_of_events(db)]


def _of_events(db: Cursor[Any]) -> list[str]:
    at = cursors.read(db, lock=True)
    if at is None:
        return []
    block = max(0, at.block_number)
    return partitions.ensure(db, block, block + partitions.WIDTH)
