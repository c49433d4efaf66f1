"""Walks a list page by page, as a Relay client does, and checks each page's pageInfo."""

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

    async def forward(self) -> list[str]:
        """The ids of the whole list, from its first page to its last."""
        ids: list[str] = []
        page = await self.page(f"first: {self._size}")
        assert not page["pageInfo"]["hasPreviousPage"]
        while True:
            ids += self._checked(page)
            if not page["pageInfo"]["hasNextPage"]:
                assert page["totalCount"] == len(ids)
                return ids
            assert len(page["edges"]) == self._size
            cursor = page["pageInfo"]["endCursor"]
            page = await self.page(f'first: {self._size}, after: "{cursor}"')
            assert page["pageInfo"]["hasPreviousPage"]

    async def backward(self) -> list[str]:
        """The ids of the whole list, from its last page to its first."""
        ids: list[str] = []
        page = await self.page(f"last: {self._size}")
        assert not page["pageInfo"]["hasNextPage"]
        while True:
            ids = self._checked(page) + ids
            if not page["pageInfo"]["hasPreviousPage"]:
                assert page["totalCount"] == len(ids)
                return ids
            assert len(page["edges"]) == self._size
            cursor = page["pageInfo"]["startCursor"]
            page = await self.page(f'last: {self._size}, before: "{cursor}"')
            assert page["pageInfo"]["hasNextPage"]

    @staticmethod
    def _checked(page: Any) -> list[str]:
        ids = [edge["node"]["id"] for edge in page["edges"]]
        assert ids == [node["id"] for node in page["nodes"]]
        cursors = [edge["cursor"] for edge in page["edges"]] or [None]
        info = page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        return ids
