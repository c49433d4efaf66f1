"""The partitions of `events`: one for each stretch of blocks, made when the index gets there."""

from typing import Any, Final

from psycopg import Cursor
from psycopg.sql import SQL, Identifier, Literal

WIDTH: Final = 1 << 22
"""Blocks a partition: 19 months of Ethereum's, 12 days of a chain with four blocks a second."""
LOCK: Final = 0x64636861740003
"""Advisory lock that lets one process at a time make partitions."""


def ensure(db: Cursor[Any], first: int, last: int) -> list[str]:
    """Makes the partitions that blocks `first` to `last` need; returns the names of new ones.

    A table is made apart and then attached, because that does not make readers wait.
    """
    wanted = {f"events_p{n}": n * WIDTH for n in range(first // WIDTH, last // WIDTH + 1)}
    if all(_exists(db, name) for name in wanted):
        return []
    db.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    new = [name for name in wanted if not _exists(db, name)]
    for name in new:
        _attach(db, name, wanted[name])
    return new


def _exists(db: Cursor[Any], name: str) -> bool:
    row = db.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone()
    return bool(row and row[0])


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
