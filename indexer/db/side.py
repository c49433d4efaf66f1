"""A second set of the projected tables, in a schema of its own beside the one that is served.

Connections that put it first on their search path fold into it what they read from the served one.
Its tables begin with the keys that a fold needs; the other indexes are built once the rows are in.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import MetaData, Table, select
from sqlalchemy.dialects import postgresql

from indexer.db import models
from indexer.db.models import PROJECTIONS, Projection

SIDE: Final = "dchat_side"

EXISTS: Final = "SELECT to_regnamespace(%s) IS NOT NULL"
LIKE: Final = (
    "CREATE TABLE {side}.{table} (LIKE {live}.{table} INCLUDING ALL EXCLUDING INDEXES"
    " EXCLUDING STATISTICS)"
)
INDEXES: Final = """
SELECT tables.relname, indexes.relname, pg_get_constraintdef(pg_constraint.oid),
    pg_get_indexdef(indexes.oid, 0, true)
FROM pg_index
JOIN pg_class AS tables ON tables.oid = indrelid
JOIN pg_class AS indexes ON indexes.oid = indexrelid
LEFT JOIN pg_constraint ON conindid = indexrelid AND conrelid = indrelid
WHERE tables.relnamespace = to_regnamespace(%s) AND tables.relname = ANY(%s)
ORDER BY array_position(%s, tables.relname), indexes.oid
"""


class Index(NamedTuple):
    """An index of a served table; `constraint` is what it belongs to, if anything."""

    table: str
    name: str
    constraint: str | None
    definition: str


def tables() -> Iterator[Table]:
    """Every projected table and its history."""
    for projection in PROJECTIONS:
        yield projection.current
        if projection.history is not None:
            yield projection.history


NAMES: Final = tuple(table.name for table in tables())


def exists(db: Cursor[Any]) -> bool:
    """Whether there is a side schema, finished or not."""
    row = db.execute(EXISTS, [SIDE]).fetchone()
    return bool(row and row[0])


def create(db: Cursor[Any], live: str) -> None:
    """Makes the schema with empty projected tables and observations, and the keys of folds."""
    db.execute(SQL("CREATE SCHEMA {}").format(Identifier(SIDE)))
    for name in (*NAMES, models.observations.name):
        db.execute(
            SQL(LIKE).format(side=Identifier(SIDE), live=Identifier(live), table=Identifier(name))
        )
    early = {projection.name for projection in PROJECTIONS} | {models.observations.name}
    for index in missing(db, live, (*NAMES, models.observations.name)):
        if index.constraint and index.table in early:
            build(db, index)


def fill(db: Cursor[Any], live: str, block: int) -> None:
    """Copies the served projections as they stood right after `block`, with their past."""
    for table in tables():
        statement = SQL("INSERT INTO {} ({}) {}")
        place, rows = Identifier(SIDE, table.name), standing(table, live, block)
        db.execute(statement.format(place, _names(table), rows))


def standing(table: Table, schema: str, block: int | None) -> Composed:
    """The rows that a projected table or history of this schema held right after `block`.

    They are in the order of the table's columns. None: what it holds now.
    """
    place = Identifier(schema, table.name)
    names = _names(table)
    if block is None:
        return SQL("SELECT {} FROM {}").format(names, place)
    for projection in PROJECTIONS:
        if projection.current is table:
            return SQL("SELECT {} FROM ({}) AS t").format(names, _at(projection, schema, block))
    past = SQL("SELECT {} FROM {} WHERE until_block <= {}")
    return past.format(names, place, Literal(block))


def _names(table: Table) -> Composed:
    return SQL(", ").join(map(Identifier, table.columns.keys()))


def _at(projection: Projection, schema: str, block: int) -> SQL:
    there = _moved(projection, schema)
    compiled = select(there.at(block)).compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    return SQL(str(compiled))


@cache
def _moved(projection: Projection, schema: str) -> Projection:
    """The same projection of another schema."""
    metadata, past = MetaData(), projection.history
    return replace(
        projection,
        current=projection.current.to_metadata(metadata, schema=schema),
        history=None if past is None else past.to_metadata(metadata, schema=schema),
    )


def missing(db: Cursor[Any], live: str, names: tuple[str, ...] = NAMES) -> list[Index]:
    """The indexes that the served tables have and those of the side schema do not have yet."""
    there = {index.name for index in _indexes(db, SIDE, names)}
    return [index for index in _indexes(db, live, names) if index.name not in there]


def _indexes(db: Cursor[Any], schema: str, names: tuple[str, ...]) -> list[Index]:
    """As Postgres writes them for whoever has this schema on the search path."""
    row = db.execute("SELECT current_setting('search_path')").fetchone()
    assert row is not None
    db.execute("SELECT set_config('search_path', quote_ident(%s), true)", [schema])
    found = [Index(*one) for one in db.execute(INDEXES, [schema, [*names], [*names]]).fetchall()]
    db.execute("SELECT set_config('search_path', %s, true)", [row[0]])
    return found


def build(db: Cursor[Any], index: Index) -> None:
    """Gives the side schema this index; the served schema has to be on the search path after it."""
    if index.constraint is None:
        db.execute(index.definition.encode())
        return
    db.execute(
        SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
            Identifier(SIDE, index.table),
            Identifier(index.name),
            SQL(index.constraint),
        )
    )


def finish(db: Cursor[Any], live: str, name: str) -> None:
    """Gives a table the indexes that it lacks, and tells the planner what it holds: nobody else
    does before it is served. Whoever else finishes it is waited for.
    """
    place = Identifier(SIDE, name)
    db.execute(SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(place))
    for index in missing(db, live, (name,)):
        build(db, index)
    db.execute(SQL("ANALYZE {}").format(place))


def drop(db: Cursor[Any]) -> None:
    """Removes the schema with everything in it."""
    db.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(SIDE)))
