"""The projections derived again from the stored facts are those that the index made."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import psycopg
import pytest

from indexer.db import side
from indexer.sync import folding, shadow, stored
from indexer.sync import replay as module
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine
from tests.integration.sync.observing import Watchful
from tests.integration.sync.replaying import CUT, SIDE, replay

NewIndex = Callable[[], Index]


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps so short that a short history has many."""
    monkeypatch.setattr(shadow, "STEP", 25)
    monkeypatch.setattr(stored, "CHUNK", 10)


@pytest.mark.parametrize("seed", range(4))
async def test_a_replay_from_any_height_makes_what_the_index_has(
    seed: int, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    dice = Random(300 + seed)
    mine(chain, dice, 40)
    await follow(index, fake, fetching=Watchful)
    chain.fork(7)
    mine(chain, dice, 12)
    await follow(index, fake, fetching=Watchful)
    before = index.everything()
    assert len(before["observations"]) > 10
    for first in (1, 2, dice.randint(3, 44), chain.head.number, chain.head.number + 1):
        replay(index, first)
        after = index.everything()
        for table, rows in before.items():
            assert after[table] == rows, (first, table)
        assert index.value(SIDE) is None


async def test_rows_that_are_wrong_are_right_after_a_replay(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(310), 40)
    await follow(index, fake)
    before = index.everything()
    with psycopg.connect(index.url, autocommit=True) as db:
        for table in side.NAMES:
            key = before[table] and next(iter(before[table]))[0]
            db.execute(
                f"DELETE FROM {table} WHERE ctid IN (SELECT min(ctid) FROM {table})".encode()
            )
            assert key is not None
        db.execute("UPDATE groups SET name = 'wrong', updated_block = 1")
    replay(index)
    assert index.everything() == before


@pytest.mark.parametrize("seed", range(3))
async def test_a_replay_that_is_interrupted_anywhere_goes_on_and_nobody_sees_it_half_done(
    seed: int, chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = Random(320 + seed)
    mine(chain, dice, 60)
    await follow(index, fake, fetching=Watchful)
    before = index.everything()
    names: list[tuple[Any, str]] = [
        (folding, "apply"),
        (side, "fill"),
        (side, "build"),
        (side, "finish"),
    ]
    names += [(module, "take_over"), (shadow.Shadow, "step"), (shadow.Shadow, "begin")]
    interrupted = 0
    for _ in range(12):
        place, name = dice.choice(names)
        with monkeypatch.context() as patched:
            patched.setattr(place, name, _until(dice.randint(0, 4), getattr(place, name)))
            try:
                replay(index, 9)
            except KeyboardInterrupt:
                interrupted += 1
        assert index.everything() == before
    assert interrupted > 3
    replay(index, 9)
    assert index.everything() == before


def _until(count: int, honest: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which is interrupted after so many calls, at its end or its beginning."""
    calls = 0

    def interrupted(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > count:
            raise KeyboardInterrupt
        return honest(*given, **named)

    return interrupted


async def test_a_killed_process_or_connection_does_no_harm(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    dice = Random(330)
    mine(chain, dice, 300)
    await follow(index, fake)
    before = index.everything()
    for _ in range(4):
        process = _started(index)
        await asyncio.sleep(dice.uniform(0.5, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert index.everything() == before
    process = _started(index)
    while process.poll() is None:
        if dice.random() < 0.3:
            index.rows(CUT)
        await asyncio.sleep(0.3)
    assert process.wait() == 0
    assert index.everything() == before
    assert index.value(SIDE) is None


def _started(index: Index) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "indexer.cli", "replay", "--from-block", "2"],
        env={"PATH": os.environ["PATH"], "DCHAT_DATABASE_URL": index.url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
