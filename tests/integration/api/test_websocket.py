"""The real server: graphql-transport-ws as clients speak it, and an end in good order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Engine
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from api import app
from api.app import listening
from api.limits import Limits
from indexer.errors import ConfigError, PortInUse
from indexer.settings import Settings
from tests.integration.api.conftest import SHORT
from tests.integration.api.engine import Chain
from tests.integration.api.rows import event


class Server(app.Server):
    """In this process and loop."""

    @asynccontextmanager
    async def running(self, listener: Any) -> AsyncIterator[int]:
        task = asyncio.create_task(self._serve([listener]))
        while not self.started:
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
        self.should_exit = True
        await task


@pytest.fixture
async def server(database: Engine, database_url: str) -> Server:
    made = app.create_app(Settings(database_url=database_url), SHORT)
    return Server(made, timeout_graceful_shutdown=1)


async def opened(port: int) -> ClientConnection:
    """A connection that was acknowledged."""
    url = f"ws://127.0.0.1:{port}/graphql"
    socket = await connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
    await socket.send('{"type": "connection_init"}')
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    return socket


async def ask(socket: ClientConnection, id_: str, query: str) -> None:
    await socket.send(json.dumps({"id": id_, "type": "subscribe", "payload": {"query": query}}))


async def test_a_connection_carries_subscriptions_and_queries(
    server: Server, database: Engine
) -> None:
    async with server.running(listening("127.0.0.1", 0)) as port, await opened(port) as socket:
        await socket.send('{"type": "ping"}')
        assert json.loads(await socket.recv()) == {"type": "pong"}
        for id_ in ("first", "second"):
            await ask(socket, id_, "{ meta { chainId } }")
            payload = {"data": {"meta": {"chainId": 31337}}}
            expected = {"id": id_, "type": "next", "payload": payload}
            assert json.loads(await socket.recv()) == expected
            assert json.loads(await socket.recv()) == {"id": id_, "type": "complete"}
        await ask(socket, "live", 'subscription { events(after: "0-0") { event { id } } }')
        Chain(database).grow(events=[event(11, 0, 0, decoded=False)])
        answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
        assert answer["payload"] == {"data": {"events": {"event": {"id": "11-0"}}}}


async def test_a_server_that_ends_closes_its_connections(server: Server) -> None:
    async with server.running(listening("127.0.0.1", 0)) as port:
        socket = await opened(port)
        await ask(socket, "live", "subscription { meta { chainId } }")
        await asyncio.sleep(0.2)
    with pytest.raises(ConnectionClosed) as caught:
        await asyncio.wait_for(socket.recv(), 10)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code in (1001, 1012)


async def test_operations_beyond_the_limit_are_refused_with_a_code_and_an_id(
    database: Engine, database_url: str
) -> None:
    settings = Settings(database_url=database_url)
    limited = Server(app.create_app(settings, Limits(subscriptions=1)), timeout_graceful_shutdown=1)
    async with limited.running(listening("127.0.0.1", 0)) as port, await opened(port) as socket:
        for id_ in ("first", "second"):
            await ask(socket, id_, "subscription { meta { chainId } }")
        answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
    [error] = answer["payload"]
    assert (answer["id"], answer["type"]) == ("second", "error")
    assert error["extensions"].keys() == {"code", "id", "limit"}
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        '"x"',
        "{}",
        '{"type": "x"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": [], "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": "x"}',
        '{"type": "complete", "id": {}}',
    ],
)
async def test_what_is_not_of_the_protocol_ends_the_connection_with_a_reason(
    server: Server, message: str
) -> None:
    async with server.running(listening("127.0.0.1", 0)) as port:
        socket = await opened(port)
        await socket.send(message)
        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(socket.recv(), 10)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4400
    assert caught.value.rcvd.reason


def test_a_port_in_use_is_named() -> None:
    with listening("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f":{port} .*DCHAT_PORT"):
            listening("127.0.0.1", port)


def test_a_host_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match="DCHAT_HOST"):
        listening("no.such.host.invalid", 0)
