"""What surrounds every answer: sizes, origins, headers, and the end of patience."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from api import app, http
from api.app import listening
from api.guard import Cutoff
from api.limits import Limits
from indexer.settings import Settings
from tests.integration.api.test_websocket import Server

QUERY = {"query": "{ __typename }"}
ALLOWED = "https://app.example.org"


@asynccontextmanager
async def asking(url: str, scheme: str = "http", **settings: Any) -> AsyncIterator[Any]:
    made = app.create_app(Settings(database_url=url, **settings))
    transport = httpx.ASGITransport(made, raise_app_exceptions=False)
    async with (
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=transport, base_url=f"{scheme}://dchat") as client,
    ):
        yield client


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_refused(
    database: Engine, database_url: str, chunked: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 1000

    headers = {"Content-Type": "application/json"}
    content: Any = pieces() if chunked else b" " * 3000
    async with asking(database_url, max_body=2048) as client:
        answer = await client.post("/graphql", content=content, headers=headers)
        assert (await client.post("/graphql", json=QUERY)).status_code == 200
    assert answer.status_code == 413
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "2048 bytes" in error["message"]


async def test_a_message_that_is_too_large_ends_its_connection(
    database: Engine, database_url: str
) -> None:
    server = Server(
        app.create_app(Settings(database_url=database_url)),
        ws_max_size=2048,
        timeout_graceful_shutdown=1,
    )
    async with server.running(listening("127.0.0.1", 0)) as port:
        socket = await connect(
            f"ws://127.0.0.1:{port}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]
        )
        await socket.send(" " * 3000)
        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(socket.recv(), 10)
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 1009


async def test_pages_of_other_origins_are_let_in_by_setting(
    database: Engine, database_url: str
) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-any"}
    for origins, let_in in (((), None), ((ALLOWED,), ALLOWED), (("*",), "*")):
        async with asking(database_url, cors_origins=origins) as client:
            for origin in (ALLOWED, "https://evil.example.org"):
                headers = {"Origin": origin}
                answer = await client.post("/graphql", json=QUERY, headers=headers)
                wanted = let_in if origin == ALLOWED or let_in == "*" else None
                assert answer.headers.get("access-control-allow-origin") == wanted
                flight = await client.options("/graphql", headers=headers | asked)
                assert flight.headers.get("access-control-allow-origin") == wanted


async def test_websockets_are_opened_by_pages_of_allowed_origins_only(
    database: Engine, database_url: str
) -> None:
    settings = Settings(database_url=database_url, cors_origins=(ALLOWED,))
    server = Server(app.create_app(settings), timeout_graceful_shutdown=1)
    protocols = [Subprotocol("graphql-transport-ws")]
    async with server.running(listening("127.0.0.1", 0)) as port:
        url = f"ws://127.0.0.1:{port}/graphql"
        async with connect(url, subprotocols=protocols, origin=Origin(ALLOWED)):
            pass
        with pytest.raises(InvalidStatus):
            await connect(url, subprotocols=protocols, origin=Origin("https://evil.example.org"))


async def test_every_answer_carries_the_headers_that_bind_browsers(
    database: Engine, database_url: str
) -> None:
    html = {"Accept": "text/html"}
    async with asking(database_url) as client:
        answers = [
            await client.post("/graphql", json=QUERY),
            await client.post("/graphql", content=b"{"),
            await client.get("/graphql", headers=html),
            await client.get("/healthz"),
            await client.get("/nowhere"),
        ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "strict-transport-security" not in answer.headers
    with_scripts = ["script-src" in one.headers["content-security-policy"] for one in answers]
    assert with_scripts == [False, False, True, False, False]
    assert "unsafe-eval" not in str([one.headers for one in answers])
    async with asking(database_url, scheme="https") as client:
        answer = await client.get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_bug_outside_of_operations_is_masked_and_logged_too(
    database: Engine,
    database_url: str,
    logs: list[MutableMapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(http.GraphQLApp, "get_context", broken)
    async with asking(database_url) as client:
        answer = await client.post("/graphql", json=QUERY)
    assert answer.status_code == 500
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.text
    [line] = [line for line in logs if line.get("id") == error["extensions"]["id"]]
    assert "secret" in str(line["exc_info"])


async def test_a_client_that_takes_nothing_is_cut_off(
    logs: list[MutableMapping[str, Any]],
) -> None:
    async def answering(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start"})

    async def stuck(*_: Any) -> Any:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await Cutoff(answering, seconds=0.01)({"type": "http"}, stuck, stuck)
    assert [line["event"] for line in logs] == ["a client takes nothing: cut off"]


def test_limits_are_those_of_the_settings() -> None:
    limits = Limits.of(Settings(max_rows=7, max_body=2000))
    assert (limits.rows, limits.body) == (7, 2000)
