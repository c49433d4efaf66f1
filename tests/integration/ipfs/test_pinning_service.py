"""Whoever has a token gets content pinned here, as the protocol says; nobody else does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from indexer.ipfs.cid import Cid, Codec
from indexer.settings import Settings
from tests.fakes.ipfs import FakeGateway
from tests.integration.ipfs.test_reference import REFERENCE, ROOT
from workers.ipfs.pinner import Kept, Pending, pinner
from workers.ipfs.reconcile import reconcile

TOKEN: Final = "let-me-in-" + "0" * 32
CHECKS: Final = 9
"""What the compliance suite looks at."""


class Worked:
    """The API beside workers that are done before it answers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "POST":
            await reconcile(self.settings, str(self.settings.database_url))
        await self.app(scope, receive, send)


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with FakeGateway() as gateway:
        yield gateway


@pytest.fixture
def settings(tmp_path: Path, gateway: FakeGateway, database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        home=tmp_path,
        ipfs_gateways=(gateway.url,),
        pin_service_tokens=("another-" + "1" * 32, TOKEN),
        pin_grace=0,
        public_url="https://api.dchat.example",
    )


@pytest.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://dchat", headers=bearer()
    )
    async with client as http, app.router.lifespan_context(app):
        yield http


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """The URL of the API on a port of its own, whose workers keep up with it."""
    app = Worked(create_app(settings), settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def block(data: bytes) -> Cid:
    return Cid.of(data, Codec.RAW)


async def test_the_protocol_s_own_compliance_suite_is_content(
    settings: Settings, gateway: FakeGateway, tmp_path: Path
) -> None:
    for number in range(100):
        gateway.put(block(b"%d" % number), b"%d" % number)
    async with served(settings) as url:
        suite = await asyncio.create_subprocess_exec(
            ROOT / ".venv/bin/node",
            *(REFERENCE / "pinning.js", url, TOKEN, tmp_path),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(suite.communicate(), 120)
    told = json.loads((tmp_path / "127.0.0.1.json").read_text())
    assert told == {"total": CHECKS, "passed": CHECKS, "failed": 0, "success": True}, said.decode()


async def test_our_own_client_pins_at_our_own_service(
    settings: Settings, gateway: FakeGateway, tmp_path: Path
) -> None:
    """One dchat keeps for another what it fetches from where that one has it."""
    tea = gateway.add(b"tea" * 100_000)
    async with served(settings) as url:
        elsewhere = settings.model_copy(
            update={
                "home": tmp_path / "elsewhere",
                "pin_backend": "service",
                "pin_url": url,
                "pin_token": TOKEN,
            }
        )
        async with pinner(elsewhere) as pins:
            assert isinstance(await pins.pin(tea), Pending)
            assert isinstance(await pins.pin(tea), Kept)
            async with httpx.AsyncClient(base_url=url) as http:
                assert (await http.get(f"/ipfs/{tea}")).content == b"tea" * 100_000
            await pins.unpin(tea)
        assert (await reconcile(settings, str(settings.database_url), whole=True)).unpinned == 1
        async with httpx.AsyncClient(base_url=url, headers=bearer()) as http:
            assert (await http.get("/pins", params={"status": ALL})).json()["count"] == 0


def bearer() -> dict[str, str]:
    return {"authorization": f"Bearer {TOKEN}"}


ALL: Final = "queued,pinning,pinned,failed"
TEA: Final = str(block(b"tea"))


async def test_nobody_without_a_token_is_served(
    settings: Settings, http: httpx.AsyncClient
) -> None:
    for head in ({}, {"authorization": "Bearer x"}, {"authorization": f"Basic {TOKEN}"}):
        answer = await http.get("/pins", headers={"authorization": ""} | head)
        assert (answer.status_code, answer.json()["error"]["reason"]) == (401, "UNAUTHORIZED")
    closed = create_app(settings.model_copy(update={"pin_service_tokens": ()}))
    transport = httpx.ASGITransport(closed)
    async with httpx.AsyncClient(transport=transport, base_url="http://dchat") as other:
        assert (await other.get("/pins", headers=bearer())).status_code == 404


@pytest.mark.parametrize(
    "pin",
    [
        {},
        {"cid": 7},
        {"cid": "tea"},
        {"cid": TEA, "name": "x" * 256},
        {"cid": TEA, "origins": ["/ip4/127.0.0.1"] * 21},
        {"cid": TEA, "meta": {"a": 1}},
        {"cid": TEA, "meta": {str(n): "" for n in range(1001)}},
        {"cid": TEA, "more": "x" * 70_000},
    ],
)
async def test_what_cannot_be_pinned_is_refused(http: httpx.AsyncClient, pin: Any) -> None:
    answer = await http.post("/pins", json=pin)
    assert answer.status_code in (400, 413)
    assert answer.json()["error"]["details"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "many"},
        {"status": "lost"},
        {"match": "fuzzy"},
        {"before": "yesterday"},
        {"cid": "tea"},
        {"cid": ",".join([TEA] * 11)},
        {"meta": "[]"},
    ],
)
async def test_what_cannot_be_asked_is_refused(http: httpx.AsyncClient, query: Any) -> None:
    answer = await http.get("/pins", params=query)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "BAD_REQUEST")


async def test_pins_are_found_by_all_that_the_protocol_names(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    async def found(**query: Any) -> list[str]:
        told = (await http.get("/pins", params={"status": ALL, **query})).json()
        assert told["count"] >= len(told["results"])
        return [one["pin"].get("name", "") for one in told["results"]]

    made = [
        (await http.post("/pins", json=pin)).json()
        for pin in (
            {"cid": TEA, "name": "One", "meta": {"app": "a", "n": "1"}},
            {"cid": TEA, "name": "Two", "meta": {"app": "a"}, "origins": ["/ip4/10.0.0.1/tcp/1"]},
            {"cid": str(block(b"coffee")), "name": "Three_%"},
        )
    ]
    times = [one["created"] for one in made]
    assert times == sorted({*times})
    assert made[1]["pin"]["origins"] == ["/ip4/10.0.0.1/tcp/1"]
    assert made[0]["delegates"] == ["/dns/api.dchat.example/tcp/443/https"]
    assert await found() == ["Three_%", "Two", "One"]
    assert await found(limit=1) == ["Three_%"]
    assert await found(before=times[1]) == ["One"]
    assert await found(after=times[1]) == ["Three_%"]
    assert await found(cid=TEA) == ["Two", "One"]
    assert await found(meta='{"app":"a","n":"1"}') == ["One"]
    assert await found(name="T", match="partial") == ["Three_%", "Two"]
    assert await found(name="_%", match="partial") == ["Three_%"]
    assert await found(name="tWO", match="iexact") == ["Two"]
    assert await found(name="two") == []
    assert await found(status="pinned") == []
    gone = made[0]["requestid"]
    assert (await http.delete(f"/pins/{gone}")).status_code == 202
    for answer in (
        await http.delete(f"/pins/{gone}"),
        await http.get(f"/pins/{gone}"),
        await http.get("/pins/x"),
        await http.post(f"/pins/{gone}", json={"cid": TEA}),
    ):
        assert (answer.status_code, answer.json()["error"]["reason"]) == (404, "NOT_FOUND")
    assert await found() == ["Three_%", "Two"]
