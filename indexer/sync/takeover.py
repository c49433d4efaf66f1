"""The side schema's tables into the place of the served ones: in one transaction that waits for
readers and never makes them wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier

from indexer.db import schema, side, swap
from indexer.db.connection import connect, translated
from indexer.errors import Busy, Fatal
from indexer.log import get_logger
from indexer.sync.shadow import Shadow, Swapped, wait_for_writer

log = get_logger(__name__)

READERS_WAIT: Final = 5.0
"""Seconds for which older readers are waited for: once before the index has to wait too, so that it
need not wait for those who take long."""
VACUUM_WAIT: Final = "3s"
"""Long enough for an automatic vacuum to give way."""
LOCK_WAIT: Final = "200ms"
"""How long readers may have to wait behind us."""
POLL: Final = 0.01
PAUSES: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two tries; the last one is repeated."""

JUDGE: Final = """
WITH judged AS (
    UPDATE events SET decoded = m.decoded FROM {side}.misjudged AS m
    WHERE events.block_number = m.block_number AND events.log_index = m.log_index
        AND events.decoded <> m.decoded
    RETURNING m.decoded
)
UPDATE cursor SET undecoded_count = undecoded_count + told.change
FROM (SELECT coalesce(sum(CASE WHEN decoded THEN -1 ELSE 1 END), 0) AS change FROM judged) AS told
"""
"""Served by the primary keys."""
TRANSACTION: Final = "SELECT pg_current_xact_id()::text"
STATE: Final = "SELECT pg_xact_status(%s::xid8)"


def take_over(url: str, shadow: Shadow, *, patience: float) -> int:
    """Serves the side schema's tables from now on; returns the block at which they took over.

    Raises Busy where readers do not end, Fatal where something stands on the served tables.
    """
    deadline, tries = time.monotonic() + patience, 0
    while True:
        block, cause = _try(url, shadow)
        if cause is None:
            return block
        pause = PAUSES[min(tries, len(PAUSES) - 1)]
        if time.monotonic() + pause > deadline:
            raise Busy(
                f"{cause}: the replay is kept, run the same command again to put it in place"
            )
        if tries == 0:
            log.info("waiting to put the new tables in place", cause=cause)
        tries += 1
        time.sleep(pause)


def refuse_attached(url: str, live: str | None = None) -> None:
    """Raises Fatal where something stands on the served tables that would not stand on new ones."""
    with _transaction(url) as db:
        _refuse(db, live or _schema(db))


def _try(url: str, shadow: Shadow) -> tuple[int, str | None]:
    """Where the tables took over, or else what is in the way."""
    with _transaction(url) as db:
        if (cause := _readers(db, shadow)) is not None:
            return 0, cause
        wait_for_writer(db)
        if (served := _served(db, shadow)) is not None:
            return served, None
        live = _schema(db)
        _refuse(db, live)
        block = _settled(shadow)
        cause = _readers(db, shadow) or _locked(db, live)
        if cause is not None:
            db.connection.rollback()
            return 0, cause
        schema.check(url)
        db.execute(SQL(JUDGE).format(side=Identifier(side.SIDE)))
        swap.swap(db, live)
        [(transaction,)] = db.execute(TRANSACTION).fetchall()
        shadow.swapped = Swapped(transaction, block)
        return block, None


def _served(db: psycopg.Cursor[Any], shadow: Shadow) -> int | None:
    """The block at which an earlier try put the tables in place, where its end was not heard of."""
    if shadow.swapped is None:
        return None
    [(state,)] = db.execute(STATE, [shadow.swapped.transaction]).fetchall()
    return shadow.swapped.block if state == "committed" else None


@contextmanager
def _transaction(url: str) -> Iterator[psycopg.Cursor[Any]]:
    with translated(), connect(url, name="dchat replay") as connection:
        with connection.cursor() as db:
            yield db


def _schema(db: psycopg.Cursor[Any]) -> str:
    [(schema,)] = db.execute("SELECT current_schema()").fetchall()
    return str(schema)


def _refuse(db: psycopg.Cursor[Any], live: str) -> None:
    if found := swap.attached(db, live):
        raise Fatal(
            f"{', '.join(found)} would not outlive a replay, which replaces the tables: drop what"
            " stands on them, replay, and create it again"
        )


def _settled(shadow: Shadow) -> int:
    """Brings the side schema level while the index waits for us; returns the block."""
    while True:
        if (step := shadow.step()).level:
            return step.last


def _readers(db: psycopg.Cursor[Any], shadow: Shadow) -> str | None:
    """Waits until nobody's snapshot is older than the side schema; says who does not end."""
    deadline = time.monotonic() + READERS_WAIT
    older = swap.under_way(db, [db.connection.info.backend_pid, *shadow.pids])
    while older and time.monotonic() < deadline:
        time.sleep(POLL)
        still = swap.under_way(db, ())
        older = {name: pid for name, pid in older.items() if name in still}
    if not older:
        return None
    return f"a transaction of Postgres's process {min(older.values())} does not end"


def _locked(db: psycopg.Cursor[Any], live: str) -> str | None:
    if swap.reserve(db, live, VACUUM_WAIT) and swap.seize(db, live, LOCK_WAIT):
        return None
    return "others keep locks on the tables"
