"""A list of the API, declared once: its rows, its orders, its filter, and whose list it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, tuple_, union_all
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.types import TypeEngine

from api.paging import Page, Sort
from api.reads.keyed import BYTES
from api.reads.late import derived
from api.reads.moment import Moment

W = TypeVar("W")

Conditions = Sequence[ColumnElement[bool]]
Alternatives = Sequence[Conditions]
"""The rows that satisfy one of them. No row satisfies two; each is read through its own index."""
ANYTHING: Alternatives = ((),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[W]):
    """`where` turns the client's filter into SQL; `under` ties a row to its parent's key, which is
    of these `types`.
    """

    name: str
    rows: Callable[[Moment], FromClause]
    sorts: Mapping[str, Sort]
    descending: bool
    where: Callable[[FromClause, W, Moment], Alternatives]
    under: Callable[[FromClause, Any, Moment], Alternatives] | None = None
    types: Sequence[TypeEngine[Any]] = BYTES

    def of(
        self, name: str, under: Callable[[FromClause, Any, Moment], Alternatives]
    ) -> "Listing[W]":
        """The same list, of one parent only."""
        return replace(self, name=name, under=under)

    def page(
        self, moment: Moment, where: W | None, page: Page, key: Any, ahead: int = 1
    ) -> Select[Any]:
        """The page's rows and `ahead` more, in the order in which they are read."""
        backwards = page.descending != page.backward
        bounds = _bounds(page)
        parts = self._parts(moment, where, key, bounds)
        ordered = [_ordered(part, page, backwards, ahead) for part in parts]
        if len(ordered) == 1:
            return ordered[0]
        return _ordered(select(union_all(*ordered).subquery()), page, backwards, ahead)

    def count(self, moment: Moment, where: W | None, key: Any) -> Select[Any]:
        """How many rows the list has."""
        return select(func.count().label("n")).select_from(
            _union(self._parts(moment, where, key, _everywhere))
        )

    def beyond(
        self, moment: Moment, where: W | None, page: Page, key: Any, side: str
    ) -> Select[Any]:
        """A row where the list goes on at or past the page's `after` or `before`."""

        def bound(rows: FromClause) -> Conditions:
            position = page.after if side == "after" else page.before
            upwards = (side == "before") != page.descending
            here, there = _sides(rows, page.sort, position)
            return [here >= there if upwards else here <= there]

        parts = [part.limit(1) for part in self._parts(moment, where, key, bound)]
        return select(literal(1).label("n")).select_from(_union(parts)).limit(1)

    def _parts(
        self,
        moment: Moment,
        where: W | None,
        key: Any,
        bounds: Callable[[FromClause], Conditions],
    ) -> list[Select[Any]]:
        rows = self.rows(moment)
        alternatives = ANYTHING if where is None else self.where(rows, where, moment)
        base = select(rows).where(*bounds(rows))
        if self.under is not None:
            base = base.correlate(key.table)
            alternatives = both(self.under(rows, key, moment), alternatives)
        return [base.where(*conditions) for conditions in alternatives]


def both(some: Alternatives, others: Alternatives) -> Alternatives:
    """The rows that satisfy one of `some` and one of `others`."""
    return [(*a, *b) for a, b in product(some, others)]


def _ordered(part: Select[Any], page: Page, backwards: bool, ahead: int) -> Select[Any]:
    columns = [part.selected_columns[key.column] for key in page.sort.keys]
    order = [column.desc() if backwards else column.asc() for column in columns]
    return part.order_by(*order).limit(page.size + ahead)


def _union(parts: Sequence[Select[Any]]) -> FromClause:
    return parts[0].subquery() if len(parts) == 1 else union_all(*parts).subquery()


def _everywhere(_rows: FromClause) -> Conditions:
    return ()


def _bounds(page: Page) -> Callable[[FromClause], Conditions]:
    def bounds(rows: FromClause) -> Conditions:
        conditions = []
        for position, later in ((page.after, True), (page.before, False)):
            if position is not None:
                here, there = _sides(rows, page.sort, position)
                upwards = later != page.descending
                conditions.append(here > there if upwards else here < there)
        return conditions

    return bounds


def _sides(rows: FromClause, sort: Sort, position: Any) -> tuple[Any, Any]:
    """A row's sort key and a position, as Postgres row values; of one that is a name, the values
    are parameters that begin with it.
    """
    columns = [rows.c[key.column] for key in sort.keys]
    if isinstance(position, str):
        named = (bindparam(f"{position}{n}", type_=c.type) for n, c in enumerate(columns))
        return tuple_(*columns), tuple_(*named)
    values = [
        bindparam(None, derived(position, itemgetter(n)), type_=column.type)
        for n, column in enumerate(columns)
    ]
    return tuple_(*columns), tuple_(*values)
