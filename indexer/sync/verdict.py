"""Whether the side schema holds what is served: table by table, at one and the same block."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Cursor
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import Table

from indexer.db import models, side, side_notes
from indexer.db.digests import Difference, Digest, differences, digest
from indexer.sync.stored import REWRITING

UNSEEN: Final = """
SELECT * FROM ({rows}) AS t WHERE NOT EXISTS (
    SELECT FROM {live}.observations AS o
    WHERE o.key = t.{key} AND o.kind = ANY({kinds}) AND o.block_number > {block})
"""
"""Served by the primary key of observations."""
WHERE: Final = ("served", "derived")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One table: what is served, what was derived, and where they differ first."""

    table: str
    served: Digest
    derived: Digest
    differences: list[Difference]

    @property
    def equal(self) -> bool:
        return self.served == self.derived


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Every projected table and history at the end of `block`, and the events, if fetched anew.

    `misjudged` are events that this program can decode and the index could not, or the other way.
    """

    block: int
    tables: list[Compared]
    misjudged: int

    @property
    def equal(self) -> bool:
        return all(one.equal for one in self.tables)


def verdict(db: Cursor[Any], live: str, block: int, *, newest: bool) -> Verdict:
    """Compares; `newest` where `block` is the newest block of the index.

    In an earlier block's past the served tables have what was observed later of things that never
    change otherwise, so payments and packets that were observed later are left out.
    """
    [(misjudged,)] = db.execute("SELECT count(*) FROM misjudged").fetchall()
    tables = [_compared(db, live, table, None if newest else block) for table in side.tables()]
    at = side_notes.read(db)
    if at.fetched_block is not None:
        tables.insert(0, _events(db, live, at.first_block, block))
    return Verdict(block=block, tables=tables, misjudged=misjudged)


def _events(db: Cursor[Any], live: str, first: int, last: int) -> Compared:
    """The stored events of these blocks, and those that were fetched."""
    names = SQL(", ").join(map(Identifier, models.events.columns.keys()))
    between = SQL("SELECT {} FROM {} WHERE block_number BETWEEN {} AND {}")
    served, derived = (
        between.format(names, place, Literal(first), Literal(last))
        for place in (Identifier(live, "events"), Identifier(side.SIDE, "fetched"))
    )
    return _both(db, models.events, served, derived)


def _compared(db: Cursor[Any], live: str, table: Table, block: int | None) -> Compared:
    served, derived = side.standing(table, live, block), side.standing(table, side.SIDE, None)
    if block is not None:
        served, derived = (_unseen(rows, live, table, block) for rows in (served, derived))
    return _both(db, table, served, derived)


def _both(db: Cursor[Any], table: Table, served: Composed, derived: Composed) -> Compared:
    sums = digest(db, served), digest(db, derived)
    key = list(table.primary_key.columns.keys())
    found = [] if sums[0] == sums[1] else differences(db, served, derived, key)
    return Compared(table=table.name, served=sums[0], derived=sums[1], differences=found)


def _unseen(rows: Composed, live: str, table: Table, block: int) -> Composed:
    """Those of the rows whose payment or packet was not observed after the block."""
    name = table.name.removesuffix("_history")
    kinds = [
        int(kind)
        for kind, entity in REWRITING.items()
        if name in {projection.name for projection in entity.tables}
    ]
    if not kinds:
        return rows
    return SQL(UNSEEN).format(
        rows=rows,
        live=Identifier(live),
        key=Identifier(table.columns.keys()[0]),
        kinds=Literal(kinds),
        block=Literal(block),
    )


def lines(told: Verdict) -> Iterator[str]:
    """The verdict for people, as a table."""
    width = max(len(one.table) for one in told.tables)
    yield f"{'table':{width}}  {'served':>12}  {'derived':>12}  digest"
    for one in told.tables:
        word = "equal" if one.equal else "DIFFERS"
        counts = f"{one.served.rows:>12,}  {one.derived.rows:>12,}"
        yield f"{one.table:{width}}  {counts}  {word}"
        for difference in one.differences:
            yield f"  {_named(difference)}"
    if told.misjudged:
        yield f"{told.misjudged:,} events are decoded now and were not, or the other way round"
    differing = sum(not one.equal for one in told.tables)
    yield f"block {told.block}: {f'{differing} tables differ' if differing else 'all equal'}"


def _named(one: Difference) -> str:
    place = " ".join(one.key)
    if one.only is not None:
        return f"{place}: only {WHERE[one.only]}"
    return f"{place}: {', '.join(one.columns)}"
