"""The benchmark of reorgs replaces what it says, and counts only where nothing is wrong then."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from benchmarks import reorgs
from benchmarks.archive import Archive
from benchmarks.chain import Recipe, chain
from benchmarks.verify import Wrong
from indexer.sync.store import Store

Empty = Callable[[str], str]


def reorganised(url: str) -> int:
    with psycopg.connect(url) as database:
        row = database.execute("SELECT reorg_count FROM cursor").fetchone()
    return int(row[0]) if row else 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return chain(Recipe(events=16_000, night=0), tmp_path)


def test_a_deep_reorg_replaces_the_newest_blocks_with_the_same_events(
    folder: Path, empty: Empty
) -> None:
    url = empty("bench_deep")
    found = reorgs.deep(folder, url, 5_000)
    assert 5_000 <= found.events < 16_000
    assert found.blocks < Archive(folder).head
    assert 0 < found.first_s <= found.level_s
    assert reorganised(url) == 1


def test_a_deep_reorg_that_leaves_wrong_rows_does_not_count(
    folder: Path, empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "_undo", lambda *_: (0, 0))
    with pytest.raises((Wrong, psycopg.errors.UniqueViolation)):
        reorgs.deep(folder, empty("bench_wrong"), 5_000)


def test_a_block_of_a_group_is_replaced_as_often_as_it_is_timed(empty: Empty) -> None:
    url = empty("bench_shallow")
    found = reorgs.shallow(url, 300)
    assert found.members == 300
    assert 0 < found.median_ms <= found.worst_ms
    assert reorganised(url) == reorgs.TIMES
