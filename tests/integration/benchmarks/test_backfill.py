"""The benchmark as a whole, on short chains."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from benchmarks import run as benchmark
from benchmarks import verify
from benchmarks.archive import Archive
from benchmarks.chain import Recipe, chain
from benchmarks.program import Failed
from benchmarks.run import Result, measured
from benchmarks.verify import Wrong

SHORT, LONG = 6_000, 24_000
MOST_GROWTH = 12.0
"""MB. Keeping 600 bytes of each event would take as much; some 4 are caches that fill up."""

Empty = Callable[[str], str]


def recipe(events: int) -> Recipe:
    return Recipe(events=events, night=0)


def test_the_memory_of_the_indexer_does_not_grow_with_the_chain(
    tmp_path: Path, empty: Empty
) -> None:
    """Small batches, so that what a batch takes is reached on the short chain too."""
    short = index(chain(recipe(SHORT), tmp_path), empty("bench_short"))
    long = index(chain(recipe(LONG), tmp_path), empty("bench_long"))
    assert long.peak_mb - short.peak_mb < MOST_GROWTH


def test_a_replay_that_makes_other_rows_does_not_count(
    tmp_path: Path, empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, spoilt = benchmark._run, []

    def spoiling(words: Sequence[str], folder: Path, url: str, settings: dict[str, str]) -> Any:
        told = run(words, folder, url, settings)
        if words[0] == "replay":
            spoilt.append(words)
            with psycopg.connect(url, autocommit=True) as database:
                database.execute("UPDATE payments SET collected_amount = collected_amount + 1")
        return told

    monkeypatch.setattr(benchmark, "_run", spoiling)
    with pytest.raises(Wrong, match=r"payments\.collected is"):
        measured(chain(recipe(500), tmp_path), empty("bench_replayed"), replay=True)
    assert spoilt == [["replay", "--from-block", "0"]]


def index(folder: Path, url: str) -> Result:
    """What a run came to, which says what was indexed."""
    result = measured(folder, url, {"DCHAT_MAX_RANGE": "10"}, replay=True)
    assert result.tables["events"].rows == result.events == Archive(folder).meta.events
    assert 0 < result.parts[-1].events < result.events, "the newest blocks are no history"
    assert result.seconds > 0 and result.peak_mb > 10 and result.requests > 3
    assert result.cpu["indexer"] > 0 and result.cpu["postgres"] > 0
    assert result.replay is not None
    assert result.replay.seconds > 0 and result.replay.events_per_second > 0
    assert result.replay.peak_mb > 10
    return result


def test_an_index_that_differs_does_not_count(
    tmp_path: Path, empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = verify.check

    def spoilt(database: psycopg.Connection, wanted: dict[str, int]) -> None:
        database.execute("DELETE FROM claims WHERE ctid = (SELECT min(ctid) FROM claims)")
        check(database, wanted)

    monkeypatch.setattr(verify, "check", spoilt)
    with pytest.raises(Wrong, match=r"claims\.rows is"):
        measured(chain(recipe(500), tmp_path), empty("bench_spoilt"))


def test_an_indexer_that_fails_is_told_with_its_own_words(tmp_path: Path, empty: Empty) -> None:
    folder = chain(recipe(500), tmp_path)
    (folder / "deployment.json").write_text("{}")
    with pytest.raises(Failed, match="chainId"):
        measured(folder, empty("bench_failed"))
