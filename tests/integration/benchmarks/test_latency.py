"""A latency counts only where every event was told, and where the programs live on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import latency
from benchmarks.chain import Recipe, chain
from benchmarks.latency import Seen, _check, measured
from benchmarks.live import Growing
from benchmarks.program import Failed
from benchmarks.verify import Wrong
from indexer.db import schema

ASKED = {"blocks": 6, "interval": 0.05, "announcements": True}

Empty = Callable[[str], str]


@pytest.fixture
def short(tmp_path: Path) -> Path:
    return chain(Recipe(events=1_000, night=0), tmp_path)


async def test_each_block_with_events_has_its_times(short: Path, empty: Empty) -> None:
    url = empty("bench_latency")
    schema.migrate(url)
    found = await measured(short, url, ASKED)
    growing = Growing(short, 0)
    newest = range(growing.last - 5, growing.last + 1)
    assert len(found.told) == len(found.committed) == sum(map(bool, map(growing.count, newest)))
    assert min(found.committed) > 0 and min(found.told) > 0


async def test_an_index_that_dies_is_told_at_once(short: Path, empty: Empty) -> None:
    url = empty("bench_latency_dead")
    (short / "deployment.json").write_text("{}")
    schema.migrate(url)
    with pytest.raises(Failed, match=r"`dchat index --no-audit` ended:\n(.|\n)*chainId"):
        await measured(short, url, ASKED)


async def test_more_blocks_than_there_are_are_refused(short: Path) -> None:
    with pytest.raises(Failed, match="ask for fewer"):
        await latency.measured(short, "", {**ASKED, "blocks": 1_000})


@pytest.mark.parametrize("told", [0, 2, 4])
def test_an_event_that_is_told_not_at_all_or_twice_is_wrong(told: int) -> None:
    seen = Seen()
    seen.committed[7], seen.events[7] = 1.0, told
    with pytest.raises(Wrong, match=f"of the 3 events of block 7, {told} were told"):
        _check(seen, {7: 3})
