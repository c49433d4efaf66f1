"""A node whose chain grows when it is told to, and that announces it to those who subscribed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
from aiohttp import WSMsgType, web

from benchmarks.archive import Archive
from benchmarks.server import Node


class Growing(Archive):
    """The chain of a folder up to block `top`."""

    def __init__(self, folder: Path, top: int) -> None:
        super().__init__(folder)
        self.top = top

    @property
    def head(self) -> int:
        return min(self.top, super().head)

    def count(self, number: int) -> int:
        """How many events the block has."""
        return self.events_before(number + 1) - self.events_before(number)

    @property
    def last(self) -> int:
        """The newest block that there will be."""
        return super().head


class LiveNode:
    """Answers over HTTP, and over WebSocket at the same address where it `announces`."""

    def __init__(self, chain: Growing, *, announces: bool = True) -> None:
        self.chain = chain
        self.url = ""
        self._node = Node(chain)
        self._announces = announces
        self._listeners: set[web.WebSocketResponse] = set()

    async def grow(self) -> int:
        """Adds a block and announces it; returns its number."""
        self.chain.top += 1
        header = msgspec.Raw(bytes(self.chain.header(self.chain.top)))
        told = {"subscription": "0x1", "result": header}
        text = msgspec.json.encode({"jsonrpc": "2.0", "method": "eth_subscription", "params": told})
        for listener in tuple(self._listeners):
            await listener.send_str(text.decode())
        return self.chain.top

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return await self._subscribed(request)
        pieces = self._node.respond(await request.read())
        return web.Response(body=b"".join(pieces), content_type="application/json")

    async def _subscribed(self, request: web.Request) -> web.StreamResponse:
        if not self._announces:
            raise web.HTTPMethodNotAllowed("GET", ["POST"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                asked = cast(dict[str, Any], frame.json())
                await socket.send_json({"jsonrpc": "2.0", "id": asked["id"], "result": "0x1"})
                self._listeners.add(socket)
        self._listeners.discard(socket)
        return socket

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LiveNode"]:
        """Serves on a free port as long as the context lasts."""
        app = web.Application(client_max_size=16 << 20)
        app.router.add_route("*", "/", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            yield self
        finally:
            await runner.cleanup()
