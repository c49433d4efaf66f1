"""The API as a client sees it: documents over HTTP, and lists walked page by page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx

PAGE: Final = 7
"""Nodes of a page: so few that every list has several."""
META: Final = """{ meta {
  chainId block { number hash timestamp } headBlock lag synced eventCount reorgCount
} }"""
Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A connection: its name, arguments beyond the page, and what is read of each node."""

    name: str
    fields: str
    inner: "tuple[List, ...]" = ()
    one: str = ""
    """The root field of a single one, its argument and the argument's type."""

    def selection(self) -> str:
        """What is asked of each node: its fields and the first pages of its inner lists."""
        return " ".join([self.fields, *(each.page() for each in self.inner)])

    def page(self, arguments: str = "") -> str:
        """One page of it."""
        return (
            f"{self.name}(first: $first {arguments}) {{ totalCount nodes {{ {self.selection()} }} "
            "pageInfo { hasNextPage endCursor } }"
        )

    def document(self) -> str:
        """Asks for a page of the root list."""
        page = self.page("after: $after, block: $block")
        return f"query($first: Int, $after: String, $block: BlockConstraint) {{ {page} }}"

    def single(self, selection: str = "", *, after: bool = False) -> str:
        """Asks for a single one: for all of it, or for a page of what it holds."""
        name, argument, kind = self.one.split()
        more = "$after: String, " if after else ""
        return (
            f"query($first: Int, {more}$key: {kind}!, $block: BlockConstraint) {{ "
            f"one: {name}({argument}: $key, block: $block) {{ {selection or self.selection()} }} }}"
        )


class Graph:
    """One API. `page`: how many nodes are asked for at once."""

    def __init__(self, url: str) -> None:
        self._url, self.page = url, PAGE
        self._client = httpx.Client(timeout=60)

    def close(self) -> None:
        self._client.close()

    def query(self, document: str, **variables: Any) -> Any:
        """The data; errors fail the test."""
        answer = self._client.post(self._url, json={"query": document, "variables": variables})
        told = answer.json()
        assert "errors" not in told, (document, told["errors"])
        return told["data"]

    def answers(self) -> bool:
        """Whether it answers with data."""
        try:
            return "errors" not in self._client.post(self._url, json={"query": META}).json()
        except httpx.TransportError:
            return False

    def meta(self) -> Node:
        return dict(self.query(META)["meta"])

    def all(self, found: List, block: int | None = None) -> list[Node]:
        """Every node of a root list, its inner lists whole, as of a block or now."""
        at = None if block is None else {"number": block}

        def page(after: str | None) -> Any:
            return self._paged(found.document(), after=after, block=at)[found.name]

        nodes = list(_walk(page, page(None), self.page))
        for node in nodes:
            self._complete(found, node, node[found.one.split()[1]], at)
        return nodes

    def one(self, found: List, key: str, block: int | None = None) -> Node:
        """A single one with its inner lists whole."""
        at = None if block is None else {"number": block}
        node: Node = self._paged(found.single(), key=key, block=at)["one"]
        self._complete(found, node, key, at)
        return node

    def _paged(self, document: str, **variables: Any) -> Any:
        return self.query(document, first=self.page, **variables)

    def _complete(self, found: List, node: Node, key: str, at: Any) -> None:
        """Replaces each inner connection, of which the first page is there, by all of its nodes."""
        for inner in found.inner:
            document = found.single(inner.page("after: $after"), after=True)

            def page(after: str | None, document: str = document, name: str = inner.name) -> Any:
                return self._paged(document, after=after, key=key, block=at)["one"][name]

            node[inner.name] = list(_walk(page, node[inner.name], self.page))


def _walk(read: Callable[[str | None], Any], page: Any, most: int) -> Iterator[Node]:
    """All nodes from this page on; counts them, and holds the pages to their size."""
    total, count = page["totalCount"], 0
    while True:
        assert len(page["nodes"]) <= most
        count += len(page["nodes"])
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = read(page["pageInfo"]["endCursor"])
        assert page["totalCount"] == total
    assert count == total, f"{count} nodes, totalCount {total}"
