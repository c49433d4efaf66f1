"""How fast, how far, how long still."""

from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from indexer.chain.head import Heads
from indexer.db.cursor import Cursor
from indexer.sync import progress as module
from indexer.sync.batch import Batch, Block
from indexer.sync.progress import Progress, Rates
from indexer.units import BlockNumber, Hash32

B = BlockNumber
HASH = Hash32(bytes(32))


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def heads(latest: int) -> Heads:
    return Heads(latest=B(latest), safe=B(0), finalized=B(0))


def cursor(block: int, events: int = 0) -> Cursor:
    return Cursor(
        chain_id=1,
        block_number=B(block),
        block_hash=HASH,
        block_timestamp=datetime.now(UTC),
        head_block=None,
        safe_block=None,
        finalized_block=None,
        synced=False,
        event_count=events,
        undecoded_count=0,
        reorg_count=0,
    )


def batch(first: int, last: int, events: int = 0) -> Batch:
    rows: list[tuple[Any, ...]] = [()] * events
    return Batch(
        first=B(first),
        parent=HASH,
        last=Block(B(last), HASH, 0),
        blocks=(),
        events=rows,
        facts=(),
    )


def test_rates_are_those_of_the_time_that_passed(clock: Clock) -> None:
    rates = Rates()
    clock.now += 2
    rates.add(100, 10)
    assert rates.now() == (50.0, 5.0)
    clock.now += 8
    rates.add(100, 90)
    assert rates.now() == (20.0, 10.0)


def test_rates_forget_what_was_more_than_half_a_minute_ago(clock: Clock) -> None:
    rates = Rates()
    rates.add(1_000_000, 0)
    clock.now += 31
    rates.add(300, 30)
    assert rates.now() == (10.0, 1.0)


def test_the_first_moment_has_no_infinite_rate(clock: Clock) -> None:
    rates = Rates()
    assert rates.now() == (0.0, 0.0)
    rates.add(5, 1)
    assert rates.now() == (50.0, 10.0)


def test_lines_come_now_and_then_with_the_time_that_is_left(clock: Clock) -> None:
    with capture_logs() as lines, Progress(bar=False) as progress:
        progress.at(cursor(0, events=5), heads(1_000))
        clock.now += 10
        progress.wrote(batch(1, 100, events=20), heads(1_000))
        progress.wrote(batch(101, 110), heads(1_000))
    (line,) = lines
    assert (line["block"], line["head"], line["events"]) == (100, 1_000, 25)
    assert (line["blocks_per_second"], line["events_per_second"]) == (10.0, 2.0)
    assert line["seconds_left"] == 90


def test_the_time_left_is_to_where_the_index_stops(clock: Clock) -> None:
    with capture_logs() as lines, Progress(200, bar=False) as progress:
        clock.now += 10
        progress.wrote(batch(1, 100), heads(1_000))
    assert lines[0]["seconds_left"] == 10


def test_arrival_is_said_once_and_again_after_falling_far_behind(clock: Clock) -> None:
    with capture_logs() as lines, Progress(bar=False) as progress:
        for block, head in [(10, 10), (10, 11), (11, 11), (11, 500), (500, 500)]:
            progress.at(cursor(block), heads(head))
    assert [line["event"] for line in lines] == ["up to date", "up to date"]


def test_a_node_that_is_behind_is_named_once_for_each_height() -> None:
    with capture_logs() as lines, Progress(bar=False) as progress:
        for head in (5, 5, 6):
            progress.behind(10, heads(head))
    assert [line["head"] for line in lines] == [5, 6]


def test_a_terminal_has_a_bar_that_goes_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with capture_logs() as lines, Progress(bar=True) as progress:
        progress.at(cursor(0), heads(1_000))
        progress.wrote(batch(1, 500), heads(1_000))
        progress.wrote(batch(501, 1_000), heads(1_000))
        progress.at(cursor(1_000), heads(1_000))
    assert [line["event"] for line in lines] == ["up to date"]
    assert "block 1,000" in capsys.readouterr().err
