"""Whether two relations hold the same rows: a digest of each, and where they differ first."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier

SHOWN: Final = 3
"""Differing rows that are looked for in each table."""

DIGEST: Final = """
SELECT count(*), coalesce(sum(hash_record_extended(t, 0)), 0) FROM ({rows}) AS t
"""
DIFFERENCES: Final = """
SELECT to_jsonb(a), to_jsonb(b)
FROM ({first}) AS a FULL JOIN ({second}) AS b USING ({key})
WHERE a IS NULL OR b IS NULL OR ROW(a.*) IS DISTINCT FROM ROW(b.*)
ORDER BY {key} LIMIT {most}
"""
"""Joins both as wholes: to be asked only where the digests differ."""


class Digest(NamedTuple):
    """Of rows in any order: how many, and the sum of their 64-bit hashes."""

    rows: int
    hashes: int


class Difference(NamedTuple):
    """A key under which the relations differ, as Postgres writes its values.

    `columns` are those that differ; none where only one relation has the row, the `only` one.
    """

    key: tuple[str, ...]
    columns: tuple[str, ...]
    only: int | None = None


def digest(db: Cursor[Any], rows: Composed) -> Digest:
    """That of the rows that this query tells. Reads them all."""
    row = db.execute(SQL(DIGEST).format(rows=rows)).fetchone()
    assert row is not None
    return Digest(*row)


def differences(
    db: Cursor[Any], first: Composed, second: Composed, key: Sequence[str]
) -> list[Difference]:
    """The first few in the order of the key, which identifies the rows of both queries."""
    asked = SQL(DIFFERENCES).format(
        first=first,
        second=second,
        key=SQL(", ").join(map(Identifier, key)),
        most=SHOWN,
    )
    return [_difference(a, b, key) for a, b in db.execute(asked).fetchall()]


def _difference(
    first: dict[str, Any] | None, second: dict[str, Any] | None, key: Sequence[str]
) -> Difference:
    there = first or second
    assert there is not None
    place = tuple(str(there[name]).replace("\\x", "0x") for name in key)
    if first is None or second is None:
        return Difference(place, (), only=0 if second is None else 1)
    return Difference(place, tuple(sorted(name for name in first if first[name] != second[name])))
