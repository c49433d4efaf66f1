"""Whatever is killed, each effect reaches the endpoint, under one key."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

import pytest

from indexer.db.outbox import State
from indexer.effects import effect
from indexer.effects.effect import Kind
from tests.integration.workers.effects import BLOCK, Receiver, ask, begin, effects, hash_of
from tests.integration.workers.processes import Broker, Worker

MANY: Final = int(os.environ.get("DCHAT_TEST_EFFECTS", "200"))
"""5,000 shows more, and takes some minutes."""
KILLS: Final = 4 + MANY // 50
PATIENCE: Final = 120 + MANY / 5
UNFINISHED: Final = "SELECT count(*) FROM outbox WHERE state < 2"


@pytest.fixture
def broker() -> Iterator[Broker]:
    one = Broker()
    one.start()
    yield one
    one.kill()


@pytest.fixture
def workers(database_url: str, broker: Broker, tmp_path: Path) -> Iterator[list[Worker]]:
    """Two of them; each one relays, too."""
    found = [Worker(database_url, broker.url, tmp_path / f"worker-{n}.log") for n in range(2)]
    for one in found:
        one.start()
    yield found
    for one in found:
        one.kill()


@contextmanager
def told_on_failure(workers: list[Worker]) -> Iterator[None]:
    try:
        yield
    except AssertionError:
        for one in workers:
            print(one.log.read_text()[-3000:])
        raise


def wanted(hook: int) -> set[str]:
    """The keys of the deliveries of every effect."""
    logs = range(MANY)
    return {effect.key(hash_of(BLOCK), log, Kind.REMOVED, hook).hex() for log in logs}


def until(done: Callable[[], bool], disturb: Callable[[], None]) -> bool:
    """Disturbs until it is done; False where that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            return False
        disturb()
        time.sleep(0.1)
    return True


def test_each_effect_arrives_under_one_key_whatever_is_killed(
    database_url: str, receiver: Receiver, hook: int, broker: Broker, workers: list[Worker]
) -> None:
    begin(database_url)
    effects(database_url, MANY)
    dice, killed = Random(7), list[str]()

    def finished() -> bool:
        return ask(database_url, UNFINISHED) == [(0,)]

    def kill_something() -> None:
        done = len(killed)
        if done < KILLS and len(receiver.heard) > done * MANY // (KILLS + 1):
            killed.append(DECK[done % len(DECK)])
            kill(killed[-1], dice, broker, workers)

    with told_on_failure(workers):
        assert until(finished, kill_something), ask(database_url, STATES)
        assert {one.key for one in receiver.heard} == wanted(hook)
        assert len({(one.key, one.body) for one in receiver.heard}) == MANY
        assert ask(database_url, STATES) == [(0, State.DONE, MANY), (hook, State.DONE, MANY)]
        assert ask(database_url, "SELECT count(*) FROM notifications") == [(MANY,)]
    assert {*killed} == {*DECK}


DECK: Final = ("worker", "relay", "redis", "worker")
STATES: Final = """
SELECT webhook, state, count(*) FROM outbox GROUP BY webhook, state ORDER BY webhook, state
"""


def kill(what: str, dice: Random, broker: Broker, workers: list[Worker]) -> None:
    """Redis with all that it holds, a relay with its consumer, or one that does a task."""
    one = dice.choice(workers)
    match what:
        case "redis":
            broker.kill()
            broker.start()
        case "relay":
            one.kill()
            one.start()
        case _:
            one.kill_child(dice.randrange(2))


def test_a_redis_that_was_emptied_loses_nothing(
    database_url: str, receiver: Receiver, hook: int, broker: Broker, tmp_path: Path
) -> None:
    """The tasks of a first relay are lost with the Redis that they are in."""
    begin(database_url)
    effects(database_url, 20)
    ask(
        database_url,
        "UPDATE outbox SET state = 1, next_try = now() + interval '1 second'",
    )
    worker = Worker(database_url, broker.url, tmp_path / "worker.log")
    worker.start()
    with told_on_failure([worker]):
        try:
            done = until(lambda: len({one.key for one in receiver.heard}) == 20, lambda: None)
        finally:
            worker.kill()
        assert done
