"""The projections derived beside the served ones, while those go on, and compared with them."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from indexer.db import side
from indexer.errors import Busy, ConfigError
from indexer.events import decode as decoding
from indexer.events.definitions import Contract
from indexer.sync import replay as module
from indexer.sync import shadow, stored
from indexer.sync.shadow import Shadow
from indexer.sync.verdict import lines
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine
from tests.integration.sync.observing import Watchful
from tests.integration.sync.replaying import SIDE, compared, new, replay, replay_beside

NewIndex = Callable[[], Index]


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps so short that a short history has many."""
    monkeypatch.setattr(shadow, "STEP", 25)
    monkeypatch.setattr(stored, "CHUNK", 10)


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_derived_beside_the_index_equals_it_at_any_block(
    seed: int, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    dice = Random(500 + seed)
    mine(chain, dice, 50)
    await follow(index, fake, fetching=Watchful)
    before = index.everything()
    for _ in range(4):
        first = dice.randint(1, 50)
        last = dice.choice([None, dice.randint(first, 50)])
        told = compared(index, first, last=last)
        assert told.equal, list(lines(told))
        assert told.block == (last or 50)
        rows = {one.table: one.derived.rows for one in told.tables}
        assert list(rows) == list(side.NAMES)
        if last is None:
            assert rows == {name: len(before[name]) for name in side.NAMES}
    assert index.value(SIDE) is None
    assert index.everything() == before


@pytest.mark.parametrize("seed", range(3))
async def test_a_shadow_keeps_up_with_an_index_that_goes_on_through_forks(
    seed: int, chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = Random(510 + seed)
    mine(chain, dice, 40)
    await follow(index, fake, fetching=Watchful)
    monkeypatch.setattr(shadow, "STEP", 5)
    blocks = []
    async with following(index, fake, fetching=Watchful) as follower:
        for _ in range(2):
            task = asyncio.create_task(
                replay_beside(index, dice.randint(1, 20), compare=True, swap=dice.random() < 0.5)
            )
            while not task.done():
                if depth := dice.choice([0, 0, 1, 5, 15]):
                    chain.fork(depth)
                mine(chain, dice, depth + dice.randint(1, 5))
                await follower.converge()
                await asyncio.sleep(0.05)
            told = task.result()
            assert told is not None
            assert told.equal, list(lines(told))
            blocks.append(told.block)
    assert blocks[0] < blocks[1]
    assert index.value("SELECT reorg_count FROM cursor") > 1


@pytest.mark.parametrize("table", side.NAMES)
async def test_a_difference_is_named_in_whichever_table_it_is(
    table: str, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(520), 140)
    await follow(index, fake, fetching=Watchful)
    before = index.everything()
    with psycopg.connect(index.url, autocommit=True) as db:
        place = f"(SELECT min(ctid) FROM {table})"
        [found] = db.execute(f"SELECT * FROM {table} WHERE ctid = {place}".encode()).fetchall()
        db.execute(f"DELETE FROM {table} WHERE ctid = {place}".encode())
    told = compared(index)
    [differing] = [one for one in told.tables if not one.equal]
    assert differing.table == table
    assert differing.served.rows == differing.derived.rows - 1
    [difference] = differing.differences
    assert difference.key[0] == "0x" + found[0].hex()
    assert difference.only == 1
    text = list(lines(told))
    assert f"  {' '.join(difference.key)}: only derived" in text
    assert text[-1] == "block 140: 1 tables differ"
    assert index.value(SIDE) == "dchat_side"
    assert index.everything()[table] != before[table]
    again = compared(index, swap=True)
    assert [one.table for one in again.tables if not one.equal] == [table]
    assert index.everything() == before
    assert index.value(SIDE) is None


async def test_what_differs_in_a_row_is_named(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(521), 60)
    await follow(index, fake)
    with psycopg.connect(index.url, autocommit=True) as db:
        db.execute("UPDATE payments SET title = 'x', collected_amount = collected_amount + 1")
        db.execute("UPDATE groups SET sources = '{}' WHERE key = (SELECT min(key) FROM groups)")
    told = {one.table: one for one in compared(index).tables if not one.equal}
    assert set(told) == {"groups", "payments"}
    assert [one.columns for one in told["groups"].differences] == [("sources",)]
    assert len(told["payments"].differences) == 3
    assert {one.columns for one in told["payments"].differences} == {("collected_amount", "title")}


async def test_events_that_can_be_decoded_by_now_are(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(530), 60)
    with monkeypatch.context() as old:
        old.setitem(decoding.DECODERS, Contract.GROUP_CHAT, {})
        await follow(index, fake)
    await follow(other, fake)
    assert index.everything() != other.everything()
    chat = "SELECT count(*) FROM events WHERE decoded AND contract = 0"
    assert compared(index).misjudged == other.value(chat) > 0
    replay(index)
    wanted = other.everything()
    for table, rows in index.everything().items():
        if table not in ("groups", "groups_history", "events"):
            assert rows == wanted[table], table
    assert index.value(chat) == other.value(chat)
    assert index.value("SELECT count(*) FROM groups") == other.value("SELECT count(*) FROM groups")
    with monkeypatch.context() as old:
        old.setitem(decoding.DECODERS, Contract.GROUP_CHAT, {})
        replay(index)
    assert index.value(chat) == index.value("SELECT count(*) FROM groups") == 0


async def test_a_replay_whose_beginning_leaves_the_chain_starts_over(
    chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, steps = Random(550), 0
    mine(chain, dice, 60)
    await follow(index, fake)
    loop = asyncio.get_running_loop()

    def forking(self: Shadow, last: int | None = None) -> Any:
        nonlocal steps
        steps += 1
        if steps == 2:
            chain.fork(40)
            mine(chain, dice, 45)
            asyncio.run_coroutine_threadsafe(follow(index, fake), loop).result()
        return honest(self, last)

    honest = Shadow.step
    monkeypatch.setattr(Shadow, "step", forking)
    with capture_logs() as logs:
        told = await replay_beside(index, 30, compare=True)
    assert told is not None and told.equal and told.block == 65
    [line] = [line for line in logs if line["event"] == "the replay starts over"]
    assert line["cause"] == "the index changed below block 30: starting over"


async def test_what_an_interrupted_replay_left_is_gone_on_with_only_where_it_fits(
    chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(chain, Random(560), 60)
    await follow(index, fake)
    causes = []
    runs: list[tuple[int, dict[str, Any]]]
    runs = [(5, {}), (5, {}), (6, {}), (6, {"fresh": True}), (6, {"last": 8})]
    for first, more in runs:
        with capture_logs() as logs, monkeypatch.context() as patched:
            patched.setattr(module.Replay, "_compare", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                compared(index, first, **more)
        causes += [(line["event"], line.get("cause")) for line in logs[:1]]
    version = "it was made by another version of dchat"
    monkeypatch.setattr(module, "version", lambda: "newer")
    with capture_logs() as logs:
        assert compared(index, 6).equal
    assert [*causes[1:], (logs[0]["event"], logs[0].get("cause"))] == [
        ("going on with an earlier replay", None),
        ("dropping what an earlier replay has left", "it began at block 5"),
        ("dropping what an earlier replay has left", "--fresh"),
        ("dropping what an earlier replay has left", "it is at block 60 already"),
        ("dropping what an earlier replay has left", version),
    ]
    assert index.value(SIDE) is None


def _interrupted(_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"first": 32}, "--from-block 32: the index stands at block 30"),
        ({"first": 5, "last": 29, "compare": False, "swap": True}, "can't end before its facts"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    asked: dict[str, Any], words: str, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine_empty(4)
    mine(chain, Random(570), 26)
    await follow(index, fake, start=5)
    with pytest.raises(ConfigError, match=words):
        compared(index, **asked)
    assert index.value(SIDE) is None
    assert compared(index, 0).equal


def test_an_index_that_was_not_begun_has_nothing_to_replay(index: Index) -> None:
    with pytest.raises(ConfigError, match="nothing is indexed yet: run `dchat index`"):
        replay(index)


async def test_there_is_one_replay_at_a_time(
    chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(chain, Random(580), 10)
    await follow(index, fake)
    monkeypatch.setattr(shadow, "GONE", 0.2)
    other = new(index)
    try:
        assert other._shadow.begun() is None
        with pytest.raises(Busy, match="another replay is under way on this database"):
            replay(index)
    finally:
        other.close()
    replay(index)
