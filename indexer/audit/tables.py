"""Rows of the projected tables as of a block, and keys one after the other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from heapq import merge
from itertools import islice
from typing import Any, Final, TypeVar

import msgspec
from psycopg import Cursor
from sqlalchemy import ARRAY, LargeBinary, any_, bindparam, select
from sqlalchemy.dialects.postgresql import psycopg as driver

from indexer.db.models import Projection

Db = Cursor[Any]
R = TypeVar("R", bound=msgspec.Struct)

NEXT_KEYS: Final = """
WITH RECURSIVE found (key) AS (
    (SELECT {column} FROM {table} WHERE {column} > %(after)s ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM {table} WHERE {column} > found.key ORDER BY {column} LIMIT 1)
    FROM found WHERE found.key IS NOT NULL
)
SELECT key FROM found WHERE key IS NOT NULL LIMIT %(limit)s
"""
"""The next different values of a column: one look, for each, into the index that begins with it."""


def next_keys(
    db: Db, places: Sequence[tuple[str, str]], after: bytes | None, limit: int
) -> list[bytes]:
    """The next different values of these (table, column), all together in their order."""
    asked = {"after": after or b"", "limit": limit}
    columns = []
    for table, column in places:
        found = db.execute(NEXT_KEYS.format(table=table, column=column).encode(), asked)
        columns.append([key for (key,) in found])
    return list(islice(dict.fromkeys(merge(*columns)), limit))


def rows_at(
    db: Db,
    projection: Projection,
    row_type: type[R],
    column: str,
    values: Sequence[bytes],
    block: int | None,
) -> Iterator[R]:
    """The rows with these values of the column that stood right after `block` (None: that stand).

    Those of one value in the order of the chain, or of their keys.
    """
    asked = {"wanted": list(values), "block": block}
    for row in db.execute(_rows(projection, column, block is None), asked):
        yield row_type(**dict(zip(projection.columns, row, strict=True)))


@cache
def _rows(projection: Projection, column: str, now: bool) -> bytes:
    """Served by the indexes on the column, in the table and, if it names the entity, its history;
    else by the history's on `until_block`."""
    at = projection.at(None if now else bindparam("block"))
    wanted = bindparam("wanted", type_=ARRAY(LargeBinary))
    told = {"created_block", "created_log"} <= {*projection.columns}
    place = ("created_block", "created_log") if told else projection.key
    order = [at.c[name] for name in (column, *place)]
    statement = select(at).where(at.c[column] == any_(wanted)).order_by(*order)
    return str(statement.compile(dialect=driver.dialect())).encode()  # type: ignore[no-untyped-call]


def by(field: str, rows: Iterable[R]) -> dict[bytes, list[R]]:
    """The rows by the value of this field."""
    found: dict[bytes, list[R]] = defaultdict(list)
    for row in rows:
        found[getattr(row, field)].append(row)
    return found
