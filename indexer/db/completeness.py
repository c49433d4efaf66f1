"""How it is known of each range of blocks that no log is missing."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

from psycopg import Cursor

from indexer.db import bulk, models
from indexer.units import BlockNumber


class Proof(IntEnum):
    """Why nobody hid a log, from the weakest reason to the strongest."""

    NODE = 0
    """A node says so."""
    PROVIDERS = 1
    """A second one, of another endpoint, says the same."""
    BLOOM = 2
    """The header hashes to the block's hash, and its bloom holds no address of ours."""
    RECEIPTS = 3
    """The receipts have the root that such a header names, and hold exactly these logs."""


class Range(NamedTuple):
    """The blocks `first` to `last`, both included."""

    first: BlockNumber
    last: BlockNumber
    proof: Proof


EXTEND: Final = """
WITH extended AS (
    UPDATE completeness SET last_block = %(last)s
    WHERE last_block = %(first)s - 1 AND proof = %(proof)s RETURNING 1
)
INSERT INTO completeness (first_block, last_block, proof)
SELECT %(first)s, %(last)s, %(proof)s WHERE NOT EXISTS (SELECT FROM extended)
"""
"""Served by completeness_last_block_idx."""
SHORTEN: Final = "UPDATE completeness SET last_block = %s WHERE last_block > %s"
"""Served by completeness_last_block_idx."""
FORGET: Final = "DELETE FROM completeness WHERE first_block > %s"
"""Served by the primary key."""
SUMMARY: Final = """
SELECT proof, sum(last_block - first_block + 1)::bigint, count(*) FROM completeness
GROUP BY proof ORDER BY proof DESC
"""
"""Reads the whole table, which has few rows because neighbours of one proof are one row."""
FIRST: Final = """
SELECT first_block, last_block, proof FROM completeness WHERE proof = %s
ORDER BY first_block LIMIT 1
"""
"""Served by the primary key."""


def add(db: Cursor[Any], ranges: Sequence[Range]) -> None:
    """Keeps ranges that ascend from the block after the last one that is known of."""
    joined = [*coalesced(ranges)]
    for one in joined[:1]:
        db.execute(EXTEND, one._asdict())
    bulk.copy(db, models.completeness, joined[1:])


def undo(db: Cursor[Any], block: int) -> None:
    """Forgets what is known of blocks after `block`."""
    db.execute(FORGET, [block])
    db.execute(SHORTEN, [block, block])


def coalesced(ranges: Sequence[Range]) -> Iterator[Range]:
    """The same, where neighbours of one proof are one range."""
    held: Range | None = None
    for one in ranges:
        if held is not None and (held.last + 1, held.proof) == (one.first, one.proof):
            held = held._replace(last=one.last)
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held


def summary(db: Cursor[Any]) -> list[tuple[Proof, int, int]]:
    """For each proof, the strongest first: how many blocks in how many ranges."""
    return [(Proof(proof), *counts) for proof, *counts in db.execute(SUMMARY).fetchall()]


def first(db: Cursor[Any], proof: Proof) -> Range | None:
    """The first range of that proof."""
    row = db.execute(FIRST, [proof]).fetchone()
    return Range(row[0], row[1], Proof(row[2])) if row else None
