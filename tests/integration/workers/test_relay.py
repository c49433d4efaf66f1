"""The relay: each row to one worker, no more than workers get through, nothing lost on the way."""

import time
from collections.abc import Iterator

import pytest
import redis
from kombu.exceptions import OperationalError
from structlog.testing import capture_logs

from indexer.db import dispatch, webhooks
from indexer.db.channels import Channel
from indexer.db.connection import connect
from indexer.db.outbox import State
from tests.integration.workers.conftest import Work
from tests.integration.workers.effects import BOB, ask, begin, effects
from tests.integration.workers.processes import Broker, free_port
from workers.app import create_app
from workers.relay import BACKLOG, Relay, start
from workers.tasks.effects import QUEUES

STATES = "SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state"


@pytest.fixture
def broker() -> Iterator[Broker]:
    one = Broker()
    one.start()
    yield one
    one.kill()


def relay(database_url: str, redis_url: str) -> Relay:
    app = create_app(redis_url, database_url)
    return Relay(app=app, redis_url=redis_url, database_url=database_url, lease=60)


def test_no_more_is_sent_than_the_queue_takes(database_url: str, broker: Broker) -> None:
    begin(database_url)
    effects(database_url, BACKLOG + 10)
    one = relay(database_url, broker.url)
    with connect(database_url) as connection:
        assert [one.round(connection) for _ in range(2)] == [BACKLOG, 0]
        with redis.Redis.from_url(broker.url) as server:
            assert server.llen(QUEUES[Channel.IN_APP]) == BACKLOG
            server.flushall()
        assert [one.round(connection) for _ in range(2)] == [10, 0]


def test_what_could_not_be_sent_is_due_at_once(database_url: str, broker: Broker) -> None:
    begin(database_url)
    effects(database_url, 3)
    one = relay(database_url, broker.url)
    one.app = create_app(f"redis://127.0.0.1:{free_port()}/0", database_url)
    with connect(database_url) as connection:
        connection.autocommit = True
        with pytest.raises(OperationalError):
            one.round(connection)
    assert ask(database_url, STATES) == [(State.QUEUED, 3)]


def test_two_relays_never_claim_the_same_row(database_url: str) -> None:
    begin(database_url)
    effects(database_url, 10)
    with connect(database_url) as a, connect(database_url) as b, a.cursor() as first:
        mine = dispatch.claim(first, Channel.IN_APP, most=6, lease=60)
        with b.cursor() as second:
            theirs = dispatch.claim(second, Channel.IN_APP, most=6, lease=60)
    assert (len(mine), len(theirs)) == (6, 4)
    assert not {*mine} & {*theirs}


def test_a_claimed_row_is_due_again_once_its_lease_is_over(database_url: str, work: Work) -> None:
    begin(database_url)
    effects(database_url, 2)
    with connect(database_url) as connection, connection.cursor() as db:
        assert len(dispatch.claim(db, Channel.IN_APP, most=9, lease=60)) == 2
        assert dispatch.claim(db, Channel.IN_APP, most=9, lease=60) == []
    ask(database_url, "UPDATE outbox SET next_try = now() - interval '1 second'")
    assert work() == 2


def test_a_row_is_begun_by_one_worker_and_ended_only_by_it(database_url: str) -> None:
    begin(database_url)
    effects(database_url, 1)
    with connect(database_url) as connection, connection.cursor() as db:
        connection.autocommit = True
        [task] = dispatch.claim(db, Channel.IN_APP, most=1, lease=60)
        first = dispatch.begin(db, task, lease=60)
        assert first is not None
        assert dispatch.begin(db, task, lease=60) is None
        db.execute("UPDATE outbox SET busy_until = now()")
        second = dispatch.begin(db, task, lease=60)
        assert second is not None
        dispatch.fail(db, first, "late", pause=None)
        assert ask(database_url, STATES) == [(State.SENT, 1)]
        dispatch.end(db, second)
        assert ask(database_url, STATES) == [(State.DONE, 1)]
        assert dispatch.begin(db, task, lease=60) is None


def test_what_was_done_long_ago_is_forgotten(database_url: str, work: Work) -> None:
    """What was given up stays, unless it was for somebody's own webhook."""
    begin(database_url)
    effects(database_url, 3)
    work()
    ask(
        database_url, "UPDATE outbox SET created_at = now() - interval '31 days' WHERE id IN (1, 3)"
    )
    ask(database_url, "UPDATE outbox SET state = 3 WHERE id = 1")
    with connect(database_url) as connection, connection.cursor() as db:
        assert dispatch.prune(db, 30) == 1
        assert db.execute("SELECT id FROM outbox ORDER BY id").fetchall() == [(1,), (2,)]
        hook = webhooks.add(db, "https://bot.example", "s", None, BOB)
        db.execute("UPDATE outbox SET webhook = %s WHERE id = 1", [hook])
        assert dispatch.prune(db, 30) == 0
        db.execute("UPDATE webhooks SET owner = address")
        assert dispatch.prune(db, 30) == 1


def test_a_relay_outlives_tables_that_are_not_as_it_knows_them(
    database_url: str, broker: Broker
) -> None:
    begin(database_url)
    effects(database_url, 1)
    ask(database_url, "ALTER TABLE outbox RENAME COLUMN busy_until TO busy")
    one = relay(database_url, broker.url)
    with capture_logs() as lines:
        thread = start(one)
        while not any("exc_info" in line for line in lines) and thread.is_alive():
            time.sleep(0.01)
        ask(database_url, "ALTER TABLE outbox RENAME COLUMN busy TO busy_until")
        while ask(database_url, STATES) != [(State.SENT, 1)] and thread.is_alive():
            time.sleep(0.01)
    assert thread.is_alive()
    one.stopping.set()
    thread.join()
