"""New tables take the place of served ones in one moment: no reader fails, waits or sees a mix."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from api.app import make_index
from api.context import Context
from api.limits import Limits
from api.reads.engine import dispose, make_engine
from api.schema import make_schema
from indexer.errors import Busy, DatabaseUnavailable, Fatal, SchemaError
from indexer.settings import Settings
from indexer.sync import shadow, takeover
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine
from tests.integration.sync.replaying import CUT, SIDE, compared, replay, replay_beside

CATALOG = """
SELECT 'index', indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'column', attrelid::regclass || ' ' || attname,
    concat_ws(' ', attnum, format_type(atttypid, atttypmod), attnotnull, attstorage, attacl,
        pg_get_expr(adbin, adrelid))
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
UNION ALL SELECT 'table', relname, concat_ws(' ', relkind, relowner::regrole, relacl, reloptions,
        obj_description(oid, 'pg_class'))
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
ORDER BY 1, 2
"""

WAITING = "SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted"


@pytest.fixture
async def indexed(chain: FakeChain, fake: FakeNode, index: Index) -> Index:
    mine(chain, Random(600), 60)
    await follow(index, fake)
    return index


def execute(index: Index, *statements: str) -> None:
    with psycopg.connect(index.url, autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


async def test_the_new_tables_are_in_every_way_like_the_old_ones(indexed: Index) -> None:
    execute(
        indexed,
        "DROP ROLE IF EXISTS reporter",
        "CREATE ROLE reporter",
        "GRANT SELECT ON members TO reporter WITH GRANT OPTION",
        "GRANT SELECT (key, name) ON groups TO reporter",
        "GRANT SELECT ON claims TO public",
        "ALTER TABLE members SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.1)",
        "COMMENT ON TABLE payments IS 'it''s about 100 % of them'",
        "ALTER TABLE claims OWNER TO reporter",
    )
    before, rows = indexed.rows(CATALOG), indexed.everything()
    old = indexed.value(oid := "SELECT 'members'::regclass::oid")
    replay(indexed)
    assert indexed.value(oid) != old
    assert indexed.rows(CATALOG) == before
    assert indexed.everything() == rows
    execute(indexed, "DROP OWNED BY reporter", "DROP ROLE reporter")


async def test_the_planner_knows_the_new_tables(indexed: Index) -> None:
    replay(indexed)
    known = "SELECT reltuples FROM pg_class WHERE oid = 'groups'::regclass"
    assert indexed.value(known) == indexed.value("SELECT count(*) FROM groups") > 0


async def test_readers_go_on_and_see_all_of_the_old_or_all_of_the_new(indexed: Index) -> None:
    names = ("groups", "payments", "red_packets", "members")
    execute(indexed, *(f"UPDATE {name} SET updated_block = 0" for name in names))
    with reading(indexed, names) as seen:
        while len(seen) < 30:
            await asyncio.sleep(0.01)
        told = await replay_beside(indexed, compare=True)
        assert told is not None and not told.equal
        count = len(seen)
        while len(seen) < count + 30:
            await asyncio.sleep(0.01)
    assert len({tuple(one) for one in seen}) == 2
    assert seen[0] == [0] * len(names)
    assert 0 not in seen[-1]


@contextmanager
def reading(index: Index, names: tuple[str, ...]) -> Iterator[list[list[int]]]:
    """What transactions of the API's engine see meanwhile, one after the other: the same
    statements, which its connections have prepared."""
    seen: list[list[int]] = []
    over = threading.Event()

    async def look() -> None:
        engine = make_engine(index.url, Limits())
        while not over.is_set():
            async with engine.connect() as connection:
                found = [
                    (await connection.execute(text(f"SELECT max(updated_block) FROM {name}")))
                    for name in names
                ]
                seen.append([int(one.scalar_one()) for one in found])
        await dispose(engine)

    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(look())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
    assert failed == []


async def test_the_api_answers_the_same_before_and_after_and_goes_on_to_tell_what_is_new(
    chain: FakeChain, fake: FakeNode, indexed: Index
) -> None:
    limits = Limits()
    schema, api = make_schema(limits), make_index(Settings(database_url=indexed.url), limits)
    query = """{
        meta { block { number } }
        groups(first: 5) { nodes { name memberCount members { totalCount } createdAt } }
        payments(first: 5) { nodes { title collectedAmount contributions { nodes { amount } } } }
        old: groups(block: {number: 30}) { totalCount nodes { name owner } }
    }"""

    async def ask() -> Any:
        told = await schema.execute(query, {}, context_value=Context(api))
        assert told.errors is None, told.errors
        return told.data

    before = [await ask() for _ in range(8)]
    async with api.broker.feed() as feed:
        await replay_beside(indexed)
        after = [await ask() for _ in range(8)]
        assert after == before
        mine(chain, Random(602), 1, busy=1.0)
        await follow(indexed, fake)
        move = await feed.next()
        assert (move.first, move.last) == (61, 61)
        assert len(move.events) > 0
    await api.broker.stop()
    await dispose(api.engine)


async def test_a_reader_from_before_the_last_step_is_waited_for(
    chain: FakeChain, fake: FakeNode, indexed: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "READERS_WAIT", 0.2)
    rows = indexed.everything()["groups"]
    with psycopg.connect(indexed.url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert reader.execute("SELECT block_number FROM cursor").fetchall() == [(60,)]
        mine(chain, Random(601), 20)
        await follow(indexed, fake)
        execute(indexed, "UPDATE groups SET name = 'wrong'")
        with pytest.raises(Busy, match=rf"process {reader.info.backend_pid} does not end"):
            await replay_beside(indexed, patience=1.0)
        seen = reader.execute("SELECT * FROM groups").fetchall()
        assert sorted(seen, key=repr) == rows
    assert indexed.value(SIDE) is not None
    await replay_beside(indexed)
    assert indexed.value("SELECT count(*) FROM groups WHERE name = 'wrong'") == 0


async def test_while_one_reader_keeps_us_waiting_others_go_on(
    indexed: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "READERS_WAIT", 0.1)
    monkeypatch.setattr(takeover, "_readers", lambda *_: None)
    with reading(indexed, ("members",)) as seen, psycopg.connect(indexed.url) as reader:
        reader.execute("SELECT count(*) FROM members").fetchall()
        task = asyncio.create_task(replay_beside(indexed, patience=2.0))
        while indexed.rows(WAITING) == []:
            await asyncio.sleep(0.01)
        count = len(seen)
        with pytest.raises(Busy, match="others keep locks on the tables: the replay is kept"):
            await task
        assert len(seen) > count + 10
    await replay_beside(indexed)
    assert indexed.value(SIDE) is None


async def test_a_step_of_the_index_under_way_is_waited_for(
    indexed: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow, "WRITER_WAIT", "100ms")
    monkeypatch.setattr(takeover, "READERS_WAIT", 0.1)
    oid = indexed.value("SELECT 'groups'::regclass::oid")
    execute(indexed, "UPDATE groups SET name = 'wrong'")
    with psycopg.connect(indexed.url) as writer:
        for error, words in [
            (DatabaseUnavailable, "the index takes long over a step"),
            (Busy, f"process {writer.info.backend_pid} does not end"),
        ]:
            writer.execute("SELECT * FROM cursor FOR UPDATE")
            with pytest.raises(error, match=words):
                await replay_beside(indexed, patience=0.5)
            assert indexed.value("SELECT 'groups'::regclass::oid") == oid
            writer.rollback()
            assert not (await asyncio.to_thread(compared, indexed)).equal
    await replay_beside(indexed)
    assert indexed.value("SELECT 'groups'::regclass::oid") != oid


@pytest.mark.parametrize(
    ("statement", "named", "undone"),
    [
        ("CREATE VIEW open AS SELECT * FROM groups", "view open", "DROP VIEW open"),
        (
            "CREATE PUBLICATION news FOR TABLE groups",
            "publication news of groups",
            "DROP PUBLICATION news",
        ),
        (
            "CREATE POLICY own ON members USING (true)",
            "policy own on members",
            "DROP POLICY own ON members",
        ),
        (
            "CREATE TRIGGER t AFTER INSERT ON claims "
            "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger t on claims",
            "DROP TRIGGER t ON claims",
        ),
        (
            "CREATE TABLE mine (key bytea REFERENCES groups)",
            "constraint mine_key_fkey on mine",
            "DROP TABLE mine",
        ),
    ],
)
async def test_what_stands_on_a_table_is_named_before_anything_is_derived(
    statement: str, named: str, undone: str, indexed: Index
) -> None:
    execute(indexed, statement)
    with pytest.raises(Fatal, match=f"{named} would not outlive a replay"):
        replay(indexed)
    assert indexed.value(SIDE) is None
    assert compared(indexed).equal
    execute(indexed, undone)
    replay(indexed)


async def test_a_schema_that_was_migrated_meanwhile_is_not_replaced(
    indexed: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = takeover._settled

    def migrating(of: Any) -> int:
        execute(indexed, "UPDATE alembic_version SET version_num = '9999'")
        return honest(of)

    monkeypatch.setattr(takeover, "_settled", migrating)
    oid = indexed.value("SELECT 'groups'::regclass::oid")
    with pytest.raises(SchemaError, match="newer than this program"):
        replay(indexed)
    assert indexed.value("SELECT 'groups'::regclass::oid") == oid


@pytest.mark.parametrize("place", ["_readers", "wait_for_writer", "_settled", "_locked"])
async def test_connections_that_are_cut_on_the_way_are_opened_again(
    place: str, indexed: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, cuts = getattr(takeover, place), 0

    def cutting(*given: Any) -> Any:
        nonlocal cuts
        if cuts < 2:
            cuts += 1
            indexed.rows(CUT)
        return honest(*given)

    monkeypatch.setattr(takeover, place, cutting)
    await replay_beside(indexed)
    assert cuts == 2
    assert indexed.value(SIDE) is None
