"""Whatever is not what the facts make of it is found: any column, any row, of any table."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import psycopg
import pytest
from psycopg import Cursor
from sqlalchemy import Boolean, Column, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from indexer.audit import entities, facts
from indexer.audit.differences import Difference
from indexer.db.connection import connect
from indexer.db.models import PROJECTIONS
from indexer.projections.entities import EntityKind
from tests.fakes import FakeChain, FakeNode
from tests.integration.conftest import named
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine

TABLES: Final = {
    str(table.name): table
    for one in PROJECTIONS
    for table in (one.current, one.history)
    if table is not None
}
FIRST: Final = "ctid = (SELECT ctid FROM {table} ORDER BY {key} LIMIT 1)"


@pytest.fixture(scope="module")
def told(postgres_url: str, migrated: str) -> Index:
    """An index with rows in every table, which no test changes for good."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE audit_facts TEMPLATE {migrated}".encode())
    index = Index(named(postgres_url, "audit_facts"))
    asyncio.run(_fill(index))
    return index


async def _fill(index: Index) -> None:
    chain = FakeChain()
    mine(chain, Random(13), 120)
    async with FakeNode(chain) as fake:
        await follow(index, fake)


@contextmanager
def undone(index: Index) -> Iterator[Cursor[Any]]:
    """A transaction that leaves nothing behind."""
    with connect(index.url) as connection, connection.cursor() as db:
        yield db
        connection.rollback()


def differences(db: Cursor[Any], table: Table | None = None) -> list[Difference]:
    """All of them, entity by entity, as the walk finds them; of one table's entities, or of all."""
    found = []
    for kind in EntityKind:
        if table is not None and table not in {
            t for p in kind.tables for t in (p.current, p.history)
        }:
            continue
        wanted = {*entities.keys(db, kind, None, 10_000), *facts.missing(db, kind)}
        for entity in wanted:
            found += [one for _, each in facts.unfounded(db, entity) for one in each]
    return found


def other(column: Column[Any]) -> str:
    """SQL for another value of the column."""
    match column.type:
        case Boolean():
            return f"NOT {column.name}"
        case Text():
            return f"concat({column.name}, '!')"
        case JSONB():
            return """'{"else": "rule"}'"""
        case TIMESTAMP():
            return f"{column.name} - interval '1 s'"
        case LargeBinary():
            return f"set_byte({column.name}, 0, 255 - get_byte({column.name}, 0))"
        case _:
            return f"coalesce({column.name}, 0) + 1"


def plant(db: Cursor[Any], statement: str, table: Table) -> None:
    first = FIRST.format(table=table.name, key=table.primary_key.columns.keys()[0])
    done = db.execute(f"{statement} WHERE {first}".encode())
    assert done.rowcount == 1, f"{table.name} has no row"


def test_an_index_that_is_right_is_as_its_facts_say(told: Index) -> None:
    with undone(told) as db:
        assert differences(db) == []
        assert facts.counters(db) == []


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_every_column_that_is_wrong_is_named(table: Table, told: Index) -> None:
    key = table.primary_key.columns.keys()
    columns = [column for column in table.columns if column.name not in key]
    assert columns or table.name in ("join_requests",)
    for column in columns:
        with undone(told) as db:
            plant(db, f"UPDATE {table.name} SET {column.name} = {other(column)}", table)
            [found] = differences(db, table)
            assert (found.source, found.field) == (table.name, column.name)
            assert found.index != found.chain


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_a_row_that_is_missing_is_named(table: Table, told: Index) -> None:
    with undone(told) as db:
        plant(db, f"DELETE FROM {table.name}", table)
        found = [one for one in differences(db, table) if one.source == table.name]
        assert [(one.field, one.index, one.chain) for one in found] == [("row", None, "there")]


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_a_row_under_a_key_of_its_own_is_named(table: Table, told: Index) -> None:
    key = str(table.primary_key.columns.keys()[0])
    size = 20 if key == "address" else 32
    columns = [str(name) for name in table.columns.keys()]
    values = [f"'\\x{'ee' * size}'" if name == key else name for name in columns]
    statement = (
        f"INSERT INTO {table.name} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM {table.name}"
    )
    with undone(told) as db:
        plant(db, statement, table)
        [found] = differences(db, table)
        assert (found.source, found.field) == (table.name, "row")
        assert (found.index, found.chain) == ("there", None)
        assert found.subject.key == b"\xee" * size  # type: ignore[union-attr]


def test_counters_that_are_wrong_are_named(told: Index) -> None:
    for name in ("event_count", "undecoded_count"):
        with undone(told) as db:
            db.execute(f"UPDATE cursor SET {name} = {name} + 1".encode())
            [found] = facts.counters(db)
            assert (found.source, found.field) == ("cursor", name)
