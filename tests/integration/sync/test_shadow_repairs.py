"""What audits put right behind a replay's back is taken in by it."""

from collections.abc import Callable
from random import Random

import psycopg
import pytest
from structlog.testing import capture_logs

from indexer.audit.moment import Reader
from indexer.audit.repair import Repairs
from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.db import bulk, models
from indexer.db.connection import connect
from indexer.events.observations import NOBODY, Kind, Observation, Origin
from indexer.projections.entities import Entity, EntityKind
from indexer.sync import shadow, stored
from indexer.sync.batch import Batch
from indexer.sync.fetch import Fetcher
from indexer.sync.refold import refold
from indexer.sync.shadow import Shadow, Step
from indexer.sync.verdict import lines
from indexer.units import BlockNumber, Hash32
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import ADDRESSES, mine
from tests.integration.sync.replaying import compared, replay_beside
from tests.unit.events import answers
from tests.unit.projections import chance

Hook = Callable[[int, Callable[[], object]], None]


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow, "STEP", 25)
    monkeypatch.setattr(stored, "CHUNK", 10)


@pytest.fixture
def before_step(monkeypatch: pytest.MonkeyPatch) -> Hook:
    """Has something done before that step of a replay."""
    steps, honest = 0, Shadow.step

    def hook(number: int, do: Callable[[], object]) -> None:
        def step(self: Shadow, last: int | None = None) -> Step:
            nonlocal steps
            steps += 1
            if steps == number:
                do()
            return honest(self, last)

        monkeypatch.setattr(Shadow, "step", step)

    return hook


@pytest.fixture
async def indexed(chain: FakeChain, fake: FakeNode, index: Index) -> Index:
    mine(chain, Random(540), 60)
    await follow(index, fake)
    return index


@pytest.mark.parametrize("first", [1, 45])
async def test_what_is_observed_of_earlier_blocks(
    first: int, chain: FakeChain, indexed: Index, before_step: Hook
) -> None:
    key = indexed.value("SELECT key FROM groups WHERE created_block < 40 LIMIT 1")
    before = indexed.everything()
    before_step(2, lambda: observe(indexed, key, chain[40].hash))
    with capture_logs() as logs:
        told = compared(indexed, first)
    assert told.equal, list(lines(told))
    assert indexed.everything()["groups"] != before["groups"]
    over = [line for line in logs if line["event"] == "the replay starts over"]
    assert len(over) == (1 if first == 45 else 0)


def observe(index: Index, key: bytes, hash_: bytes) -> None:
    """What an audit at block 40 does that finds a group to be other than the index has it."""
    answer = answers.group(chance.IDS[Hash32(key)])
    one = Observation(Hash32(key), Kind.GROUP, NOBODY, 40, Hash32(hash_), answer, Origin.AUDIT)
    with connect(index.url) as connection, connection.cursor() as db:
        bulk.copy(db, models.observations, [one])
        assert refold(db, Entity(EntityKind.GROUP, key))


@pytest.mark.parametrize("first", [1, 30])
async def test_events_that_are_replaced(
    first: int, fake: FakeNode, indexed: Index, before_step: Hook
) -> None:
    before = indexed.everything()
    with psycopg.connect(indexed.url, autocommit=True) as db:
        block = "SELECT max(block_number) FROM events WHERE block_number < 20"
        [(block,)] = db.execute(block.encode()).fetchall()
        db.execute("DELETE FROM events WHERE block_number = %s", [block])
    batch = await fetched(fake, block)
    before_step(2, lambda: put_right(indexed, batch))
    told = await replay_beside(indexed, first, compare=True, swap=False)
    assert told is not None
    assert told.equal, list(lines(told))
    assert indexed.everything()["events"] == before["events"]


async def fetched(fake: FakeNode, block: int) -> Batch:
    rpc = Rpc([fake.url], expected_chain_id=31337, timeout=5.0, patience=5.0)
    try:
        fetcher = Fetcher(Node(rpc), {address: one for one, address in ADDRESSES.items()})
        return await fetcher.linked(BlockNumber(block), BlockNumber(block))
    finally:
        await rpc.close()


def put_right(index: Index, batch: Batch) -> None:
    """What an audit does that finds the events of a block to be other than the index has them."""
    reader, repairs = Reader(index.url), Repairs(index.url)
    try:
        moment = reader.moment(None)
        assert moment is not None
        assert repairs.replace(moment, batch) == len(batch.events)
    finally:
        repairs.close()
        reader.close()
