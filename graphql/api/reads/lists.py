"""Reads pages, counts and single rows through a view."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Row, Select, select
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.types import TypeEngine

from api.paging import EMPTY, Page, Slice
from api.reads.keyed import BYTES
from api.reads.listing import Listing
from api.reads.moment import Moment
from api.reads.view import View

W = TypeVar("W")
V = TypeVar("V")

SIDES: Final = ("after", "before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Single rows by key. `columns` are the key's columns, `types` their types."""

    name: str
    rows: Callable[[Moment], FromClause]
    columns: tuple[str, ...]
    types: Sequence[TypeEngine[Any]] = BYTES

    async def row(self, view: View, key: Any) -> Row[Any] | None:
        """The row that has this key at the view's moment."""

        def inner(keys: Any) -> Select[Any]:
            rows = self.rows(view.moment)
            pairs = zip(self.columns, keys.c, strict=True)
            return select(rows).where(*(rows.c[name] == key for name, key in pairs)).limit(1)

        loader = view.batched(self.name, inner, _first, None, self.types, form=self.name)
        return await loader(key)


def _first(rows: Sequence[Row[Any]]) -> Row[Any] | None:
    return rows[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[W]):
    """One list as one field asked for it. Each part is read once, when a method is awaited."""

    view: View
    listing: Listing[W]
    where: W | None
    page: Page
    key: Any = None

    async def slice(self) -> Slice:
        """The page's rows."""

        def statement(key: Any) -> Select[Any]:
            return self.listing.page(self.view.moment, self.where, self._form, key)

        return await self._read("page", statement, self._cut, EMPTY)

    async def count(self) -> int:
        """How many rows the whole list has."""

        def statement(key: Any) -> Select[Any]:
            return self.listing.count(self.view.moment, self.where, key)

        def number(rows: Sequence[Row[Any]]) -> int:
            return int(rows[0].n)

        return await self._read("count", statement, number, 0)

    async def has_next(self) -> bool:
        """Whether the list goes on after this page."""
        if not self.page.backward and (await self.slice()).more:
            return True
        return self.page.before is not None and await self._beyond("before")

    async def has_previous(self) -> bool:
        """Whether the list has something before this page."""
        if self.page.backward and (await self.slice()).more:
            return True
        return self.page.after is not None and await self._beyond("after")

    async def _beyond(self, side: str) -> bool:
        def statement(key: Any) -> Select[Any]:
            return self.listing.beyond(self.view.moment, self.where, self._form, key, side)

        return await self._read(side, statement, bool, False)

    def _cut(self, rows: Sequence[Row[Any]]) -> Slice:
        kept = rows[: self.page.size]
        more = len(rows) > self.page.size
        return Slice(kept[::-1] if self.page.backward else kept, more)

    async def _read(
        self,
        what: str,
        statement: Callable[[Any], Select[Any]],
        take: Callable[[Sequence[Row[Any]]], V],
        missing: V,
    ) -> V:
        page = None if what == "count" else self.page
        name = (self.listing.name, what, repr(self.where), page)
        if self.listing.under is not None:

            def inner(keys: Any) -> Select[Any]:
                return statement(keys.c.key0)

            form = (self.listing.name, what, None if what == "count" else self._form)
            loader = self.view.batched(
                name,
                inner,
                take,
                missing,
                self.listing.types,
                form=form if self._has_form else None,
                values=self._values,
            )
            return await loader(self.key)
        rows = await self.view.single(name, lambda: statement(None))
        return take(rows) if rows else missing

    @property
    def _has_form(self) -> bool:
        """Whether the statement is the same for all pages of this length, whoever asks."""
        return self.where is None and self.listing.under is not None

    @property
    def _form(self) -> Page:
        """The page, its bounds as parameters of the statement."""
        if not self._has_form:
            return self.page
        after, before = self.page.after, self.page.before
        return replace(self.page, after=after and "after", before=before and "before")

    @property
    def _values(self) -> Mapping[str, Any]:
        if not self._has_form:
            return {}
        return {
            f"{side}{n}": value
            for side in SIDES
            for n, value in enumerate(getattr(self.page, side) or ())
        }
