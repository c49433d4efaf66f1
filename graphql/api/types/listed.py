"""Short lists that are read whole, as pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.paging import Args, Page, Slice, Sort
from api.reads.view import View
from api.types.connection import Connection, Make


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What `lists.Asked` is of other lists; the rows are in the order of the page's sort."""

    view: View
    page: Page
    rows: Sequence[Any]

    async def slice(self) -> Slice:
        """The page's rows."""
        rows = [row for row in self.rows if self._within(row)]
        size, more = self.page.size, len(rows) > self.page.size
        kept = rows[max(0, len(rows) - size) :] if self.page.backward else rows[:size]
        return Slice(kept, more)

    def _within(self, row: Any) -> bool:
        place = tuple(getattr(row, key.column) for key in self.page.sort.keys)
        after, before = self.page.after, self.page.before
        return (after is None or place > after) and (before is None or place < before)

    async def has_next(self) -> bool:
        """Whether the list goes on after this page."""
        return await self._beyond(-1)

    async def has_previous(self) -> bool:
        """Whether it has something before this page."""
        return await self._beyond(0)

    async def _beyond(self, end: int) -> bool:
        rows = (await self.slice()).rows
        return bool(self.rows) and (not rows or rows[end] is not self.rows[end])

    async def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)


def listed(
    view: View, sort: Sort, rows: Sequence[Any], make: Make[Any], args: Args
) -> Connection[Any]:
    """The page of the rows that is asked for; raises BAD_USER_INPUT."""
    page = args.page(sort, descending=False)
    return Connection(asked=Whole(view=view, page=page, rows=rows), make=make)
