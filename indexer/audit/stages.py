"""What an index is gone over by: its entities kind by kind, then people, then group ids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from indexer.audit import entities, facts, list_checks, lists
from indexer.audit.check import Check, Context
from indexer.audit.checks import checks
from indexer.audit.differences import WORDS, Difference
from indexer.audit.moment import Moment
from indexer.audit.tables import Db
from indexer.projections.entities import Entity, EntityKind

COUNT: Final = "SELECT count(*) FROM {table}"
Founded = list[tuple[Entity, str, list[Difference]]]
"""(entity, table, where its rows are not what its facts make)."""
Page = Sequence[Any]
"""Entities, users or group names: each with a `key`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Things of one sort: `ahead` are the next so many after a key, `checks` what is asked of them.

    `founded` compares their rows with their facts; `missing` are those that facts speak of and no
    row does.
    """

    name: str
    ahead: Callable[[Db, bytes | None, int], Page]
    checks: Callable[[Db, Page, Moment, Context], list[Check]]
    founded: Callable[[Db, Page], Founded] = lambda db, page: []
    missing: Callable[[Db], Page] = lambda db: ()
    total: Callable[[Db], int | None] = lambda db: None


def _stage(kind: EntityKind) -> Stage:
    return Stage(
        name=f"{WORDS[kind]}s",
        ahead=lambda db, after, limit: entities.keys(db, kind, after, limit),
        checks=_entities,
        founded=_founded,
        missing=lambda db: facts.missing(db, kind),
        total=partial(_count, kind),
    )


def _count(kind: EntityKind, db: Db) -> int:
    row = db.execute(COUNT.format(table=kind.tables[0].name).encode()).fetchone()
    return int(row[0]) if row else 0


def _founded(db: Db, page: Page) -> Founded:
    return [(one, *told) for one in page for told in facts.unfounded(db, one)]


def _entities(db: Db, page: Page, moment: Moment, context: Context) -> list[Check]:
    held = entities.load(db, page, moment.number)
    return [check for one in held for check in checks(one, context)]


def _users(db: Db, page: Page, moment: Moment, _: Context) -> list[Check]:
    held = lists.load_users(db, page, moment.number)
    return [check for one in held for check in list_checks.of_user(one)]


def _names(db: Db, page: Page, moment: Moment, _: Context) -> list[Check]:
    held = lists.load_names(db, page, moment.number)
    return [check for one in held for check in list_checks.of_group_id(one)]


ENTITIES: Final = tuple(map(_stage, EntityKind))
STAGES: Final = (
    *ENTITIES,
    Stage(name="users", ahead=lists.users, checks=_users),
    Stage(name="group ids", ahead=lists.names, checks=_names),
)
