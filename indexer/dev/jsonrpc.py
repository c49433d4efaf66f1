"""A small JSON-RPC client for the dev chain, which is ours: no fail-over, no doubt."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp

from indexer.errors import NodeUnavailable


class Refused(Exception):
    """The node's own words why it did not do what was asked."""


class JsonRpc:
    """One endpoint; answers are plain JSON."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self._session, self._ids = url, session, count(1)

    async def call(self, method: str, *params: Any) -> Any:
        """The result. Raises Refused on an error answer, NodeUnavailable where there is none."""
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        try:
            async with self._session.post(self.url, json=request) as response:
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NodeUnavailable(f"{self.url} does not answer {method}: {error}") from None
        if "error" in answer:
            raise Refused(str(answer["error"].get("message", answer["error"])))
        return answer.get("result")

    async def number(self, method: str, *params: Any) -> int:
        """The result of a method that answers a hex quantity."""
        return int(await self.call(method, *params), 16)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[JsonRpc]:
    """A client of that endpoint."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield JsonRpc(url, session)
