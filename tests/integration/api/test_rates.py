"""How often, and how much at once, one client may ask."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis
from sqlalchemy import Engine
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from api import app
from api.app import listening
from api.clients import client_of
from api.rates import COUNT, Bucket, Rates
from indexer.dev.redis import embedded_redis
from indexer.settings import Settings
from tests.integration.api.test_websocket import Server, ask, opened

QUERY = {"query": "{ __typename }"}


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_redis(Path(tmp_path_factory.mktemp("redis")) / ".dchat") as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """A Redis without keys."""
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
    return redis_server


@asynccontextmanager
async def asking(
    settings: Settings, *addresses: str, **headers: str
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client of one application at each address."""
    made = app.create_app(settings)
    clients = [
        httpx.AsyncClient(
            transport=httpx.ASGITransport(made, client=(address, 1)),
            base_url="http://dchat",
            headers=headers,
        )
        for address in addresses
    ]
    async with made.router.lifespan_context(made):
        yield clients
    for client in clients:
        await client.aclose()


def limited(database_url: str, redis_url: str, most: int, **more: Any) -> Settings:
    return Settings(database_url=database_url, redis_url=redis_url, rate_limit=most, **more)


async def test_each_client_is_told_where_it_stands_and_refused_beyond_the_limit(
    database: Engine, database_url: str, redis_url: str
) -> None:
    settings = limited(database_url, redis_url, 2)
    async with asking(settings, "192.0.2.1", "192.0.2.2") as (one, other):
        answers = [await one.post("/graphql", json=QUERY) for _ in range(3)]
        elsewhere = await other.post("/graphql", json=QUERY)
        await one.get("/healthz")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    told = [(a.headers["ratelimit-limit"], a.headers["ratelimit-remaining"]) for a in answers]
    assert told == [("2", "1"), ("2", "0"), ("2", "0")]
    assert all(0 < int(answer.headers["ratelimit-reset"]) <= 60 for answer in answers)
    assert "retry-after" not in answers[1].headers
    assert answers[2].headers["retry-after"] == answers[2].headers["ratelimit-reset"]
    [error] = answers[2].json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["limit"] == 2
    assert elsewhere.headers["ratelimit-remaining"] == "1"


async def test_processes_count_together_and_windows_end(redis_url: str) -> None:
    bucket = Bucket(name="api", most=5)
    first, second = Rates(redis_url), Rates(redis_url)
    asked = [await rates.hit(bucket, "a") for rates in (first, second, first)]
    assert [one and one.asked for one in asked] == [1, 2, 3]
    with Redis.from_url(redis_url) as redis:
        assert 0 < redis.pttl("dchat:rate:api:a") <= 60_000
        redis.pexpire("dchat:rate:api:a", 1)
        while redis.exists("dchat:rate:api:a"):
            await asyncio.sleep(0.01)
    again = await second.hit(bucket, "a")
    assert again is not None and (again.asked, again.exceeded) == (1, False)
    other = await second.hit(Bucket(name="auth", most=5), "a")
    assert other is not None and other.asked == 1
    assert "PEXPIRE" in COUNT
    for rates in (first, second):
        await rates.close()


async def test_without_redis_everybody_is_let_through_and_it_is_logged_once(
    database: Engine, database_url: str, logs: list[MutableMapping[str, Any]]
) -> None:
    settings = limited(database_url, "redis://127.0.0.1:1/0", 1)
    async with asking(settings, "192.0.2.1") as (one,):
        answers = [await one.post("/graphql", json=QUERY) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert "ratelimit-limit" not in answers[0].headers
    assert [line["event"] for line in logs if "Redis" in line["event"]] == [
        "Redis does not answer: requests are not limited"
    ]


async def test_when_redis_is_back_requests_count_again(
    redis_url: str, logs: list[MutableMapping[str, Any]]
) -> None:
    rates, bucket = Rates(redis_url), Bucket(name="api", most=5)
    rates._failed(ConnectionError("gone"))
    assert await rates.hit(bucket, "a") is None
    rates._down_until = 0.0
    assert await rates.hit(bucket, "a") is not None
    await rates.close()
    assert "Redis answers again: requests are limited" in [line["event"] for line in logs]


async def test_pages_of_other_origins_can_read_where_they_stand(
    database: Engine, database_url: str, redis_url: str
) -> None:
    origin = "https://app.example.org"
    settings = limited(database_url, redis_url, 1, cors_origins=origin)
    async with asking(settings, "192.0.2.1", Origin=origin) as (one,):
        asked = {"Access-Control-Request-Method": "POST"}
        assert (await one.options("/graphql", headers=asked)).status_code == 200
        answers = [await one.post("/graphql", json=QUERY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == origin
        assert "RateLimit-Remaining" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(("trusted", "remaining"), [("127.0.0.1", "1"), ("192.0.2.9", "0")])
async def test_who_a_proxy_speaks_for_counts_only_where_the_proxy_is_trusted(
    database: Engine, database_url: str, redis_url: str, trusted: str, remaining: str
) -> None:
    server = Server(
        app.create_app(limited(database_url, redis_url, 2)),
        forwarded_allow_ips=trusted,
        timeout_graceful_shutdown=1,
    )
    async with server.running(listening("127.0.0.1", 0)) as port, httpx.AsyncClient() as client:
        for who in ("192.0.2.1", "192.0.2.2"):
            answer = await client.post(
                f"http://127.0.0.1:{port}/graphql", json=QUERY, headers={"X-Forwarded-For": who}
            )
    assert answer.headers["ratelimit-remaining"] == remaining


async def test_operations_over_websocket_count_too(
    database: Engine, database_url: str, redis_url: str
) -> None:
    made = app.create_app(limited(database_url, redis_url, 2))
    server = Server(made, timeout_graceful_shutdown=1)
    async with server.running(listening("127.0.0.1", 0)) as port, await opened(port) as socket:
        for _ in range(3):
            await ask(socket, "one", "{ __typename }")
            answer = json.loads(await socket.recv())
            if answer["type"] == "next":
                assert json.loads(await socket.recv())["type"] == "complete"
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_a_client_may_hold_only_so_many_streams_and_gets_them_back(
    database: Engine, database_url: str
) -> None:
    made = app.create_app(Settings(database_url=database_url, max_subscriptions=2))
    server = Server(made, timeout_graceful_shutdown=1)
    live = "subscription { meta { chainId } }"
    events = {"Accept": "text/event-stream"}
    async with server.running(listening("127.0.0.1", 0)) as port, httpx.AsyncClient() as client:
        async with await opened(port) as socket:
            for name in ("first", "second"):
                await ask(socket, name, live)
            answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
            assert (answer["id"], answer["type"]) == ("second", "error")
            assert answer["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
            url = f"http://127.0.0.1:{port}/graphql"
            refused = await client.post(url, json={"query": live}, headers=events)
            assert refused.status_code == 429
            with pytest.raises(ConnectionClosed) as caught:
                await opened(port)
            assert caught.value.rcvd is not None and caught.value.rcvd.code == 4429
            await socket.send('{"id": "first", "type": "complete"}')
        async with asyncio.timeout(10):
            while (await _status(client, url, live, events)) == 429:
                await asyncio.sleep(0.05)
        async with asyncio.timeout(10), await _opened_again(port) as socket:
            told = "error"
            while told == "error":  # the stream that was broken off may take its time to end
                await ask(socket, "again", "{ __typename }")
                told = json.loads(await socket.recv())["type"]
            assert told == "next"


async def _opened_again(port: int) -> ClientConnection:
    """A connection, once there is a seat: streams that were broken off take their time to end."""
    while True:
        with suppress(ConnectionClosed):
            return await opened(port)
        await asyncio.sleep(0.05)


async def _status(client: httpx.AsyncClient, url: str, query: str, headers: Any) -> int:
    async with client.stream("POST", url, json={"query": query}, headers=headers) as answer:
        return answer.status_code


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a socket", "a socket"),
    ],
)
def test_a_client_is_an_address_or_the_network_that_a_household_has(host: str, client: str) -> None:
    assert client_of({"client": (host, 1)}) == client
    assert client_of({"client": None}) == "unknown"
