"""Rows into and out of Postgres by set: a handful of statements a batch, whatever its size."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from indexer.db.models import Projection

Row = Sequence[Any]


def copy(db: Cursor[Any], table: Table, rows: Iterable[Row]) -> None:
    """Adds rows, given in the order of the table's columns, by binary COPY."""
    rows = iter(rows)
    if (first := next(rows, None)) is None:
        return
    with db.copy(_copy(table)) as stream:
        stream.set_types(_types(table))
        stream.write_row(first)
        for row in rows:
            stream.write_row(row)


def select(db: Cursor[Any], projection: Projection, keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows that stand under these primary keys, in the order of the table's columns."""
    if not keys:
        return []
    return db.execute(_select(projection.current), _columns(projection, keys)).fetchall()


def update(db: Cursor[Any], projection: Projection, rows: Sequence[Row]) -> None:
    """Sets the changing columns of rows given as (key…, changing…)."""
    if rows:
        db.execute(_update(projection), [list(column) for column in zip(*rows, strict=True)])


def delete(db: Cursor[Any], projection: Projection, keys: Sequence[Any]) -> None:
    """Removes the rows under these primary keys."""
    if keys:
        db.execute(_delete(projection.current), _columns(projection, keys))


def _columns(projection: Projection, keys: Sequence[Any]) -> list[list[Any]]:
    if len(projection.key) == 1:
        return [list(keys)]
    return [list(column) for column in zip(*keys, strict=True)]


def _type(table: Table, column: str) -> str:
    """The column's type as Postgres calls it in casts and COPY."""
    name = table.c[column].type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]
    return str(name).removesuffix("(78, 0)").lower()


@cache
def _types(table: Table) -> list[str]:
    names = {"timestamp with time zone": "timestamptz"}
    types = (_type(table, column) for column in table.columns.keys())
    return [names.get(type_, type_) for type_ in types]


@cache
def _copy(table: Table) -> Composed:
    return SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        Identifier(table.name), _names(table.columns.keys())
    )


def _names(columns: Iterable[str], prefix: str | None = None) -> Composed:
    path = (Identifier(prefix, name) if prefix else Identifier(name) for name in columns)
    return SQL(", ").join(path)


def _given(table: Table, columns: Sequence[str]) -> Composed:
    """`unnest(…) AS given (…)`: the parameters, one array a column, as a relation."""
    arrays = SQL(", ").join(SQL("%b::" + _type(table, name) + "[]") for name in columns)
    return SQL("unnest({}) AS given ({})").format(arrays, _names(columns))


def _same(table: Table, key: Iterable[str]) -> Composed:
    return SQL(" AND ").join(
        SQL("{} = {}").format(Identifier(table.name, name), Identifier("given", name))
        for name in key
    )


@cache
def _select(table: Table) -> Composed:
    """Served by the primary key."""
    key = table.primary_key.columns.keys()
    return SQL("SELECT {} FROM {} JOIN {} ON {}").format(
        _names(table.columns.keys(), table.name),
        _given(table, key),
        Identifier(table.name),
        _same(table, key),
    )


@cache
def _update(projection: Projection) -> Composed:
    """Served by the primary key."""
    table = projection.current
    assignments = SQL(", ").join(
        SQL("{} = {}").format(Identifier(name), Identifier("given", name))
        for name in projection.changing
    )
    return SQL("UPDATE {} SET {} FROM {} WHERE {}").format(
        Identifier(table.name),
        assignments,
        _given(table, (*projection.key, *projection.changing)),
        _same(table, projection.key),
    )


@cache
def _delete(table: Table) -> Composed:
    """Served by the primary key."""
    key = table.primary_key.columns.keys()
    return SQL("DELETE FROM {} USING {} WHERE {}").format(
        Identifier(table.name), _given(table, key), _same(table, key)
    )
