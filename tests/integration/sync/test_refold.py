"""An entity folded from its facts alone is what the index holds; what differs is put right."""

from collections.abc import Iterator
from random import Random

import psycopg
import pytest

from indexer.db.connection import connect
from indexer.db.models import PROJECTIONS
from indexer.projections.entities import Entity, EntityKind
from indexer.sync.refold import folded, refold, standing
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, Rows, follow
from tests.integration.sync.histories import mine
from tests.integration.sync.observing import Watchful

TABLES = [
    table.name for one in PROJECTIONS for table in (one.current, one.history) if table is not None
]


def entities(index: Index) -> Iterator[Entity]:
    for kind in EntityKind:
        table, key = kind.tables[0].name, kind.tables[0].key[0]
        yield from (Entity(kind, found) for (found,) in index.rows(f"SELECT {key} FROM {table}"))


@pytest.mark.parametrize("seed", range(4))
async def test_every_entity_is_the_fold_of_its_own_facts(
    seed: int, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(200 + seed), 60)
    await follow(index, fake, fetching=Watchful)
    found = list(entities(index))
    assert len(found) > 8
    with connect(index.url) as connection, connection.cursor() as db:
        for entity in found:
            assert folded(db, entity) == standing(db, entity), entity
            assert not refold(db, entity)


@pytest.mark.parametrize("table", TABLES)
async def test_a_row_that_is_lost_from_any_table_is_put_right(
    table: str, chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(13), 120)
    await follow(index, fake, fetching=Watchful)
    before = index.everything()
    with psycopg.connect(index.url, autocommit=True) as connection:
        connection.execute(
            f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 2)".encode()
        )
    assert index.everything() != before
    await _repair(index, before)


async def _repair(index: Index, before: Rows) -> None:
    keys = {
        Entity(kind, row[0])
        for kind in EntityKind
        for one in kind.tables
        for row in before[one.name]
    }
    with connect(index.url) as connection, connection.cursor() as db:
        assert any([refold(db, entity) for entity in keys])
    assert index.everything() == before
