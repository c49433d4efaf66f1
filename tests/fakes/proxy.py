"""A node in front of another one, which does not serve some of its methods."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from aiohttp import web


@asynccontextmanager
async def lacking(url: str, methods: Collection[str]) -> AsyncIterator[str]:
    """The URL of a node that is the other one without these methods."""
    async with aiohttp.ClientSession() as session:

        async def one(call: dict[str, Any]) -> Any:
            if call["method"] in methods:
                error = {"code": -32601, "message": f"the method {call['method']} does not exist"}
                return {"jsonrpc": "2.0", "id": call["id"], "error": error}
            async with session.post(url, json=call) as response:
                return await response.json()

        async def serve(request: web.Request) -> web.Response:
            asked = msgspec.json.decode(await request.read())
            told = [await one(call) for call in asked] if isinstance(asked, list) else None
            return web.json_response(await one(asked) if told is None else told)

        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/", serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()
