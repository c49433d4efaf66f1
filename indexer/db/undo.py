"""Taking the index back to a block: what came later goes, what stood then stands again.

Each statement costs by the number of rows that changed after the block, and is served by the index
on `updated_block`, on the column of the row's birth, or on `until_block`.
"""

from typing import Any

from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier

from indexer.db import completeness, tallies
from indexer.db.models import PROJECTIONS, Projection

BY_INDEX = "SET LOCAL enable_seqscan = off"
"""For the rest of the transaction: all of it is served by indexes, and of a table that was never
analyzed, as right after history came in, Postgres thinks that a third lies above any block."""
DELETE_EVENTS = """
WITH gone AS (DELETE FROM events WHERE block_number > %s RETURNING decoded)
SELECT count(*), count(*) FILTER (WHERE NOT decoded) FROM gone
"""
DELETE_OBSERVATIONS = """
DELETE FROM observations WHERE block_number > %s RETURNING kind, key
"""
DELETE_BLOCKS = "DELETE FROM blocks WHERE number > %s"


def undo_facts(db: Cursor[Any], block: int) -> tuple[int, int]:
    """Removes blocks, with what is known and tallied of them, and events after `block`.

    Returns how many events went, and undecoded ones.
    """
    completeness.undo(db, block)
    tallies.undo(db, block)
    db.execute(DELETE_BLOCKS, [block])
    row = db.execute(DELETE_EVENTS, [block]).fetchone()
    assert row is not None
    return row[0], row[1]


def undo_observations(db: Cursor[Any], block: int) -> set[tuple[int, bytes]]:
    """Removes observations after `block`; returns the kinds and keys that they were about."""
    return set(db.execute(DELETE_OBSERVATIONS, [block]).fetchall())


def undo_projections(db: Cursor[Any], block: int) -> None:
    """Makes every projection what it was right after `block`."""
    for projection in PROJECTIONS:
        _forget(db, projection, block)
        if projection.history is not None:
            _restore(db, projection, block)


def _forget(db: Cursor[Any], projection: Projection, block: int) -> None:
    column = "updated_block" if projection.erasable else projection.born
    statement = SQL("DELETE FROM {} WHERE {} > %s")
    db.execute(statement.format(Identifier(projection.name), Identifier(column)), [block])


def _restore(db: Cursor[Any], projection: Projection, block: int) -> None:
    """Moves the versions that stood at `block` back, and drops those that began after it."""
    assert projection.history is not None
    statement = _insert(projection) if projection.erasable else _reset(projection)
    db.execute(statement, {"block": block})
    history = Identifier(projection.history.name)
    db.execute(SQL("DELETE FROM {} WHERE until_block > %s").format(history), [block])


def _insert(projection: Projection) -> Composed:
    names = SQL(", ").join(map(Identifier, projection.columns))
    return SQL(
        "INSERT INTO {table} ({names}) SELECT {names} FROM {history}"
        " WHERE until_block > %(block)s AND updated_block <= %(block)s"
    ).format(
        table=Identifier(projection.name),
        history=Identifier(f"{projection.name}_history"),
        names=names,
    )


def _reset(projection: Projection) -> Composed:
    assignments = (SQL("{0} = h.{0}").format(Identifier(name)) for name in projection.changing)
    same = (SQL("t.{0} = h.{0}").format(Identifier(name)) for name in projection.key)
    return SQL(
        "UPDATE {table} t SET {assignments} FROM {history} h"
        " WHERE {same} AND h.until_block > %(block)s AND h.updated_block <= %(block)s"
    ).format(
        table=Identifier(projection.name),
        history=Identifier(f"{projection.name}_history"),
        assignments=SQL(", ").join(assignments),
        same=SQL(" AND ").join(same),
    )
