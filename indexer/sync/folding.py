"""Facts into the projected tables: what they touch is read by key, folded, and written by set."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from psycopg import Cursor

from indexer.db import bulk, models
from indexer.projections.fold import fold, owners, touched
from indexer.projections.preimages import Preimages
from indexer.projections.touched import Touched
from indexer.projections.world import Fact, World

COUNT_GROUPS: Final = "SELECT count(*) FROM groups"


def preimages(db: Cursor[Any]) -> Preimages:
    """What finds the ids of the groups that come after those of the table."""
    row = db.execute(COUNT_GROUPS).fetchone()
    return Preimages(row[0] if row else 0)


def load(db: Cursor[Any], facts: Sequence[Fact], known: Preimages) -> World:
    """The rows that the facts touch; groups first, because they name their owners."""
    world = World(known)
    keys = touched(facts, world)
    [groups] = bulk.select(db, [(models.GROUPS, list(keys.pop("groups", ())))])
    world.groups.load(groups)
    keys["members"] |= owners(facts, world)
    tables = world.tables()
    wanted = [(one.projection, list(keys.get(one.projection.name, ()))) for one in tables]
    for table, rows in zip(tables, bulk.select(db, wanted), strict=True):
        table.load(rows)
    return world


def apply(db: Cursor[Any], facts: Sequence[Fact], world: World) -> None:
    """Makes the tables what they are after these facts, which come in the order of the chain."""
    fold(facts, world)
    for table in world.tables():
        _save(db, table)


def _save(db: Cursor[Any], table: Touched[Any]) -> None:
    projection = table.projection
    bulk.delete(db, projection, table.erased())
    bulk.update(db, projection, list(map(table.values, table.updated())))
    bulk.copy(db, projection.current, map(msgspec.structs.astuple, table.inserted()))
    if projection.history is not None:
        bulk.copy(db, projection.history, table.superseded)
