"""Relay connections, one for all lists: each part is read when it is selected, and not before."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

import strawberry

from api.limits import int32
from api.paging import Args, Page, Slice
from api.reads.listing import Listing
from api.reads.lists import Asked
from api.reads.view import View
from api.types.field import field
from api.types.inputs import Direction

N = TypeVar("N")
Make = Callable[[View, Any], N]
"""Makes a node from a row."""


class Pages(Protocol):
    """A list as one field asked for it."""

    @property
    def view(self) -> View: ...

    @property
    def page(self) -> Page: ...

    async def slice(self) -> Slice: ...

    async def count(self) -> int: ...

    async def has_next(self) -> bool: ...

    async def has_previous(self) -> bool: ...


class Order(Protocol):
    """An `orderBy` argument."""

    @property
    def field(self) -> Enum: ...

    @property
    def direction(self) -> Direction: ...


@strawberry.type
class PageInfo:
    asked: strawberry.Private[Pages]

    @field
    async def has_next_page(self) -> bool:
        return await self.asked.has_next()

    @field
    async def has_previous_page(self) -> bool:
        return await self.asked.has_previous()

    @field
    async def start_cursor(self) -> str | None:
        return await self._cursor(0)

    @field
    async def end_cursor(self) -> str | None:
        return await self._cursor(-1)

    async def _cursor(self, index: int) -> str | None:
        rows = (await self.asked.slice()).rows
        return self.asked.page.sort.cursor(rows[index]) if rows else None


@strawberry.type
class Edge(Generic[N]):
    asked: strawberry.Private[Pages]
    row: strawberry.Private[Any]
    node: N

    @field
    def cursor(self) -> str:
        return self.asked.page.sort.cursor(self.row)


@strawberry.type
class Connection(Generic[N]):
    asked: strawberry.Private[Pages]
    make: strawberry.Private[Make[Any]]

    @field
    async def edges(self) -> list[Edge[N]]:
        view = self.asked.view
        rows = (await self.asked.slice()).rows
        return [Edge(asked=self.asked, row=row, node=self.make(view, row)) for row in rows]

    @field
    async def nodes(self) -> list[N]:
        view = self.asked.view
        return [self.make(view, row) for row in (await self.asked.slice()).rows]

    @field
    def page_info(self) -> PageInfo:
        return PageInfo(asked=self.asked)

    @field
    async def total_count(self) -> int:
        return int32(await self.asked.count())


def connection(
    view: View,
    listing: Listing[Any],
    make: Make[N],
    args: Args,
    *,
    key: Any = None,
    where: Any = None,
    order: Order | None = None,
) -> Connection[N]:
    """The list as the field asked for it; raises BAD_USER_INPUT for arguments that make no page."""
    if order is None:
        sort, descending = next(iter(listing.sorts.values())), listing.descending
    else:
        sort = listing.sorts[order.field.name]
        descending = order.direction is Direction.DESC
    page = args.page(sort, descending=descending)
    asked = Asked(view=view, listing=listing, where=where, page=page, key=key)
    return Connection(asked=asked, make=make)
