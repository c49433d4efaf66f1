"""Sessions and API keys: listed, ended, and then good for nothing."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import Engine
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from api import app
from api.accounts import liveness
from api.app import listening
from indexer.settings import Settings
from tests.integration.accounts.conftest import Caller, calling
from tests.integration.accounts.test_sign_in import REFRESH
from tests.integration.accounts.wallets import Wallet
from tests.integration.api.conftest import SHORT
from tests.integration.api.test_websocket import Server

ME = "{ me { address scopes sessions { id isCurrent } } }"
MAKE = """mutation ($name: String!, $scopes: [Scope!]!, $expiresAt: DateTime) {
  createApiKey(name: $name, scopes: $scopes, expiresAt: $expiresAt) { token apiKey { id scopes } }
}"""


async def test_sessions_are_listed_and_ended_one_by_one_or_all_others(caller: Caller) -> None:
    wallet = Wallet()
    told = [await wallet.sign_in(caller.data) for _ in range(4)]
    one, two, three, four = (caller.having(each["accessToken"]) for each in told)
    listed = (await one.data(ME))["me"]["sessions"]
    assert {each["id"] for each in listed} == {each["sessionId"] for each in told}
    assert [each["isCurrent"] for each in listed] == [False, False, False, True]
    end = "mutation ($id: ID!) { revokeSession(id: $id) }"
    assert (await one.data(end, id=told[1]["sessionId"]))["revokeSession"] is True
    assert (await one.data(end, id=told[1]["sessionId"]))["revokeSession"] is False
    assert (await two.error(ME))["reason"] == "SESSION_ENDED"
    assert (await caller.error(REFRESH, token=told[1]["refreshToken"]))["reason"] == "SESSION_ENDED"
    assert (await three.data("mutation { signOut(others: true) }"))["signOut"] == 2
    assert (await four.error(ME))["reason"] == "SESSION_ENDED"
    assert (await three.data("mutation { signOut }"))["signOut"] == 1
    assert (await three.error(ME))["reason"] == "SESSION_ENDED"
    assert (await caller.data(ME))["me"] is None


async def test_nobody_ends_another_s_session(caller: Caller) -> None:
    mine, other = await Wallet(1).sign_in(caller.data), await Wallet(2).sign_in(caller.data)
    end = "mutation ($id: ID!) { revokeSession(id: $id) }"
    thief = caller.having(other["accessToken"])
    assert (await thief.data(end, id=mine["sessionId"]))["revokeSession"] is False
    assert (await caller.having(mine["accessToken"]).data(ME))["me"] is not None


async def test_an_api_key_is_shown_once_and_does_what_its_scopes_say(
    caller: Caller, database: Engine
) -> None:
    wallet = Wallet()
    mine = caller.having((await wallet.sign_in(caller.data))["accessToken"])
    made = (await mine.data(MAKE, name="bot", scopes=["MESSAGES_READ"]))["createApiKey"]
    bot = caller.having(made["token"])
    me = (await bot.data("{ me { address scopes } }"))["me"]
    assert me == {"address": wallet.shown, "scopes": ["MESSAGES_READ"]}
    refused = await bot.error("mutation { signOut }")
    assert (refused["code"], refused["reason"], refused["scope"]) == (
        "FORBIDDEN",
        "SCOPE",
        "account",
    )
    listed = (await mine.data("{ me { apiKeys { id name revokedAt } } }"))["me"]["apiKeys"]
    assert listed == [{"id": made["apiKey"]["id"], "name": "bot", "revokedAt": None}]
    with database.connect() as db:
        kept = db.exec_driver_sql("SELECT api_keys::text FROM api_keys").scalar_one()
    assert made["token"] not in kept and made["token"].encode().hex() not in kept
    end = "mutation ($id: ID!) { revokeApiKey(id: $id) }"
    assert (await mine.data(end, id=made["apiKey"]["id"]))["revokeApiKey"] is True
    assert (await bot.error(ME))["reason"] == "SESSION_ENDED"


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"name": " ", "scopes": ["KEYS"]}, "name"),
        ({"name": "x" * 101, "scopes": ["KEYS"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["ACCOUNT"]}, "scopes"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_by_its_argument(
    caller: Caller, given: dict[str, Any], argument: str
) -> None:
    mine = caller.having((await Wallet().sign_in(caller.data))["accessToken"])
    error = await mine.error(MAKE, **given)
    assert (error["code"], error["argument"]) == ("BAD_USER_INPUT", argument)


async def test_a_key_ends_when_it_was_said_to(caller: Caller) -> None:
    mine = caller.having((await Wallet().sign_in(caller.data))["accessToken"])
    given = {"name": "old", "scopes": ["KEYS"], "expiresAt": "2020-01-01T00:00:00Z"}
    made = (await mine.data(MAKE, **given))["createApiKey"]
    assert (await caller.having(made["token"]).error(ME))["reason"] == "SESSION_ENDED"


async def test_secrets_are_rotated_and_tokens_of_one_that_is_gone_are_refused(
    settings: Settings,
) -> None:
    old, new = "o" * 32, "n" * 32
    one, both, two = (
        settings.model_copy(update={"token_secrets": each}) for each in ((old,), (new, old), (new,))
    )
    async with calling(one) as caller:
        first = (await Wallet().sign_in(caller.data))["accessToken"]
    async with calling(both) as caller:
        await caller.having(first).data(ME)
        second = (await Wallet().sign_in(caller.data))["accessToken"]
    async with calling(two) as caller:
        await caller.having(second).data(ME)
        assert (await caller.having(first).error(ME))["reason"] == "INVALID_TOKEN"


async def connected(port: int, token: str | None) -> ClientConnection:
    url = f"ws://127.0.0.1:{port}/graphql"
    socket = await connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
    given = {} if token is None else {"authorization": f"Bearer {token}"}
    await socket.send(json.dumps({"type": "connection_init", "payload": given}))
    return socket


async def ended(socket: ClientConnection) -> tuple[int | None, str]:
    """The code and the reason with which the server ends the connection."""
    try:
        async with asyncio.timeout(30):
            while True:
                await socket.recv()
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        return closed.rcvd.code, closed.rcvd.reason


async def test_what_a_token_opened_ends_with_the_token_or_its_session(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "FRESH", 0.05)
    made = app.create_app(settings, SHORT)
    async with (
        calling(settings) as caller,
        calling(settings.model_copy(update={"access_life": 2})) as brief,
        Server(made, timeout_graceful_shutdown=1).running(listening("127.0.0.1", 0)) as port,
    ):
        long, short = await Wallet(1).sign_in(caller.data), await Wallet(2).sign_in(brief.data)
        sockets = [await connected(port, each["accessToken"]) for each in (long, short)]
        for socket in sockets:
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        ask = {"id": "1", "type": "subscribe", "payload": {"query": "{ me { address } }"}}
        await sockets[0].send(json.dumps(ask))
        answer = json.loads(await sockets[0].recv())["payload"]["data"]
        assert answer == {"me": {"address": Wallet(1).shown}}
        assert await ended(sockets[1]) == (4403, liveness.EXPIRED)
        await caller.having(long["accessToken"]).data("mutation { signOut }")
        assert await ended(sockets[0]) == (4403, liveness.REVOKED)
        code, _ = await ended(await connected(port, long["accessToken"]))
        assert code == 4403
