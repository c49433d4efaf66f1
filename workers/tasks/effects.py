"""The tasks of the outbox: one row each, idempotent by the row's key.

Whether and when a row is tried again stands in Postgres, not in Redis: a task that fails ends.
"""

from typing import Any, Final

import psycopg
from celery import Celery

from indexer.db import dispatch, mails
from indexer.db.channels import Channel
from indexer.db.connection import Connection, connect, translated
from indexer.db.dispatch import MOST_ATTEMPTS, Begun, Task
from indexer.errors import DatabaseUnavailable
from indexer.log import get_logger
from workers.notify import deadlines
from workers.notify.telling import tell
from workers.tasks.deliveries import UNHURRIED, attempt
from workers.terms import Terms

log = get_logger(__name__)

DO: Final = "effects.do"
PRUNE: Final = "effects.prune"
NOTICE: Final = "effects.notice"
QUEUES: Final = {
    Channel.IN_APP: "dchat.people",
    Channel.PUSH: "dchat.push",
    Channel.WEBHOOK: "dchat.webhooks",
}
"""A queue for each kind: slow endpoints keep neither people nor browsers waiting."""
KEPT_DAYS: Final = 30
TOLD_DAYS: Final = 180
"""Days that people find what they were told."""


def register(app: Celery, database_url: str, terms: Terms) -> None:
    """Adds the tasks. Their connection to Postgres is kept from task to task."""
    doer = Doer(database_url, terms)

    @app.task(name=DO, shared=False)  # type: ignore[untyped-decorator]
    def do(id_: int, key: str) -> None:
        doer.do(Task(id_, bytes.fromhex(key)))

    @app.task(name=PRUNE, shared=False)  # type: ignore[untyped-decorator]
    def prune() -> int:
        return doer.prune()

    @app.task(name=NOTICE, shared=False)  # type: ignore[untyped-decorator]
    def notice() -> int:
        return doer.notice()


class Doer:
    """Does what a row says, on a connection of its process."""

    def __init__(self, database_url: str, terms: Terms) -> None:
        self._url = database_url
        self._terms = terms
        self._connection: Connection | None = None

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, name="dchat worker")
            self._connection.autocommit = True
        return self._connection

    def close(self) -> None:
        """Gives the connection up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def do(self, task: Task) -> None:
        """Does the row, unless it is done or being done. Raises DatabaseUnavailable.

        What Postgres did not take is due again when the lease is over.
        """
        try:
            with translated(), self._connected().cursor() as db:
                if row := dispatch.begin(db, task, lease=self._terms.lease):
                    self._attempt(db, row)
        except DatabaseUnavailable:
            self.close()
            raise

    def _attempt(self, db: psycopg.Cursor[Any], row: Begun) -> None:
        if row.attempts > MOST_ATTEMPTS:
            dispatch.fail(db, row, "its workers died again and again", pause=None)
        elif row.webhook:
            attempt(db, row, self._terms)
        else:
            self._tell(db, row)

    def _tell(self, db: psycopg.Cursor[Any], row: Begun) -> None:
        try:
            with db.connection.transaction():
                db.execute(UNHURRIED)
                tell(db, row)
                dispatch.end(db, row)
        except (psycopg.DataError, psycopg.ProgrammingError, LookupError, ValueError) as error:
            log.error("an effect cannot be told", id=row.id, cause=str(error))
            dispatch.fail(db, row, f"{type(error).__name__}: {error}", pause=None)

    def prune(self) -> int:
        """Forgets what was done, told and mailed long ago; returns how many rows that were."""
        with translated(), self._connected().cursor() as db:
            done = dispatch.prune(db, KEPT_DAYS) + mails.prune(db, KEPT_DAYS)
            return done + dispatch.forget(db, TOLD_DAYS)

    def notice(self) -> int:
        """Adds what has come to pass by the chain's clock; returns how many effects."""
        connection = self._connected()
        with translated(), connection.transaction(), connection.cursor() as db:
            return deadlines.notice(db, age=self._terms.age)
