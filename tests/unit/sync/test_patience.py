"""Trouble is waited out with growing pauses, and not for ever."""

import pytest

from indexer.errors import DatabaseUnavailable, NodeBehind, NodeUnavailable
from indexer.sync import patience
from indexer.sync.patience import Patience

GONE = DatabaseUnavailable("gone")


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patience, "time", clock)
    return clock


def test_pauses_double_up_to_a_limit_until_a_step_is_taken(clock: Clock) -> None:
    waiting = Patience(1_000)
    pauses = [waiting.pause(GONE) for _ in range(8)]
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    waiting.restore()
    assert waiting.pause(GONE) == 0.25


def test_patience_ends_with_the_last_error(clock: Clock) -> None:
    waiting = Patience(30)
    waiting.pause(GONE)
    clock.now += 29
    waiting.pause(GONE)
    clock.now += 1
    last = NodeBehind("behind")
    with pytest.raises(NodeBehind) as caught:
        waiting.pause(last)
    assert caught.value is last


def test_a_step_in_between_begins_it_anew(clock: Clock) -> None:
    waiting = Patience(30)
    for _ in range(5):
        waiting.pause(GONE)
        clock.now += 29
        waiting.restore()
    assert waiting.pause(GONE) == 0.25


def test_what_the_other_side_asks_for_is_waited(clock: Clock) -> None:
    assert Patience(30).pause(NodeBehind("later", retry_after=7.0)) == 7.0


def test_nodes_were_waited_for_already(clock: Clock) -> None:
    with pytest.raises(NodeUnavailable):
        Patience(300).pause(NodeUnavailable("no node answered for 300 s"))
