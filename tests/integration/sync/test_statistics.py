"""Statistics are what one counts oneself in the rows: after any fork, at any block."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine

from api.app import make_index
from api.context import Context
from api.context import Index as Shared
from api.limits import Limits
from api.reads.engine import dispose
from api.schema import make_schema
from indexer.db import tallies
from indexer.projections.entities import Entity, EntityKind
from indexer.settings import Settings
from indexer.sync.refold import refold
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.counting import Counted, Told
from tests.integration.sync.histories import transaction
from tests.integration.sync.observing import Watchful

SCHEMA = make_schema(Limits())
DAYS = 'days(since: "2023-11-01", until: "2024-04-01")'
FIELDS = f"""groups activeGroups members {{ role count }}
  payments {{ kind status count targetAmount collectedAmount }}
  redPackets {{ kind status count totalAmount remainingAmount }}
  claims {{ kind count amount averageSeconds averageSecondsToEmpty luckiest }}
  {DAYS} {{ day groupsCreated membersLeft membersJoined paymentsCreated contributedAmount
    paymentsCompleted paymentsCancelled redPacketsCreated redPacketAmount claims claimedAmount }}"""


@pytest.fixture
async def shared(index: Index) -> AsyncIterator[Shared]:
    shared = make_index(Settings(database_url=index.url), Limits())
    yield shared
    await dispose(shared.engine)


@pytest.fixture
def database(index: Index) -> Any:
    engine = create_engine(index.url.replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()


def mine(chain: FakeChain, dice: Random, blocks: int) -> None:
    """Busy blocks, some of them hours apart."""
    for _ in range(blocks):
        pause = dice.choice([1, 12, 12, 7_000, 40_000])
        sent = [transaction(dice) for _ in range(dice.randint(0, 4))]
        chain.mine(transactions=sent, timestamp=chain.head.timestamp + pause)


def tally(index: Index, dice: Random) -> None:
    """Adds ranges up, of a few events each, some or all of what there is."""
    with psycopg.connect(index.url) as connection, connection.cursor() as db:
        last = index.block() - dice.randint(0, 5)
        for _ in range(dice.choice([1, 3, 1000])):
            if not tallies.extend(db, last, least=2, most=dice.randint(1, 20)):
                return


async def told(shared: Shared, block: int | None, key: bytes | None) -> Told:
    at = "" if block is None else f"block: {{number: {block}}}"
    if key is None:
        query = f"{{ statistics{f'({at})' if at else ''} {{ {FIELDS} }} }}"
    else:
        query = f'{{ group(key: "0x{key.hex()}" {at}) {{ statistics {{ {FIELDS} }} }} }}'
    result = await SCHEMA.execute(query, context_value=Context(shared))
    assert result.errors is None, result.errors
    assert result.data is not None
    found: Told = result.data["statistics"] if key is None else result.data["group"]["statistics"]
    return found


async def equal(shared: Shared, counted: Counted, index: Index, dice: Random) -> None:
    """Of everything and of each group, now and at a block of the past."""
    keys = [key for (key,) in index.rows("SELECT key FROM groups")]
    for key in (None, *dice.sample(keys, k=min(2, len(keys)))):
        same(await told(shared, None, key), counted.at(index.block(), key))
        block = dice.randint(1, index.block())
        if key is None:
            same(await told(shared, block, None), counted.at(block))


def same(found: Told, wanted: Told) -> None:
    """Fails with the first difference."""
    for name, value in wanted.items():
        if name == "days":
            for one, other in zip(found[name], value, strict=True):
                assert one == other
        assert found[name] == value


@pytest.mark.parametrize("seed", range(2))
async def test_statistics_are_what_the_rows_add_up_to(
    seed: int, chain: FakeChain, fake: FakeNode, index: Index, shared: Shared, database: Engine
) -> None:
    dice = Random(seed)
    mine(chain, dice, 10)
    for _ in range(3):
        chain.fork(dice.randint(1, min(15, len(chain) - 1)))
        mine(chain, dice, 18)
        await follow(index, fake, fetching=Watchful)
        counted = Counted(database)
        await equal(shared, counted, index, dice)
        tally(index, dice)
        await equal(shared, counted, index, dice)
    assert index.rows("SELECT FROM tallies")


async def test_what_is_put_right_is_tallied_anew(
    chain: FakeChain, fake: FakeNode, index: Index, shared: Shared, database: Engine
) -> None:
    dice = Random(5)
    mine(chain, dice, 40)
    await follow(index, fake)
    with psycopg.connect(index.url) as connection, connection.cursor() as db:
        db.execute("UPDATE payments SET target_amount = target_amount + 7, status = 2")
        db.execute("UPDATE groups SET is_active = NOT is_active")
        while tallies.extend(db, index.block(), least=0, most=10):
            pass
        for kind, table, key in (
            (EntityKind.PAYMENT, "payments", "payment_id"),
            (EntityKind.GROUP, "groups", "key"),
        ):
            for (found,) in index.rows(f"SELECT {key} FROM {table}"):
                assert refold(db, Entity(kind, found))
    await equal(shared, Counted(database), index, dice)
