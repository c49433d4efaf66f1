"""Connections to Postgres, cut before a chosen statement or after a COMMIT that nobody hears of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import local
from typing import Any, Final

import psycopg
import pytest
from psycopg import BaseConnection
from psycopg._cursor_base import BaseCursor
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, event

END: Final = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE pid = %s AND datname = current_database()
"""
NOWHERE: Final = -1
"""A place that no statement has."""
COMMIT: Final = b"COMMIT"


@dataclass(slots=True, kw_only=True)
class Cutter:
    """Counts what is said to the database of `url`, by whichever driver and thread, and ends the
    connection that says number `place`.

    `commits`: COMMITs alone count, and are done before the end.
    """

    url: str
    place: int
    commits: bool
    count: int = 0
    before: str | None = None
    """What the cut came before, or with `commits` after; None where none did."""
    _own: local = field(default_factory=local)

    def turn(self, database: str, words: object) -> bool:
        """Counts this statement; whether it is the one."""
        if database != conninfo_to_dict(self.url)["dbname"] or hasattr(self._own, "ends"):
            return False
        if self.commits and words != COMMIT:
            return False
        self.count += 1
        if self.count - 1 != self.place:
            return False
        self.before = str(words)
        return True

    def end(self, pid: int) -> None:
        """Ends the connection of this process of the server, and waits until it is gone."""
        self._own.ends = True
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(END, [pid])
        del self._own.ends


@contextmanager
def cutting(url: str, place: int = NOWHERE, *, commits: bool = False) -> Iterator[Cutter]:
    """Without a place nothing is cut, only counted."""
    cutter = Cutter(url=url, place=place, commits=commits)
    command, send = BaseConnection._exec_command, BaseCursor._execute_send

    def commanding(self: Any, words: Any, *given: Any, **named: Any) -> Any:
        pid, mine = self.info.backend_pid, cutter.turn(self.info.dbname, words)
        if mine and not commits:
            cutter.end(pid)
        told = yield from command(self, words, *given, **named)
        if mine and commits:
            cutter.end(pid)
            self.pgconn.finish()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return told

    def sending(self: Any, query: Any, *given: Any, **named: Any) -> None:
        info = self._conn.info
        if cutter.turn(info.dbname, query.query):
            cutter.end(info.backend_pid)
        send(self, query, *given, **named)

    def migrating(connection: Any, _cursor: Any, words: str, *_: Any) -> None:
        raw = connection.connection.dbapi_connection
        if connection.dialect.driver == "psycopg2" and cutter.turn(raw.info.dbname, words):
            cutter.end(raw.info.backend_pid)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseConnection, "_exec_command", commanding)
        patched.setattr(BaseCursor, "_execute_send", sending)
        event.listen(Engine, "before_cursor_execute", migrating)
        try:
            yield cutter
        finally:
            event.remove(Engine, "before_cursor_execute", migrating)
