"""One entity folded anew from all its facts: what its rows have to be, and making them so."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from psycopg import Cursor
from psycopg.sql import SQL, Identifier
from sqlalchemy import Table

from indexer.db import bulk, tallies
from indexer.events.observations import Kind
from indexer.projections.entities import Entity, EntityKind
from indexer.projections.fold import fold, touched
from indexer.projections.preimages import Preimages
from indexer.projections.touched import Touched
from indexer.projections.world import World
from indexer.sync.stored import REWRITING, facts_of

Rows = dict[str, set[tuple[Any, ...]]]
"""Table → its rows about one entity, in the order of the table's columns; jsonb as its text."""
BOUNDS: Final = ("created_block", "updated_block", "until_block")
EARLIER_GROUPS: Final = """
SELECT count(*) FROM groups WHERE (created_block, created_log) <
    (SELECT created_block, created_log FROM groups WHERE key = %s)
"""
"""Served by groups_created_block_created_log_idx."""


def folded(db: Cursor[Any], entity: Entity) -> Rows:
    """The rows that the entity's facts make, by table: the current ones and the past ones."""
    return dict(_made(_world(db, entity), entity))


def standing(db: Cursor[Any], entity: Entity) -> Rows:
    """The rows that the tables hold."""
    found: Rows = {}
    for table in _tables(entity):
        statement = SQL("SELECT {} FROM {} WHERE {} = %s").format(
            SQL(", ").join(map(Identifier, table.columns.keys())),
            Identifier(table.name),
            Identifier(table.columns.keys()[0]),
        )
        found[table.name] = set(map(_comparable, db.execute(statement, [entity.key])))
    return found


def rewrite(
    db: Cursor[Any], observations: Iterable[tuple[int, bytes]], *, upto: int | None = None
) -> None:
    """Folds anew what observations (kind and key) that came or went can have rewritten."""
    for entity in {Entity(REWRITING[Kind(k)], key) for k, key in observations if k in REWRITING}:
        refold(db, entity, upto=upto)


def refold(db: Cursor[Any], entity: Entity, *, upto: int | None = None) -> bool:
    """Makes the entity's rows what its facts, up to that block, say; False where they were so.

    Without a block the rows are the served ones: what was tallied of them is forgotten.
    """
    world = _world(db, entity, upto)
    made, stood = dict(_made(world, entity)), standing(db, entity)
    if made == stood:
        return False
    if upto is None:
        tallies.forget(db, _blocks(entity, made) | _blocks(entity, stood))
    for table in _tables(entity):
        statement = SQL("DELETE FROM {} WHERE {} = %s")
        names = Identifier(table.name), Identifier(table.columns.keys()[0])
        db.execute(statement.format(*names), [entity.key])
    for rows in _touched(world, entity):
        bulk.copy(db, rows.projection.current, _current(rows, entity))
        if rows.projection.history is not None:
            bulk.copy(db, rows.projection.history, _past(rows, entity))
    return True


def _world(db: Cursor[Any], entity: Entity, upto: int | None = None) -> World:
    known = 0
    if entity.kind is EntityKind.GROUP:
        row = db.execute(EARLIER_GROUPS, [entity.key]).fetchone()
        known = row[0] if row else 0
    world, facts = World(Preimages(known)), facts_of(db, entity)
    if upto is not None:
        facts = [fact for fact in facts if fact.block <= upto]
    touched(facts, world)
    fold(facts, world)
    return world


def _tables(entity: Entity) -> Iterator[Table]:
    for projection in entity.kind.tables:
        yield projection.current
        if projection.history is not None:
            yield projection.history


def _blocks(entity: Entity, rows: Rows) -> set[int]:
    """The blocks in which these versions began or ended."""
    return {
        row[place]
        for table in _tables(entity)
        for place, column in enumerate(table.columns.keys())
        if column in BOUNDS
        for row in rows[table.name]
    }


def _touched(world: World, entity: Entity) -> list[Touched[Any]]:
    return [getattr(world, projection.name) for projection in entity.kind.tables]


def _current(rows: Touched[Any], entity: Entity) -> Iterator[tuple[Any, ...]]:
    made = map(msgspec.structs.astuple, rows.inserted())
    return (row for row in made if row[0] == entity.key)


def _past(rows: Touched[Any], entity: Entity) -> Iterator[tuple[Any, ...]]:
    return (row for row in rows.superseded if row[0] == entity.key)


def _made(world: World, entity: Entity) -> Iterator[tuple[str, set[tuple[Any, ...]]]]:
    for rows in _touched(world, entity):
        projection = rows.projection
        yield projection.name, set(map(_comparable, _current(rows, entity)))
        if projection.history is not None:
            yield projection.history.name, set(map(_comparable, _past(rows, entity)))


def _comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row, so that it can be in a set."""
    return tuple(
        msgspec.json.encode(value, order="sorted") if isinstance(value, dict) else value
        for value in row
    )
