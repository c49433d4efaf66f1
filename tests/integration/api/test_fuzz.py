"""Whatever is sent, the server answers in time, says what is wrong by code and id, and goes on.

`DCHAT_TEST_REQUESTS` says how many requests are made, `DCHAT_TEST_SEED` which is the first.
"""

import asyncio
import gc
import json
import os
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from traceback import format_exception
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
from graphql import GraphQLSchema
from sqlalchemy import Engine
from websockets.exceptions import ConnectionClosed

from api import app
from api.app import listening
from api.errors import Code
from api.schema import make_schema
from indexer.settings import Settings
from tests.integration.accounts.wallets import token_of
from tests.integration.api import spoiling
from tests.integration.api.community import community
from tests.integration.api.conftest import SHORT
from tests.integration.api.rows import Row, account, block, put
from tests.integration.api.spoiling import Sent
from tests.integration.api.test_websocket import Server, opened
from tests.integration.api.wild import Wild

MANY: Final = int(os.environ.get("DCHAT_TEST_REQUESTS", "300"))
FIRST: Final = int(os.environ.get("DCHAT_TEST_SEED", "0"))
LEAVING: Final = 7
ENDING: Final = ("signOut", "deleteAccount")
"""What only one account does, so that the other need not sign in again."""
TOGETHER: Final = 8
PATIENCE: Final = 20
ROOTS: Final = ["Query", "Query", "Query", "Query", "Query", "Mutation", "Subscription"]
INSIDE: Final = re.compile(r"Traceback|psycopg|sqlalchemy|asyncpg|\.py\b|strawberry|object at 0x")
CLOSED: Final = {1000, 1001, 1009, 4400, 4401, 4409, 4429}
pytestmark = [  # of fields beside a failed one
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
EVENTS: Final = "text/event-stream"


class Fuzzer:
    """Makes requests, the same for each seed, and judges the answers."""

    def __init__(
        self, schema: GraphQLSchema, rows: dict[str, list[Row]], tokens: list[str]
    ) -> None:
        self._schema, self._rows, self._tokens = schema, rows, tokens
        self.seen: Counter[str] = Counter()

    def operation(self, dice: random.Random, root: str) -> dict[str, Any]:
        made = Wild(self._schema, self._rows, dice.getrandbits(40), root)
        text = spoiling.document(dice, made.text) if dice.random() < 0.15 else made.text
        name = {"operationName": "Q"} if dice.random() < 0.2 else {}
        return {"query": text, "variables": made.variables(), **name}

    def request(self, seed: int) -> Sent:
        dice = random.Random(seed)
        root = dice.choice(ROOTS)
        told: Any = self.operation(dice, root)
        headers = spoiling.headers(dice)
        if root == "Subscription" and dice.random() < 0.7:
            headers["accept"] = EVENTS
        if dice.random() < 0.6:
            token = self._tokens[any(word in told["query"] for word in ENDING)]
            headers.setdefault("authorization", f"Bearer {token}")
        if dice.random() < 0.12:
            return self._other(dice, told, headers)
        if dice.random() < 0.12:
            told = spoiling.body(dice, told)
        raw = spoiling.raw_of(told)
        raw = spoiling.content(dice, raw) if dice.random() < 0.08 else raw
        return Sent(headers=headers, content=raw)

    def _other(self, dice: random.Random, told: dict[str, Any], headers: dict[str, str]) -> Sent:
        """By GET, or by a method that is none of GraphQL's."""
        parts = told | {"variables": json.dumps(told["variables"])}
        if dice.random() < 0.3:
            parts[dice.choice(["variables", "extensions", "operationName", "documentId"])] = "{"
        query = urlencode({key: value[:8000] for key, value in parts.items()}, errors="replace")
        method = dice.choice(["GET", "GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
        return Sent(method=method, query=query, headers=headers)

    def judge(self, answer: httpx.Response, body: bytes) -> None:
        kind = answer.headers.get("content-type", "")
        self.seen[str(answer.status_code)] += 1
        assert not INSIDE.search(body.decode())
        if kind.startswith(EVENTS):
            told = [line[5:] for line in body.decode().split("\n") if line.startswith("data:")]
            return self.judge_all([json.loads(one) for one in told if one.strip()], 200)
        if "html" in kind or answer.request.method in ("HEAD", "OPTIONS"):
            assert answer.status_code < 500
            return
        assert "json" in kind, (kind, body)
        self.judge_all([json.loads(body)], answer.status_code)

    def judge_all(self, results: list[Any], status: int) -> None:
        for result in results:
            assert result.get("data") is not None or result["errors"], result
            codes = [judged(error) for error in result.get("errors", ())]
            self.seen.update(codes)
            self.seen["data"] += result.get("data") is not None
            assert status < 500 or (status == 503 and Code.SERVICE_UNAVAILABLE in codes)


def judged(error: dict[str, Any]) -> str:
    """The code of an error that says what an error has to."""
    extensions = error["extensions"]
    assert error["message"], error
    assert Code(extensions["code"]) is not Code.INTERNAL_ERROR, error
    assert re.fullmatch(r"[0-9a-f]{16}", extensions["id"]), error
    return str(extensions["code"])


@pytest.fixture
async def fuzzed(
    database: Engine, database_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Fuzzer, int]]:
    """A fuzzer, and the port of a server over a community, which keeps no connection in the end."""
    rows = community(1)
    put(database, **rows)
    settings = Settings(database_url=database_url, home=tmp_path)
    tokens = [token_of(settings, account(who)) for who in (1, LEAVING)]
    application = app.create_app(settings, SHORT)
    server = Server(application, timeout_graceful_shutdown=1, http="httptools")
    schema = make_schema(SHORT)._schema
    everything = {**rows, "blocks": [block(number) for number in range(11)]}
    async with server.running(listening("127.0.0.1", 0)) as port:
        yield Fuzzer(schema, everything, tokens), port
        pool: Any = application.state.index.engine.pool
        async with asyncio.timeout(PATIENCE):
            while pool.checkedout():
                await asyncio.sleep(0.05)
    gc.collect()


async def taken(http: httpx.AsyncClient, sent: Sent) -> tuple[httpx.Response, bytes]:
    """The answer, as far as it comes: of a stream its beginning."""
    headers = {key.encode(): value.encode("latin-1") for key, value in sent.headers.items()}
    body = b""
    async with http.stream(
        sent.method, "/graphql?" + sent.query, headers=list(headers.items()), content=sent.content
    ) as answer:
        streams = answer.headers.get("content-type", "").startswith(EVENTS)
        try:
            async with asyncio.timeout(0.2 if streams else PATIENCE):
                async for chunk in answer.aiter_bytes():
                    body += chunk
        except TimeoutError:
            assert streams
            body = body[: body.rfind(b"\n") + 1]
    return answer, body


def bugs(logs: list[MutableMapping[str, Any]]) -> str:
    """Where the errors that were logged came from."""
    told = [one for one in logs if one["log_level"] in ("error", "critical")]
    return "\n".join(
        sorted(
            {
                "".join(format_exception(one["exc_info"])[-4:])
                if isinstance(one.get("exc_info"), BaseException)
                else str(one)
                for one in told
            }
        )
    )


async def lives(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json={"query": "{ meta { block { number } } }"})
    assert answer.json() == {"data": {"meta": {"block": {"number": 10}}}}


async def test_every_request_gets_an_answer_that_says_what_is_wrong(
    fuzzed: tuple[Fuzzer, int], logs: list[MutableMapping[str, Any]]
) -> None:
    fuzzer, port = fuzzed
    seeds, wrong = iter(range(FIRST, FIRST + MANY)), list[str]()

    async def some(http: httpx.AsyncClient) -> None:
        for seed in seeds:
            sent = fuzzer.request(seed)
            try:
                for _ in range(1 + 2 * (seed % 4 == 0)):  # what comes again is compiled
                    fuzzer.judge(*await taken(http, sent))
            except Exception as error:
                wrong.append(f"request {seed}: {error!r} to {sent}")

    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE) as http:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(TOGETHER):
                tasks.create_task(some(http))
        await lives(http)
    assert not (found := bugs(logs)), found
    assert not wrong, "\n".join(wrong[:10])
    assert fuzzer.seen["data"] > MANY // 4, fuzzer.seen
    assert len(set(fuzzer.seen) & set(map(str, Code))) >= 5, fuzzer.seen


async def test_every_message_on_a_socket_gets_an_answer_or_an_end_with_a_reason(
    fuzzed: tuple[Fuzzer, int],
    logs: list[MutableMapping[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    fuzzer, port = fuzzed
    for seed in range(FIRST, FIRST + MANY // 12):
        dice = random.Random(seed)
        socket = await opened(port)
        try:
            for n in range(8):
                await socket.send(message(fuzzer, dice, n))
            await socket.send('{"type": "ping"}')
            await heard(fuzzer, socket, seed)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, seed
            assert closed.rcvd.code in CLOSED, (seed, closed)
            fuzzer.seen["closed"] += 1
        await socket.close()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        await lives(http)
    assert not (found := bugs(logs)), found
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
    assert fuzzer.seen["data"] > 0
    assert fuzzer.seen["closed"] > 0


def message(fuzzer: Fuzzer, dice: random.Random, number: int) -> str:
    """Mostly the beginning of an operation; also its end, and what is nothing of the protocol."""
    id_ = str(dice.choice([number, dice.randint(0, 8)]))
    payload: Any = fuzzer.operation(dice, dice.choice(["Subscription", *ROOTS]))
    if dice.random() < 0.03:
        payload = spoiling.body(dice, payload)
    told: Any = {"id": id_, "type": "subscribe", "payload": payload}
    if dice.random() < 0.2:
        told = {"id": id_, "type": "complete"}
    if dice.random() < 0.03:
        told |= {dice.choice(["id", "type", "payload"]): dice.choice(spoiling.ODD)}
    raw = spoiling.raw_of(told)
    return (raw if dice.random() > 0.02 else raw[: dice.randrange(len(raw))]).decode()


async def heard(fuzzer: Fuzzer, socket: Any, seed: int) -> None:
    """Judges what is answered until the pong and a while after it."""
    patience = float(PATIENCE)
    while True:
        try:
            told = json.loads(await asyncio.wait_for(socket.recv(), patience))
        except TimeoutError:
            assert patience < 1, seed
            return
        match told:
            case {"type": "pong"}:
                patience = 0.1
            case {"type": "next", "payload": payload}:
                fuzzer.judge_all([payload], 200)
            case {"type": "error", "payload": errors}:
                fuzzer.judge_all([{"errors": errors}], 200)
            case _:
                assert told["type"] == "complete", told
