"""Walks a list page by page, as a Relay client does, and checks each page's pageInfo."""

from collections.abc import Callable
from typing import Any

from tests.integration.api.conftest import Client

PAGE = """totalCount edges { cursor node { id } } nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""


class Walker:
    """`field` is a list field with its filter and order, e.g. `groups(where: {…}`, left open."""

    def __init__(self, client: Client, field: str, size: int, parent: str | None = None) -> None:
        self._client, self._size = client, size
        self._field = field if "(" in field else f"{field}("
        self._parent = parent

    async def page(self, paging: str) -> Any:
        inner = f"page: {self._field} {paging}) {{ {PAGE} }}"
        if self._parent is None:
            return (await self._client.data(f"{{ {inner.replace('( )', '')} }}"))["page"]
        data = await self._client.data(f"{{ parent: {self._parent} {{ {inner} }} }}")
        return data["parent"]["page"]

    async def walk(self, listed: Callable[[], list[str]], *, backward: bool) -> None:
        """Turns page after page to the end; each has to be what comes next in the list as
        `listed` then has it, which may put more rows into it.
        """
        side, end, cursor = ("last", "start", "before") if backward else ("first", "end", "after")
        paging, place, more = f"{side}: {self._size}", None, True
        while more:
            ids = listed()[:: -1 if backward else 1]
            start = 0 if place is None else ids.index(place) + 1
            page = await self.page(paging)
            got = self._checked(page)[:: -1 if backward else 1]
            assert got == ids[start : start + self._size]
            assert page["totalCount"] == len(ids)
            info = page["pageInfo"]
            sides = [info["hasNextPage"], info["hasPreviousPage"]]
            more, passed = reversed(sides) if backward else sides
            assert (more, passed) == (start + self._size < len(ids), start > 0)
            place = got[-1] if got else place
            paging = f'{side}: {self._size}, {cursor}: "{info[f"{end}Cursor"]}"'

    @staticmethod
    def _checked(page: Any) -> list[str]:
        ids = [edge["node"]["id"] for edge in page["edges"]]
        assert ids == [node["id"] for node in page["nodes"]]
        cursors = [edge["cursor"] for edge in page["edges"]] or [None]
        info = page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        return ids
