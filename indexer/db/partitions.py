"""The partitions of `events`: one for each stretch of blocks, made when the index gets there."""

from collections.abc import Iterable
from typing import Any, Final

from psycopg import Cursor
from psycopg.sql import SQL, Identifier, Literal

WIDTH: Final = 1 << 22
"""Blocks a partition: 19 months of Ethereum's, 12 days of a chain with four blocks a second."""
LOCK: Final = 0x64636861740003
"""Advisory lock that lets one process at a time make partitions."""
EXISTING: Final = """
SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid)
"""


def ensure(db: Cursor[Any], first: int, last: int) -> list[str]:
    """Makes the partitions that blocks `first` to `last` need; returns the names of new ones.

    A table is made apart and then attached, because that does not make readers wait.
    """
    wanted = {f"events_p{n}": n * WIDTH for n in range(first // WIDTH, last // WIDTH + 1)}
    if not _missing(db, wanted):
        return []
    db.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    new = _missing(db, wanted)
    for name in new:
        _attach(db, name, wanted[name])
    return new


def _missing(db: Cursor[Any], names: Iterable[str]) -> list[str]:
    """Those that are not there. Asks the catalog: to_regclass may remember what was before."""
    wanted = list(names)
    there = {name for (name,) in db.execute(EXISTING, [wanted]).fetchall()}
    return [name for name in wanted if name not in there]


def _attach(db: Cursor[Any], name: str, first: int) -> None:
    table = Identifier(name)
    db.execute(
        SQL("CREATE TABLE {} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)").format(table)
    )
    db.execute(
        SQL("ALTER TABLE events ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            table, Literal(first), Literal(first + WIDTH)
        )
    )
