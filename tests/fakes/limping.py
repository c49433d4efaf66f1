"""A node in front of a real one that limps: refuses, hangs, breaks off, talks nonsense, lags."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import Enum, auto
from random import Random
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import web
from anyio.from_thread import start_blocking_portal

from tests.fakes.node import broken

LAG: Final = 6
"""Blocks that a lagging backend has not seen, at most."""
WRONG: Final = "0x" + "bad0" * 16
FOR_EVER: Final = 3600.0


class Limp(Enum):
    """What happens to a request."""

    TOO_MANY = auto()
    """HTTP 429 with Retry-After."""
    SERVER_ERROR = auto()
    """HTTP 500 with a page of HTML."""
    HANG = auto()
    """No answer until the client gives up."""
    DROP = auto()
    """The connection is closed without an answer."""
    TRUNCATE = auto()
    """Half of the answer, then the connection is closed."""
    CUT_JSON = auto()
    """Half of the answer, as if it were whole."""
    TOO_WIDE = auto()
    """The error with which providers refuse a range, wherever logs are asked for by range."""
    BEHIND = auto()
    """The newest blocks are not known: null, and no logs of them, without a word."""
    NULL = auto()
    """null as every result."""
    OTHER_BLOCK = auto()
    """Logs, receipts and transactions name a block that is not the chain's."""


class Limping:
    """`rate`: the part of the requests that fail. `seen` counts how they did."""

    def __init__(self, url: str, rate: float, seed: int) -> None:
        self.rate, self.url = rate, url
        self.seen: Counter[Limp] = Counter()
        self._dice = Random(seed)
        self._deck: list[Limp] = []

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its URL, from a thread of its own."""
        with start_blocking_portal() as portal:
            with portal.wrap_async_context_manager(self._served()) as url:
                yield url

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[str]:
        async with aiohttp.ClientSession() as self._session:
            app = web.Application(client_max_size=64 << 20)
            app.router.add_post("/", self._serve)
            runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            try:
                yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
            finally:
                await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        limp = self._next()
        match limp:
            case Limp.TOO_MANY:
                return web.Response(status=429, headers={"Retry-After": "0.2"})
            case Limp.SERVER_ERROR:
                return web.Response(status=500, text="<html>oops</html>")
            case Limp.HANG:
                await asyncio.sleep(FOR_EVER)
        body = await self._answer(await request.read(), limp)
        if limp in (Limp.DROP, Limp.TRUNCATE):
            return await broken(request, body, drop=limp is Limp.DROP)
        return _json(body[: len(body) // 2] if limp is Limp.CUT_JSON else body)

    def _next(self) -> Limp | None:
        """Mostly nothing; each way once before any of them comes again."""
        if self._dice.random() >= self.rate:
            return None
        if not self._deck:
            self._deck = self._dice.sample([*Limp], len(Limp))
        limp = self._deck.pop()
        self.seen[limp] += 1
        return limp

    async def _answer(self, asked: bytes, limp: Limp | None) -> bytes:
        if limp in (Limp.NULL, Limp.OTHER_BLOCK):
            said = msgspec.json.decode(await self._post(asked))
            return msgspec.json.encode(_nothing(said) if limp is Limp.NULL else _misplaced(said))
        if limp not in (Limp.TOO_WIDE, Limp.BEHIND):
            return await self._post(asked)
        told = msgspec.json.decode(asked)
        calls = told if isinstance(told, list) else [told]
        if limp is Limp.TOO_WIDE:
            answers = [_refused(call) if _ranged(call) else await self._one(call) for call in calls]
        else:
            head = await self._one({"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"})
            seen = int(head["result"], 16) - self._dice.randint(1, LAG)
            answers = [await self._earlier(call, seen) for call in calls]
        return msgspec.json.encode(answers if isinstance(told, list) else answers[0])

    async def _earlier(self, call: dict[str, Any], seen: int) -> Any:
        """The answer of a node whose newest block is `seen`."""
        if call["method"] == "eth_getBlockByNumber":
            tag, whole = call["params"]
            if tag.startswith("0x") and int(tag, 16) > seen:
                return _result(call, None)
            newest = hex(seen) if tag == "latest" else tag
            return await self._one(call | {"params": [newest, whole]})
        if _ranged(call):
            [query] = call["params"]
            if int(query["fromBlock"], 16) > seen:
                return _result(call, [])
            last = hex(min(int(query["toBlock"], 16), seen))
            return await self._one(call | {"params": [query | {"toBlock": last}]})
        return await self._one(call)

    async def _one(self, call: dict[str, Any]) -> Any:
        return msgspec.json.decode(await self._post(msgspec.json.encode(call)))

    async def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        async with self._session.post(self.url, data=body, headers=headers) as response:
            return await response.read()


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _ranged(call: dict[str, Any]) -> bool:
    return call["method"] == "eth_getLogs" and "fromBlock" in call["params"][0]


def _refused(call: dict[str, Any]) -> Any:
    error = {"code": -32005, "message": "query returned more than 10000 results"}
    return {"jsonrpc": "2.0", "id": call["id"], "error": error}


def _nothing(said: Any) -> Any:
    """The answers with null as their results."""
    return [_nothing(one) for one in said] if isinstance(said, list) else said | {"result": None}


def _misplaced(said: Any) -> Any:
    """The same with another hash wherever a block is named by one."""
    if isinstance(said, list):
        return [_misplaced(one) for one in said]
    if not isinstance(said, dict):
        return said
    found = {name: _misplaced(value) for name, value in said.items()}
    return found | {"blockHash": WRONG} if isinstance(said.get("blockHash"), str) else found


def _result(call: dict[str, Any], result: Any) -> Any:
    return {"jsonrpc": "2.0", "id": call["id"], "result": result}
