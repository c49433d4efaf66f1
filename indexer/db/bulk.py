"""Rows into and out of Postgres by set: a handful of statements a batch, whatever its size."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, Final

from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from indexer.db import packing
from indexer.db.connection import Packed
from indexer.db.models import Projection

Row = Sequence[Any]
TOGETHER: Final = 500
"""Rows that are handed to libpq at once."""
FEW: Final = 1_000
"""Events of a batch that COPY would not make faster."""


@contextmanager
def together(db: Cursor[Any], rows: int = 0) -> Iterator[None]:
    """Sends statements without waiting for the answer to each, unless they are of so many rows that
    COPY is better. No `rowcount` is known inside.
    """
    if rows > FEW:
        yield
        return
    with db.connection.pipeline():
        yield


def copy(db: Cursor[Any], table: Table, rows: Iterable[Row]) -> None:
    """Adds rows, given in the order of the table's columns, by binary COPY; Postgres numbers them
    where it generates a column. What is sent `together` takes no COPY, and is inserted.
    """
    if db.connection.pgconn.pipeline_status:
        _insert(db, table, list(rows))
        return
    packed = _packer(table)(rows)
    if not (some := [*islice(packed, TOGETHER)]):
        return
    with db.copy(_copy(table)) as stream:
        stream.write(packing.BEGINNING)
        while some:
            stream.write(b"".join(some))
            some = [*islice(packed, TOGETHER)]
        stream.write(packing.END)


def _insert(db: Cursor[Any], table: Table, rows: Sequence[Row]) -> None:
    if rows:
        arrays = _arrays(table, _given_columns(table), zip(*rows, strict=True))
        db.execute(_addition(table), arrays)


def select(
    db: Cursor[Any], wanted: Iterable[tuple[Projection, Sequence[Any]]]
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of each projection that stand under these primary keys, in the order of the table's
    columns. All are asked for before the first is given.
    """
    asked = [_asked(db, projection, keys) if keys else None for projection, keys in wanted]
    for cursor in asked:
        yield cursor.fetchall() if cursor else []


def _asked(db: Cursor[Any], projection: Projection, keys: Sequence[Any]) -> Cursor[Any]:
    cursor = db.connection.cursor()
    return cursor.execute(_select(projection.current), _keys(projection, keys), binary=True)


def update(db: Cursor[Any], projection: Projection, rows: Sequence[Row]) -> None:
    """Sets the changing columns of rows given as (key…, changing…)."""
    if rows:
        columns = (*projection.key, *projection.changing)
        db.execute(
            _update(projection), _arrays(projection.current, columns, zip(*rows, strict=True))
        )


def delete(db: Cursor[Any], projection: Projection, keys: Sequence[Any]) -> None:
    """Removes the rows under these primary keys."""
    if keys:
        db.execute(_delete(projection.current), _keys(projection, keys))


def _keys(projection: Projection, keys: Sequence[Any]) -> list[Packed]:
    values = [keys] if len(projection.key) == 1 else zip(*keys, strict=True)
    return _arrays(projection.current, projection.key, values)


def _arrays(table: Table, names: Iterable[str], columns: Iterable[Sequence[Any]]) -> list[Packed]:
    return [
        Packed(packing.array(_type(table, name), column))
        for name, column in zip(names, columns, strict=True)
    ]


@cache
def _type(table: Table, column: str) -> str:
    """The column's type as Postgres calls it in casts and COPY."""
    name = table.c[column].type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]
    return str(name).removesuffix("(78, 0)").lower()


@cache
def _packer(table: Table) -> packing.Packer:
    columns = (table.columns[name] for name in _given_columns(table))
    return packing.rows(tuple((_type(table, one.name), bool(one.nullable)) for one in columns))


@cache
def _copy(table: Table) -> bytes:
    statement = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        Identifier(table.name), _names(_given_columns(table))
    )
    return statement.as_bytes()


def _given_columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.identity is None]


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
def _addition(table: Table) -> bytes:
    columns = _given_columns(table)
    statement = SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        Identifier(table.name), _names(columns), _names(columns), _given(table, columns)
    )
    return statement.as_bytes()


@cache
def _select(table: Table) -> bytes:
    """Served by the primary key."""
    key = table.primary_key.columns.keys()
    statement = SQL("SELECT {} FROM {} JOIN {} ON {}").format(
        _names(table.columns.keys(), table.name),
        _given(table, key),
        Identifier(table.name),
        _same(table, key),
    )
    return statement.as_bytes()


@cache
def _update(projection: Projection) -> bytes:
    """Served by the primary key."""
    table = projection.current
    assignments = SQL(", ").join(
        SQL("{} = {}").format(Identifier(name), Identifier("given", name))
        for name in projection.changing
    )
    statement = SQL("UPDATE {} SET {} FROM {} WHERE {}").format(
        Identifier(table.name),
        assignments,
        _given(table, (*projection.key, *projection.changing)),
        _same(table, projection.key),
    )
    return statement.as_bytes()


@cache
def _delete(table: Table) -> bytes:
    """Served by the primary key."""
    key = table.primary_key.columns.keys()
    statement = SQL("DELETE FROM {} USING {} WHERE {}").format(
        Identifier(table.name), _given(table, key), _same(table, key)
    )
    return statement.as_bytes()
