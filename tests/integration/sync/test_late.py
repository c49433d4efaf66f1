"""A first backfill does without indexes that only readers need, and builds them once it is done."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import psycopg
import pytest
from alembic import command

from indexer.db import late, schema
from indexer.db.connection import connect
from indexer.errors import DatabaseUnavailable, StorageFull
from indexer.sync import late as when
from indexer.sync.store import Store
from tests.fakes import FakeChain, FakeNode
from tests.integration.cutting import cutting
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine

INDEXES = """
SELECT c.relname, pg_get_indexdef(c.oid), indisvalid FROM pg_index
JOIN pg_class AS c ON c.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace ORDER BY relname
"""
MISSING = "SELECT count(*) FROM late_indexes"
WAITING = (
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(when, "FAR", 10)


async def test_the_tables_and_indexes_are_the_same_in_the_end_wherever_the_backfill_was_killed(
    chain: FakeChain,
    fake: FakeNode,
    new_index: Callable[[], Index],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine(chain, Random(5), 150)
    usual, killed = new_index(), new_index()
    with monkeypatch.context() as patch:
        patch.setattr(when, "FAR", 1_000)
        await follow(usual, fake, most=20)
    for victim, chance in ((Store.write, 3), (Store.build_indexes, 2), (Store.build_indexes, 4)):
        with monkeypatch.context() as patch:
            patch.setattr(Store, victim.__name__, failing(victim, chance))
            with pytest.raises(StorageFull):
                await follow(killed, fake, most=20)
        assert killed.value(MISSING) > 0
    assert killed.block() == 150 - 64
    assert killed.rows(INDEXES) != usual.rows(INDEXES)
    await follow(killed, fake, most=20)
    assert killed.value(MISSING) == 0
    assert killed.rows(INDEXES) == usual.rows(INDEXES)
    assert killed.everything() == usual.everything()


def failing(method: Callable[..., Any], chance: int) -> Callable[..., Any]:
    """The same, but for a transaction that is never committed, and everything after it."""
    calls = 0

    def fail(store: Store, *words: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls < chance:
            return method(store, *words)
        raise StorageFull("killed")

    return fail


async def test_an_index_that_holds_something_keeps_its_indexes(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(6), 5)
    await follow(index, fake)
    before = index.rows(INDEXES)
    mine(chain, Random(7), 150)
    async with following(index, fake, most=20) as follower:
        await follower.converge()
    assert (index.block(), index.value(MISSING)) == (155 - 64, 0)
    assert index.rows(INDEXES) == before


async def test_a_reader_who_keeps_a_table_keeps_its_indexes(
    chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "LOCK_WAIT", "50ms")
    mine(chain, Random(8), 100)
    with psycopg.connect(index.url) as reader:
        reader.execute("SELECT * FROM claims")
        async with following(index, fake) as follower:
            await follower.converge()
    assert (index.block(), index.value(MISSING)) == (36, 0)


def test_a_migration_finds_every_index_in_its_place(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index.rows(INDEXES)
    with connect(index.url) as connection, connection.cursor() as db:
        assert late.postpone(db)
        db.execute("UPDATE alembic_version SET version_num = '0014'")
    found: list[Any] = []
    monkeypatch.setattr(command, "upgrade", lambda *_: found.extend(index.rows(INDEXES)))
    schema.migrate(index.url)
    assert found == before
    assert index.value(MISSING) == 0


async def test_who_builds_what_another_builds_waits_for_it(index: Index) -> None:
    before = index.rows(INDEXES)
    with connect(index.url) as connection, connection.cursor() as db:
        assert late.postpone(db)
        missing = [one for one in late.missing(db) if one.table == "events"]
    store = Store(index.url)
    with psycopg.connect(index.url) as dead:
        late.build(dead.cursor(), "events", missing)
        other = asyncio.create_task(asyncio.to_thread(store.build_indexes, "events", missing))
        while index.rows(WAITING) == []:
            await asyncio.sleep(0.01)
        dead.commit()
        await other
    for table in {one.table for one in store.late_indexes()}:
        rest = [one for one in store.late_indexes() if one.table == table]
        await asyncio.to_thread(store.build_indexes, table, rest)
    store.close()
    assert index.value(MISSING) == 0
    assert index.rows(INDEXES) == before


def test_a_migration_that_is_cut_off_among_indexes_says_so(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(index.url) as connection, connection.cursor() as db:
        assert late.postpone(db)
        db.execute("UPDATE alembic_version SET version_num = '0014'")
    monkeypatch.setattr(command, "upgrade", lambda *_: None)
    with cutting(index.url, 9) as cut, pytest.raises(DatabaseUnavailable):
        schema.migrate(index.url)
    assert cut.before is not None and "late_indexes" in cut.before
    schema.migrate(index.url)
    assert index.value(MISSING) == 0
