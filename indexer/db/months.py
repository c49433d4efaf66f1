"""The partitions of messages: one for each month, made ahead, and taken away when they are old.

They are vacuumed often, also where rows only come: an index alone answers only for pages of the
table of which it is known that everybody sees all of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from psycopg import Cursor
from psycopg.sql import SQL, Identifier, Literal

from indexer.db.models import MONTHLY

LOCK: Final = 0x64636861740004
"""Advisory lock that lets one process at a time make months."""
EXISTING: Final = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'messages'::regclass ORDER BY 1
"""
NAMES: Final = tuple(table.name for table in MONTHLY)
OFTEN: Final = "autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02"


def month_of(time: datetime) -> datetime:
    """The first moment of its month."""
    return datetime(time.year, time.month, 1, tzinfo=UTC)


def after(month: datetime) -> datetime:
    """The month that follows."""
    return datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)


def ensure(db: Cursor[Any], first: datetime, last: datetime) -> list[datetime]:
    """Makes the months from that of `first` to that of `last`; returns those that are new."""
    wanted = list(_months(first, last))
    if not (set(wanted) - existing(db)):
        return []
    db.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    new = [month for month in wanted if month not in existing(db)]
    for month in new:
        for table in NAMES:
            _attach(db, table, month)
    return new


def existing(db: Cursor[Any]) -> set[datetime]:
    """The months that there are."""
    names = (name for (name,) in db.execute(EXISTING).fetchall())
    found = (name.rsplit("_", 1)[1] for name in names)
    return {
        datetime(int(one[:4]), int(one[4:]), 1, tzinfo=UTC)
        for one in found
        if one.isdecimal() and len(one) == 6
    }


def detach(db: Cursor[Any], month: datetime) -> list[str]:
    """Takes a month out of the tables; its rows stay in tables of their own, which are returned.

    Outside a transaction: readers are not made to wait.
    """
    names = [partition(table, month) for table in NAMES]
    for table, name in zip(NAMES, names, strict=True):
        statement = SQL("ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY")
        db.execute(statement.format(Identifier(table), Identifier(name)))
    return names


def partition(table: str, month: datetime) -> str:
    """What the table of a month is called."""
    return f"{table}_{month:%Y%m}"


def _months(first: datetime, last: datetime) -> Iterator[datetime]:
    month = month_of(first)
    while month <= last:
        yield month
        month = after(month)


def _attach(db: Cursor[Any], table: str, month: datetime) -> None:
    """Made apart and then attached, because that does not make readers wait."""
    name = Identifier(partition(table, month))
    made = SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH ({})")
    db.execute(made.format(name, Identifier(table), SQL(OFTEN)))
    attached = SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    bounds = (Literal(month.isoformat()), Literal(after(month).isoformat()))
    db.execute(attached.format(Identifier(table), name, *bounds))
