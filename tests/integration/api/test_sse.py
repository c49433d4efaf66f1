"""Subscriptions as server-sent events, over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api import app
from api.app import listening
from api.sse import Preferred, until
from indexer.settings import Settings
from tests.integration.api.conftest import SHORT
from tests.integration.api.engine import Chain
from tests.integration.api.listener import joined
from tests.integration.api.test_websocket import Server

QUERY = 'subscription { events(after: "0-0@0") { cursor event { id } } }'
EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture
async def server(database: Engine, database_url: str) -> Server:
    made = app.create_app(Settings(database_url=database_url), SHORT)
    return Server(made, timeout_graceful_shutdown=5)


@asynccontextmanager
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        server.running(listening("127.0.0.1", 0)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http,
    ):
        yield http


async def messages(answer: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    """The events by name with their data; comments are passed over."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:"):
            data = line.removeprefix("data:").strip()
            yield name, json.loads(data) if data else None


async def test_a_subscription_is_a_stream_of_events(server: Server, database: Engine) -> None:
    chain = Chain(database)
    chain.grow(events=[joined(11, 0)])
    async with (
        client(server) as http,
        http.stream("POST", "/graphql", json={"query": QUERY}, headers=EVENTS) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = messages(answer)
        name, first = await anext(told)
        assert (name, first["data"]["events"]["event"]["id"]) == ("next", "11-0")
        chain.reorg(1, 1, events=[joined(11, 1)])
        ids = [(await anext(told))[1]["data"]["events"]["event"]["id"] for _ in range(2)]
        assert ids == ["11-0", "11-1"]


async def test_what_ends_by_itself_is_complete(server: Server) -> None:
    async with client(server) as http:
        for query, key in (("{ meta { chainId } }", "data"), ("subscription { nope }", "errors")):
            params = {"query": query}
            async with http.stream("GET", "/graphql", params=params, headers=EVENTS) as answer:
                (name, told), last = [one async for one in messages(answer)]
            assert (name, last) == ("next", ("complete", None))
            assert key in told
    assert told["errors"][0]["extensions"].keys() == {"code", "id"}


async def test_a_server_that_ends_leaves_streams_incomplete_so_that_clients_come_again(
    server: Server, database: Engine
) -> None:
    Chain(database).grow(events=[joined(11, 0)])
    async with client(server) as http:
        stream = http.stream("POST", "/graphql", json={"query": QUERY}, headers=EVENTS)
        async with stream as answer:
            told = messages(answer)
            await anext(told)
            server.should_exit = True
            assert [name async for name, _ in told] == []


async def test_a_client_that_goes_leaves_no_subscription_behind(server: Server) -> None:
    async with client(server) as http:
        body = {"query": "subscription { meta { chainId } }"}
        async with http.stream("POST", "/graphql", json=body, headers=EVENTS):
            await subscribed(http, 1)
        await subscribed(http, 0)


async def subscribed(http: httpx.AsyncClient, count: int) -> None:
    async with asyncio.timeout(10):
        while f"dchat_api_subscriptions {count}.0" not in (await http.get("/metrics")).text:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        ("text/event-stream", True),
        ("text/event-stream, multipart/mixed", True),
        ("TEXT/Event-Stream;q=0.9, application/json", True),
        ("application/graphql-response+json, application/json, text/event-stream", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_events_are_sent_to_those_who_prefer_them_to_json(accept: str, taken: bool) -> None:
    assert Preferred().accepts(accept) is taken


async def test_a_stream_that_is_ended_closes_its_source() -> None:
    closing, closed = asyncio.Event(), []

    async def source() -> Any:
        try:
            yield "one"
            await asyncio.sleep(3600)
        finally:
            closed.append(True)

    async def never() -> str:
        return str(await asyncio.Event().wait())

    chunks = until(closing, never, source(), nullcontext())
    assert await anext(chunks) == "one"
    closing.set()
    assert [chunk async for chunk in chunks] == []
    assert closed == [True]
