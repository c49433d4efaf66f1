"""Real local HTTP servers that hold content: a gateway, a Kubo node, a pinning service, Pinata."""

import io
from collections import Counter
from typing import Any, Self

from aiohttp import web

from indexer.ipfs import car
from indexer.ipfs.building import build
from indexer.ipfs.cid import Cid

TOKEN = "let-me-in"


class Holder:
    """`async with Holder() as one:` serves `one.url`.

    Knobs: `status`, with `headers`, answers everything with that; `lie` is served as every block;
    `paths` counts.
    """

    token: str | None = None

    def __init__(self) -> None:
        self.blocks: dict[bytes, bytes] = {}
        self.pinned: set[Cid] = set()
        self.paths: Counter[str] = Counter()
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.lie: bytes | None = None
        self.url = ""
        self._runner: web.AppRunner | None = None

    def add(self, data: bytes, *, version: int = 1) -> Cid:
        """Holds a file; returns its CID."""
        return build(io.BytesIO(data), self.put, version=version).cid

    def put(self, cid: Cid, block: bytes) -> None:
        self.blocks[cid.multihash] = block

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 << 20, middlewares=[self._door])
        self.routes(app.router)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Refuses connections from now on."""
        if self._runner is not None:
            await self._runner.cleanup()

    def routes(self, router: web.UrlDispatcher) -> None:
        raise NotImplementedError

    def block(self, cid: Cid) -> web.Response:
        found = self.lie if self.lie is not None else self.blocks.get(cid.multihash)
        return web.Response(status=404) if found is None else web.Response(body=found)

    async def import_car(self, request: web.Request) -> Cid:
        """Takes the CAR of the form's field `file`; returns its first block's CID."""
        cids = []
        fields = await request.post()
        file = fields["file"]
        assert isinstance(file, web.FileField)
        for cid, block in car.decode(file.file):
            self.put(cid, block)
            cids.append(cid)
        return cids[0]

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.paths[f"{request.method} {request.path}"] += 1
        if self.status is not None:
            return web.Response(status=self.status, text="out of order", headers=self.headers)
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"error": {"reason": "UNAUTHORIZED"}}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer


class FakeGateway(Holder):
    """A trustless gateway, for raw blocks."""

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/ipfs/{cid}", self._get)

    async def _get(self, request: web.Request) -> web.Response:
        assert request.query["format"] == "raw"
        return self.block(Cid.parse(request.match_info["cid"]))


class FakeKubo(Holder):
    """A Kubo node's RPC API: as much as is called."""

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/v0/pin/add", self._pin)
        router.add_post("/api/v0/pin/rm", self._unpin)
        router.add_post("/api/v0/block/get", self._block)
        router.add_post("/api/v0/dag/import", self._import)

    async def _pin(self, request: web.Request) -> web.Response:
        cid = Cid.parse(request.query["arg"])
        if cid.multihash not in self.blocks:
            return _failed("pin: context deadline exceeded")
        self.pinned.add(cid)
        return web.json_response({"Pins": [str(cid)]})

    async def _unpin(self, request: web.Request) -> web.Response:
        cid = Cid.parse(request.query["arg"])
        if cid not in self.pinned:
            return _failed("not pinned or pinned indirectly")
        self.pinned.remove(cid)
        return web.json_response({"Pins": [str(cid)]})

    async def _block(self, request: web.Request) -> web.Response:
        return self.block(Cid.parse(request.query["arg"]))

    async def _import(self, request: web.Request) -> web.Response:
        await self.import_car(request)
        return web.Response(text="")


def _failed(message: str) -> web.Response:
    return web.json_response({"Message": message, "Code": 0, "Type": "error"}, status=500)


class FakePinata(Holder):
    """Pinata's API of version 3, and its server of uploads. `fetch()` ends the jobs."""

    token = TOKEN

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[Cid] = []
        self.answer_cid: str | None = None

    def fetch(self) -> None:
        self.pinned.update(self.jobs)
        self.jobs.clear()

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v3/files", self._upload)
        router.add_get("/v3/files/public", self._files)
        router.add_delete("/v3/files/public/{id}", self._delete)
        router.add_get("/v3/files/public/pin_by_cid", self._jobs)
        router.add_post("/v3/files/public/pin_by_cid", self._order)

    async def _upload(self, request: web.Request) -> web.Response:
        fields = await request.post()
        assert (fields["network"], fields["car"]) == ("public", "true")
        cid = await self.import_car(request)
        self.pinned.add(cid)
        return _data({"id": str(cid), "cid": self.answer_cid or str(cid)})

    async def _files(self, request: web.Request) -> web.Response:
        asked = Cid.parse(request.query["cid"])
        found = [{"id": str(cid), "cid": str(cid)} for cid in self.pinned if cid == asked]
        return _data({"files": found, "next_page_token": ""})

    async def _delete(self, request: web.Request) -> web.Response:
        self.pinned.discard(Cid.parse(request.match_info["id"]))
        return _data(None)

    async def _jobs(self, request: web.Request) -> web.Response:
        asked = Cid.parse(request.query["cid"])
        jobs = [{"id": "1", "cid": str(cid), "status": "retrieving"} for cid in self.jobs]
        return _data({"jobs": jobs if asked in self.jobs else [], "next_page_token": ""})

    async def _order(self, request: web.Request) -> web.Response:
        cid = Cid.parse((await request.json())["cid"])
        self.jobs.append(cid)
        return _data({"id": "1", "cid": str(cid), "status": "prechecking"})


def _data(data: Any) -> web.Response:
    return web.json_response({"data": data})
