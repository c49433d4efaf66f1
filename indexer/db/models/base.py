"""Projected tables keep their past: what stands is in `t`, what stood before in `t_history`.

A version is valid from its `updated_block` up to, but not including, its `until_block`; the row in
`t` is valid until further notice. At most one version of a key is valid at a block, so time travel
is a WHERE clause, and undo moves versions back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, MetaData, Table, select, union_all
from sqlalchemy.sql.expression import FromClause

from indexer.db.types import Height, col

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """One projected table.

    `born` is the column that holds the block of the row's first fact. `changing` columns are set
    anew by later facts (`updated_block` among them); a projection without any never changes. Rows
    of an `erasable` one can go away, so its history holds whole rows; elsewhere what never changes
    is only in `current`.
    """

    current: Table
    history: Table | None
    key: tuple[str, ...]
    born: str
    changing: tuple[str, ...]
    erasable: bool

    @property
    def name(self) -> str:
        return self.current.name

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.current.columns.keys())

    def at(self, block: int | ColumnElement[int] | None) -> FromClause:
        """The rows that stood right after `block`; None: those that stand now."""
        if block is None:
            return self.current
        if self.history is None:
            t = self.current
            return select(t).where(t.c[self.born] <= block).subquery(self.name)
        return union_all(self._standing(block), self._superseded(block)).subquery(self.name)

    def _standing(self, block: Any) -> Any:
        return select(self.current).where(self.current.c.updated_block <= block)

    def _superseded(self, block: Any) -> Any:
        t, h = self.current, self.history
        assert h is not None
        valid = (h.c.updated_block <= block) & (h.c.until_block > block)
        if self.erasable:
            return select(*(h.c[name] for name in self.columns)).where(valid)
        past = {*self.key, *self.changing}
        joined = h.join(t, _same_key(self.key, t, h))
        source = (h.c[name] if name in past else t.c[name] for name in self.columns)
        return select(*source).select_from(joined).where(valid)


def _same_key(key: Iterable[str], a: Table, b: Table) -> Any:
    first, *rest = (a.c[name] == b.c[name] for name in key)
    for condition in rest:
        first = first & condition
    return first


PROJECTIONS: list[Projection] = []
"""Every projection, parents before children."""


def projection(
    name: str,
    *items: Column[Any] | Index,
    born: str = "created_block",
    changing: tuple[str, ...] = (),
    erasable: bool = False,
) -> Projection:
    """Declares `name` and, when anything in it changes, `name_history`."""
    current = Table(name, metadata, *items)
    key = tuple(column.name for column in current.primary_key.columns)
    kept = tuple(current.columns.keys()) if erasable else (*key, *changing)
    history = _history(current, key, kept) if changing else None
    made = Projection(
        current=current, history=history, key=key, born=born, changing=changing, erasable=erasable
    )
    PROJECTIONS.append(made)
    return made


def _history(current: Table, key: tuple[str, ...], kept: tuple[str, ...]) -> Table:
    """Its primary key serves the past of one entity, `until_block` time travel and undo."""
    columns = [
        col(c.name, c.type, null=bool(c.nullable), pk=c.name in (*key, "updated_block"))
        for c in (current.columns[name] for name in kept)
    ]
    until = col("until_block", Height)
    return Table(f"{current.name}_history", metadata, *columns, until, Index(None, "until_block"))
