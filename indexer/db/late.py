"""Indexes that come late: an index of a chain begins without those that only readers need, and
gets them once its history is in. Built at once they cost a third of what they cost row by row.

What was dropped is noted in the transaction that drops it, and forgotten in the one that builds it:
killed anywhere, the next run knows what is missing. Keys are never dropped.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import Cursor
from psycopg.sql import SQL, Identifier

from indexer.db import models, side

TABLES: Final = (models.events.name, *side.NAMES)
LOCK_WAIT: Final = "1s"
"""How long readers may keep us from dropping indexes; we then do without."""
MEMORY: Final = "256MB"
"""Of Postgres, for sorting what an index holds."""

SECONDARY: Final = """
SELECT indexes.relname, tables.relname, pg_get_indexdef(indexes.oid, 0, true)
FROM pg_index
JOIN pg_class AS tables ON tables.oid = indrelid
JOIN pg_class AS indexes ON indexes.oid = indexrelid
WHERE tables.relnamespace = current_schema()::regnamespace AND tables.relname = ANY(%s)
    AND NOT indisunique
ORDER BY array_position(%s, tables.relname), indexes.oid
"""
NOTE: Final = """
INSERT INTO late_indexes (name, table_name, definition) VALUES (%s, %s, %s)
"""
NOTED: Final = """
SELECT l.name, l.table_name, l.definition FROM late_indexes AS l
ORDER BY array_position(%s, l.table_name), l.name
"""
CLAIM: Final = "SELECT name FROM late_indexes WHERE name = ANY(%s) FOR UPDATE"
FORGET: Final = "DELETE FROM late_indexes WHERE name = %s"


class Late(NamedTuple):
    """An index that is missing, and the statement that makes it."""

    name: str
    table: str
    definition: str


def postpone(db: Cursor[Any]) -> bool:
    """Drops the indexes that only readers need; False where readers are in the way.

    The tables should be empty: what reads them meanwhile reads them whole.
    """
    names = [*TABLES]
    found = [Late(*row) for row in db.execute(SECONDARY, [names, names]).fetchall()]
    try:
        with db.connection.transaction():
            db.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
            for one in found:
                db.execute(SQL("DROP INDEX {}").format(Identifier(one.name)))
    except psycopg.errors.LockNotAvailable:
        return False
    db.executemany(NOTE, [one._replace(definition=_whole(one.definition)) for one in found])
    return True


def build_all(db: Cursor[Any]) -> None:
    """Gives every table what it is missing; the schema may be older than this program's."""
    if db.execute("SELECT to_regclass('late_indexes')").fetchone() != (None,):
        for table, indexes in groupby(missing(db), key=attrgetter("table")):
            build(db, table, [*indexes])


def _whole(definition: str) -> str:
    """The statement that indexes the partitions too: Postgres shows one for the parent alone."""
    return definition.replace(" ON ONLY ", " ON ", 1)


def missing(db: Cursor[Any]) -> list[Late]:
    """The indexes that are still to be built, table by table."""
    return [Late(*row) for row in db.execute(NOTED, [[*TABLES]]).fetchall()]


def build(db: Cursor[Any], table: str, indexes: Sequence[Late]) -> None:
    """Gives the table these indexes, and tells the planner what it holds.

    Whoever else builds some of them is waited for, and has then built them.
    """
    db.execute("SELECT set_config('maintenance_work_mem', %s, true)", [MEMORY])
    names = [one.name for one in indexes]
    left = {name for (name,) in db.execute(CLAIM, [names]).fetchall()}
    for one in indexes:
        if one.name in left:
            db.execute(one.definition.encode())
            db.execute(FORGET, [one.name])
    db.execute(SQL("ANALYZE {}").format(Identifier(table)))
