"""A connection that is kept open is not taken away from the thread that uses it."""

from threading import Event, Thread

import pytest

from indexer.db.connection import connect
from indexer.db.kept import KeptConnection
from indexer.errors import DatabaseUnavailable
from tests.integration.indexing import Index

KILL = "SELECT pg_terminate_backend(%s)"


def test_closing_waits_for_the_transaction_under_way(index: Index) -> None:
    kept = KeptConnection(lambda: connect(index.url))
    inside, told = Event(), list[int]()

    def work() -> None:
        with kept.transaction() as db:
            inside.set()
            [(one,)] = db.execute("SELECT 1 FROM pg_sleep(0.3)").fetchall()
            told.append(one)

    thread = Thread(target=work)
    thread.start()
    assert inside.wait(10)
    kept.close()
    assert told == [1]
    thread.join()


def test_after_an_error_of_the_connection_the_next_transaction_opens_another(index: Index) -> None:
    kept = KeptConnection(lambda: connect(index.url))
    with pytest.raises(DatabaseUnavailable), kept.transaction() as db:
        index.rows(KILL, *kept.pids)
        db.execute("SELECT 1")
    assert kept.pids == []
    with kept.transaction() as db:
        assert db.execute("SELECT 2").fetchall() == [(2,)]
    kept.close()
