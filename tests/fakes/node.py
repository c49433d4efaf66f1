"""A real local HTTP server that speaks JSON-RPC for a fake chain, and fails and lies on command."""

import asyncio
import gzip
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

import msgspec
from aiohttp import web

from tests.fakes.chain import FakeChain
from tests.fakes.faults import Fault, Faults
from tests.fakes.methods import Methods, RpcError

Lie = Callable[[str, list[Any], Any], Any]
"""(method, params, honest result) → the result that is answered."""


class FakeNode:
    """`async with FakeNode(chain) as node:` serves `node.url`, a free port of this machine.

    Knobs: `node.rpc` (lag, chain_id, tags, max_range, max_results), `node.faults`, `node.lie`,
    `node.max_batch`, `node.refusal_status` (HTTP's, of an answer that holds a refusal).
    `node.body` names what its answers claim to be, and are not.
    `node.methods` counts the calls, `node.requests` the HTTP requests.
    """

    def __init__(self, chain: FakeChain) -> None:
        self.chain = chain
        self.rpc = Methods(chain)
        self.faults = Faults()
        self.lie: Lie | None = None
        self.max_batch: int | None = None
        self.refusal_status = 200
        self.body = ""
        self.delay = 0.0
        self.requests = 0
        self.methods: Counter[str] = Counter()
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens; after a `stop` on the same port."""
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}/"

    async def stop(self) -> None:
        """Refuses connections from now on."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        calls = msgspec.json.decode(await request.read())
        batch = isinstance(calls, list)
        names = [call["method"] for call in (calls if batch else [calls])]
        self.requests += 1
        self.methods.update(names)
        await asyncio.sleep(self.delay)
        fault = self.faults.next(names)
        if batch and self.max_batch is not None and len(calls) > self.max_batch:
            return _json(_refusal(-32600, f"batch of more than {self.max_batch} calls", None))
        lines = [self._answer(call, fault) for call in (calls if batch else [calls])]
        return await self._send(request, _body(lines, fault, batch=batch), fault)

    def _answer(self, call: dict[str, Any], fault: Fault | None) -> bytes:
        number = call["id"] + 7 if fault is Fault.WRONG_ID else call["id"]
        if fault is Fault.INTERNAL:
            return _refusal(-32603, "internal error", number)
        try:
            result = self._result(call["method"], call["params"])
        except RpcError as error:
            return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "error": error.error})
        if fault is Fault.NULL:
            result = b"null"
        if fault is Fault.MISSING_ID:
            return b'{"jsonrpc":"2.0","result":' + result + b"}"
        return b'{"jsonrpc":"2.0","id":%d,"result":%b}' % (number, result)

    def _result(self, method: str, params: list[Any]) -> bytes:
        honest = self.rpc.answer(method, params)
        if self.lie is None:
            return honest
        return msgspec.json.encode(self.lie(method, params, msgspec.json.decode(honest)))

    async def _send(
        self, request: web.Request, body: bytes, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is Fault.TOO_MANY:
            return web.Response(status=429, headers={"Retry-After": self.faults.retry_after})
        if fault is Fault.SERVER_ERROR:
            return web.Response(status=500, text="<html>oops</html>")
        if fault is Fault.HTML:
            return web.Response(text="<html>a captive portal</html>")
        if fault is Fault.CUT_JSON:
            return _json(body[: len(body) // 2])
        if fault is Fault.HANG:
            await asyncio.sleep(3600)
        if fault in (Fault.DROP, Fault.TRUNCATE):
            return await broken(request, body, drop=fault is Fault.DROP)
        if self.body:
            return await odd(request, body, self.body)
        return _json(body, self.refusal_status if b'"error":{' in body else 200)


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, content_type="application/json", status=status)


def _refusal(code: int, message: str, number: int | None) -> bytes:
    error = {"code": code, "message": message}
    return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "error": error})


def _body(lines: list[bytes], fault: Fault | None, *, batch: bool) -> bytes:
    if not batch:
        return lines[0]
    if fault is Fault.MISSING_ID:
        lines = lines[:-1]
    if fault is Fault.TWICE:
        lines = [lines[0], *lines]
    return b"[" + b",".join(lines) + b"]"


async def odd(request: web.Request, body: bytes, kind: str) -> web.StreamResponse:
    """A body that is cut, not encoded as it says, or comes a byte at a time."""
    encoding, _, how = kind.partition("-")
    if encoding != "drip":
        sent = gzip.compress(body)[:-12] if how == "cut" else body
        return web.Response(body=sent, headers={"Content-Encoding": encoding})
    response = web.StreamResponse()
    await response.prepare(request)
    for byte in body:
        await response.write(bytes([byte]))
        await asyncio.sleep(0.05)
    return response


async def broken(request: web.Request, body: bytes, *, drop: bool) -> web.StreamResponse:
    """Closes the connection before or in the middle of the answer."""
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    if not drop:
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort() if drop else request.transport.close()
    return response
