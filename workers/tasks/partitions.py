"""Partitions of `events` made ahead, so that the indexer need not make them in its own time."""

from celery import Celery

from indexer.db import cursor as cursors
from indexer.db import partitions
from indexer.db.connection import connect, translated
from indexer.errors import Retryable


def register(app: Celery, database_url: str) -> None:
    """Adds the task `partitions.ahead`, tried again with growing pauses where that helps."""

    @app.task(  # type: ignore[untyped-decorator]
        name="partitions.ahead", autoretry_for=(Retryable,), retry_backoff=True, max_retries=8
    )
    def ahead() -> list[str]:
        return make_ahead(database_url)


def make_ahead(database_url: str) -> list[str]:
    """Makes the partition that the index is in and the one after it; returns the names of new ones.

    Safe to be run twice, and beside the indexer.
    """
    with translated(), connect(database_url, name="dchat worker") as connection:
        with connection.cursor() as db:
            at = cursors.read(db, lock=True)
            if at is None:
                return []
            block = max(0, at.block_number)
            return partitions.ensure(db, block, block + partitions.WIDTH)
