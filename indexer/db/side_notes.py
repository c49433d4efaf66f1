"""What the side schema knows of itself, and which blocks of the served one it has to take again.

Every writer of facts takes the cursor's row first, so the order of their numbers is that in which
they committed.
"""

from typing import Any, Final, NamedTuple

import psycopg
from psycopg import Cursor
from psycopg.sql import SQL, Identifier, Literal

from indexer.db import side

TABLES: Final = f"""
CREATE TABLE {side.SIDE}.progress (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    first_block bigint NOT NULL,
    block_number bigint NOT NULL,
    reversal bigint NOT NULL,
    observation bigint NOT NULL,
    version text NOT NULL,
    filled boolean NOT NULL DEFAULT false,
    fetched_block bigint,
    fetched_hash bytea
);
CREATE TABLE {side.SIDE}.amended (block_number bigint NOT NULL);
CREATE TABLE {side.SIDE}.misjudged (
    block_number bigint,
    log_index integer,
    decoded boolean NOT NULL,
    PRIMARY KEY (block_number, log_index)
)
"""
BEGIN: Final = """
INSERT INTO progress (first_block, block_number, reversal, observation, version)
VALUES (%(first)s, %(first)s - 1, 0, 0, %(version)s)
"""
READ: Final = f"""
SELECT first_block, block_number, version, filled, fetched_block, fetched_hash
FROM {side.SIDE}.progress
"""
FETCHING: Final = f"""
CREATE TABLE {side.SIDE}.fetched (LIKE {{live}}.events INCLUDING ALL);
CREATE VIEW {side.SIDE}.events AS
    SELECT * FROM {{live}}.events WHERE block_number < {{first}}
    UNION ALL SELECT * FROM {side.SIDE}.fetched;
UPDATE {side.SIDE}.progress SET fetched_block = first_block - 1, fetched_hash = (
    SELECT hash FROM {{live}}.blocks WHERE number = first_block - 1
)
"""
CHANGED: Final = """
SELECT least(
    (SELECT min(first_block) FROM reversals WHERE number > reversal),
    (SELECT min(o.block_number) FROM {live}.observations AS o
     WHERE o.number > observation AND o.block_number <= progress.block_number),
    (SELECT min(amended.block_number) FROM amended)
) FROM progress
"""
"""Served by the primary key of reversals, and by observations_number_idx."""
HEED: Final = """
UPDATE progress SET
    reversal = coalesce((SELECT max(number) FROM reversals), 0),
    observation = coalesce((SELECT max(number) FROM {live}.observations), 0)
"""
"""Served by the same."""
AMEND: Final = f"INSERT INTO {side.SIDE}.amended VALUES (%s)"
MISJUDGED: Final = "INSERT INTO misjudged VALUES (%s, %s, %s)"


class Notes(NamedTuple):
    """`first_block` is the first one that is folded, `block_number` the last one that was;
    `version` names the folds; it is of no use before it was `filled` with what stood before.
    `fetched_block` is the last one whose events were fetched, None where they are the stored ones;
    its hash is None where nobody knows it.
    """

    first_block: int
    block_number: int
    version: str
    filled: bool
    fetched_block: int | None
    fetched_hash: bytes | None


def begin(db: Cursor[Any], first: int, version: str) -> None:
    """Makes the tables of notes, beside projections that are to begin with block `first`."""
    db.execute(TABLES)
    db.execute(BEGIN, {"first": first, "version": version})


def read(db: Cursor[Any]) -> Notes:
    """The notes of a side schema that was begun."""
    row = db.execute(READ).fetchone()
    assert row is not None, "the side schema was not begun"
    return Notes(*row)


def left(db: Cursor[Any]) -> Notes | None:
    """The same, where a replay may end at any moment; None where there is none (any more)."""
    try:
        with db.connection.transaction():
            return read(db) if side.exists(db) else None
    except psycopg.errors.UndefinedTable:
        return None


def fetching(db: Cursor[Any], live: str) -> None:
    """From the first block on, events are those that are fetched instead of the stored ones."""
    first = Literal(read(db).first_block)
    db.execute(SQL(FETCHING).format(live=Identifier(live), first=first))


def fetched(db: Cursor[Any], block: int, hash_: bytes) -> None:
    """The events up to this block are fetched."""
    db.execute("UPDATE progress SET fetched_block = %s, fetched_hash = %s", [block, hash_])


def filled(db: Cursor[Any]) -> None:
    """The side schema holds what stood before its first block."""
    db.execute("UPDATE progress SET filled = true")


def changed(db: Cursor[Any], live: str) -> int | None:
    """The lowest block whose facts changed since they were taken, if any did; told once."""
    row = db.execute(_of(CHANGED, live)).fetchone()
    db.execute(_of(HEED, live))
    db.execute("DELETE FROM amended")
    return row[0] if row else None


def moved(db: Cursor[Any], block: int) -> None:
    """Everything up to this block is folded."""
    db.execute("UPDATE progress SET block_number = %s", [block])


def fell_back(db: Cursor[Any], block: int) -> None:
    """Nothing after this block is folded any more."""
    db.execute("DELETE FROM misjudged WHERE block_number > %s", [block])
    db.execute("UPDATE progress SET block_number = least(block_number, %s)", [block])


def misjudge(db: Cursor[Any], events: list[tuple[int, int, bool]]) -> None:
    """Keeps of which events (block, log) it is known by now whether they can be decoded."""
    if events:
        db.executemany(MISJUDGED, events)


def amend(db: Cursor[Any], block: int) -> None:
    """To be said by whoever changes stored events of a block otherwise than by an undo."""
    if side.exists(db):
        db.execute(AMEND, [block])


def _of(text: str, live: str) -> Any:
    return SQL(text).format(live=Identifier(live))
