"""`Projection.at(N)` is what an index that stopped at N holds."""

from collections.abc import Callable
from random import Random

import pytest
from sqlalchemy import Engine, create_engine, select

from indexer.db.models import PROJECTIONS
from indexer.sync.stored import REWRITING
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine
from tests.integration.sync.observing import Watchful

NewIndex = Callable[[], Index]
Standing = dict[str, list[tuple[object, ...]]]


def engine_of(index: Index) -> Engine:
    return create_engine(index.url.replace("postgresql://", "postgresql+psycopg://"))


def standing(engine: Engine, block: int | None) -> Standing:
    with engine.connect() as connection:
        return {
            one.name: sorted(map(tuple, connection.execute(select(one.at(block)))), key=repr)
            for one in PROJECTIONS
        }


@pytest.mark.parametrize("seed", range(2))
async def test_the_past_is_what_an_index_that_stopped_there_holds(
    seed: int, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index, stopped = Random(100 + seed), new_index(), new_index()
    mine(chain, dice, 24, busy=0.8)
    await follow(index, fake)
    chain.fork(6)
    mine(chain, dice, 8, busy=0.8)
    await follow(index, fake)
    whole, part = engine_of(index), engine_of(stopped)
    assert all(rows == [] for rows in standing(whole, 0).values())
    for block in range(1, chain.head.number + 1):
        await follow(stopped, fake, to_block=block)
        assert standing(whole, block) == standing(part, None), block
    assert standing(whole, chain.head.number) == standing(whole, None)
    whole.dispose()
    part.dispose()


@pytest.mark.parametrize("seed", range(2))
async def test_the_past_is_so_too_where_the_contracts_were_asked(
    seed: int, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    """But for what never changes of payments and packets that were observed later."""
    dice, index, stopped = Random(110 + seed), new_index(), new_index()
    mine(chain, dice, 24, busy=0.8)
    await follow(index, fake, fetching=Watchful)
    whole, part = engine_of(index), engine_of(stopped)
    for block in range(1, chain.head.number + 1):
        await follow(stopped, fake, to_block=block, fetching=Watchful)
        later = {
            key
            for (key,) in index.rows(
                "SELECT key FROM observations WHERE block_number > %s AND kind = ANY(%s)",
                block,
                list(REWRITING),
            )
        }
        assert without(standing(whole, block), later) == without(standing(part, None), later), block
    whole.dispose()
    part.dispose()


def without(rows: Standing, keys: set[bytes]) -> Standing:
    return {name: [row for row in told if row[0] not in keys] for name, told in rows.items()}


async def test_going_back_makes_the_index_what_it_was_row_for_row(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index = Random(9), new_index()
    mine(chain, dice, 15, busy=1.0)
    await follow(index, fake)
    before = index.everything()
    kept = [chain[number] for number in range(16)]
    mine(chain, dice, 15, busy=1.0)
    await follow(index, fake)
    assert index.everything() != before
    chain.fork(15)
    assert [chain[number] for number in range(16)] == kept
    chain.mine()
    await follow(index, fake)
    after = index.everything()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"cursor"}
