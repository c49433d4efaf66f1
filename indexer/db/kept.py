"""One connection, kept open from transaction to transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import psycopg

from indexer.db.connection import Connection, translated
from indexer.errors import DatabaseUnavailable


class KeptConnection:
    """Opened by `opening` when it is first needed, and again after an error of the connection.

    One transaction at a time. Whoever closes it waits for the one under way: to close a connection
    that another thread is using would hand that thread somebody else's socket.
    """

    def __init__(self, opening: Callable[[], Connection]) -> None:
        self._opening = opening
        self._lock = RLock()
        self._connection: Connection | None = None

    def close(self) -> None:
        """Gives up the connection; the next transaction opens another one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    @property
    def pids(self) -> list[int]:
        """The server process of the connection; none while there is no connection."""
        with self._lock:
            return [] if self._connection is None else [self._connection.info.backend_pid]

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Cursor[Any]]:
        """Committed at the end, rolled back on an error.

        It never waits for a server that is not there: a thread that sleeps can't be interrupted.
        """
        with self._lock:
            if self._connection is None:
                self._connection = self._opening()
            try:
                with translated(), self._connection.transaction(), self._connection.cursor() as db:
                    yield db
            except DatabaseUnavailable:
                self.close()
                raise
