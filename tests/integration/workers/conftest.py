"""A worker's hands without Celery: what is due is done at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from indexer.db import dispatch, webhooks
from indexer.db.connection import connect
from tests.integration.workers.effects import Receiver, receiving
from workers.tasks.effects import QUEUES, Doer
from workers.terms import Terms

Work = Callable[[], int]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def hook(database_url: str, receiver: Receiver) -> int:
    """The receiver, registered for everything."""
    with connect(database_url) as connection, connection.cursor() as db:
        return webhooks.add(db, receiver.url, "s3cret", None, None)


@pytest.fixture
def work(database_url: str) -> Iterator[Work]:
    """Does all that is due, once; returns how much that was."""
    with doing(database_url) as run:
        yield run


@contextmanager
def doing(url: str) -> Iterator[Work]:
    """The same for any database."""
    doer = Doer(url, Terms(private=True))

    def run() -> int:
        with connect(url) as connection, connection.cursor() as db:
            lanes = [dispatch.claim(db, channel, most=9999, lease=60) for channel in QUEUES]
        tasks = [task for lane in lanes for task in lane]
        for task in tasks:
            doer.do(task)
        return len(tasks)

    yield run
    doer.close()
