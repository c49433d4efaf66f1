"""The migrations make the tables that the models declare; any other schema is refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from indexer.db import schema
from indexer.db.connection import Connection
from indexer.db.models import PROJECTIONS, metadata
from indexer.errors import ConfigError, DatabaseUnavailable, SchemaError

EXPRESSIONS = ("groups_name_idx", "groups_search_idx", "messages_search_idx")
"""Indexes of expressions: Alembic can't compare them."""


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement.encode())
        return done.fetchall() if done.description else []


def definitions(url: str) -> dict[str, str]:
    """Every index and constraint as Postgres writes it."""
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    constraints = (
        "SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
    )
    return dict(execute(url, f"{indexes} UNION ALL {constraints}"))


def test_the_migrations_make_what_the_models_declare(empty_url: str) -> None:
    schema.migrate(empty_url)
    execute(empty_url, "DROP INDEX " + ", ".join(EXPRESSIONS))
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, metadata)
    engine.dispose()
    assert [d for d in found if not _is_expression(d)] == []


def _is_expression(difference: Any) -> bool:
    return difference[0] == "add_index" and difference[1].name in EXPRESSIONS


def test_the_indexes_and_constraints_are_those_of_the_models(empty_url: str) -> None:
    schema.migrate(empty_url)
    migrated = definitions(empty_url)
    execute(empty_url, "DROP SCHEMA public CASCADE")
    execute(empty_url, "CREATE SCHEMA public")
    execute(empty_url, "CREATE EXTENSION pg_trgm")
    execute(empty_url, "CREATE EXTENSION btree_gin")
    engine = create_engine(empty_url)
    metadata.create_all(engine)
    engine.dispose()
    migrated = {name: what for name, what in migrated.items() if "alembic" not in name}
    assert definitions(empty_url) == migrated
    assert "left" in migrated["groups_name_idx"].lower()


def test_every_expression_index_is_compared_by_its_definition() -> None:
    plain = postgresql.dialect()  # type: ignore[no-untyped-call]
    written = {
        str(index.name)
        for table in metadata.tables.values()
        for index in table.indexes
        if "(left(" in (made := str(CreateIndex(index).compile(dialect=plain)))
        or "search_terms(" in made
    }
    assert written == set(EXPRESSIONS)


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    before, after = schema.migrate(empty_url)
    assert before is None
    assert schema.migrate(empty_url) == (after, after)
    schema.check(empty_url)


def test_several_migrate_at_once_and_it_is_done_once(empty_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(schema.migrate, [empty_url] * 3))
    latest = told[0][1]
    assert sorted(told, key=repr) == sorted(
        [(None, latest), (latest, latest), (latest, latest)], key=repr
    )
    schema.check(empty_url)


def test_a_database_without_tables_names_the_command_that_helps(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="no tables of dchat yet: run `dchat migrate`"):
        schema.check(empty_url)


def test_an_old_schema_names_the_command_that_helps(empty_url: str) -> None:
    schema.migrate(empty_url)
    execute(empty_url, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SchemaError, match=r"is at 0001, this is for .*: run `dchat migrate`"):
        schema.check(empty_url)


def test_a_newer_schema_asks_for_a_newer_program(empty_url: str) -> None:
    schema.migrate(empty_url)
    execute(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match=r"is at 9999, which is newer .*: upgrade dchat"):
        schema.check(empty_url)


@pytest.mark.parametrize("command", [schema.check, schema.migrate])
def test_a_server_or_database_that_is_not_there_is_named(command: Any, postgres_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="is it running"):
        command("postgresql://postgres@127.0.0.1:1/x")
    with pytest.raises(ConfigError, match='database "nowhere" does not exist'):
        command(postgres_url.rsplit("/", 1)[0] + "/nowhere")


def test_the_tables_take_what_a_hostile_chain_brings(db: Connection) -> None:
    """No column of a chain's number or bytes is narrower than what an event carries."""
    wide = {"numeric", "bytea", "text", "timestamp with time zone", "boolean", "jsonb"}
    narrow = {
        (table, column)
        for table, column, kind in db.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_name = ANY(%s)",
            [[one.name for one in PROJECTIONS]],
        ).fetchall()
        if kind not in wide
    }
    ours = ("_block", "_log", "role", "kind", "status", "position", "member_count")
    assert all(str(column).endswith(ours) for _, column in narrow), narrow
