"""What the leading indexer waits for, kept where `dchat status` can see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import Cursor

INDEX: Final = ""
"""The subject of what the index itself waits for; every other one is a node."""
LONGEST: Final = 500
"""Characters of a cause that are kept."""

READ: Final = "SELECT subject, cause, since FROM waits ORDER BY subject"
"""Reads the whole table: a row for each node, at most."""
FORGET: Final = "DELETE FROM waits"
KEEP: Final = "INSERT INTO waits (subject, cause, since) VALUES (%s, %s, %s)"


class Wait(NamedTuple):
    """`subject` waits, or rests, for this cause, since then."""

    subject: str
    cause: str
    since: datetime


def read(db: Cursor[Any]) -> list[Wait]:
    """What the index waits for, and the nodes that rest, as they were last told."""
    return [Wait(*row) for row in db.execute(READ).fetchall()]


def replace(db: Cursor[Any], waits: Sequence[Wait]) -> None:
    """Puts these in the place of all others."""
    db.execute(FORGET)
    if waits:
        db.executemany(KEEP, [(one.subject, _text(one.cause), one.since) for one in waits])


def _text(cause: str) -> str:
    return cause.replace("\0", "\N{REPLACEMENT CHARACTER}")[:LONGEST]
