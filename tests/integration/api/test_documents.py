"""Documents that clients name by their hash, and APIs that run no others or tell no schema."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api.app import create_app, listening
from indexer.errors import ConfigError
from indexer.settings import Settings
from tests.integration.api.test_websocket import Server, opened

CHAIN = "query Chain { meta { chainId } }"
OTHER = "{ meta { synced } }"
NAME = sha256(CHAIN.encode()).hexdigest()
ANSWER = {"data": {"meta": {"chainId": 31337}}}


def apollo(name: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": name}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "chain.graphql").write_text(CHAIN + "\n")
    return tmp_path


@asynccontextmanager
async def asking(url: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    made = create_app(Settings(database_url=url, **settings))
    transport = httpx.ASGITransport(made)
    async with (
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=transport, base_url="http://dchat") as client,
    ):
        yield client


def code(answer: httpx.Response) -> str:
    [error] = answer.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": NAME},
        {"documentId": f"sha256:{NAME}"},
        {"extensions": apollo(NAME)},
        {"extensions": apollo(NAME.upper())},
        {"query": CHAIN, "extensions": apollo(NAME)},
        {"query": CHAIN},
    ],
)
async def test_a_trusted_document_is_named_or_sent(
    database: Engine, database_url: str, folder: Path, body: Any
) -> None:
    async with asking(database_url, documents=folder, only_documents=True) as client:
        answer = await client.post("/graphql", json=body)
        assert (answer.status_code, answer.json()) == (200, ANSWER)
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in body.items()
        }
        answer = await client.get("/graphql", params=texts)
        assert (answer.status_code, answer.json()) == (200, ANSWER)


async def test_no_other_document_runs_where_only_trusted_ones_may(
    database: Engine, database_url: str, folder: Path
) -> None:
    own = {"query": OTHER, "extensions": apollo(sha256(OTHER.encode()).hexdigest())}
    async with asking(database_url, documents=folder, only_documents=True) as client:
        for body in ({"query": OTHER}, own):
            answer = await client.post("/graphql", json=body)
            assert (answer.status_code, code(answer)) == (400, "DOCUMENT_NOT_TRUSTED")
        assert (await client.post("/graphql", json={})).status_code == 400
    async with asking(database_url, documents=folder) as client:
        for body in ({"query": OTHER}, own):
            assert (await client.post("/graphql", json=body)).json()["data"]


async def test_an_unknown_name_is_what_apollo_s_clients_know(
    database: Engine, database_url: str
) -> None:
    async with asking(database_url) as client:
        answer = await client.post("/graphql", json={"extensions": apollo("0" * 64)})
        assert (answer.status_code, code(answer)) == (200, "PERSISTED_QUERY_NOT_FOUND")
        assert answer.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        for body in ({"documentId": 7}, {"query": OTHER, "extensions": apollo(NAME)}):
            answer = await client.post("/graphql", json=body)
            assert (answer.status_code, code(answer)) == (400, "BAD_USER_INPUT")


async def test_documents_are_named_over_websocket_too(
    database: Engine, database_url: str, folder: Path
) -> None:
    settings = Settings(database_url=database_url, documents=folder, only_documents=True)
    server = Server(create_app(settings), timeout_graceful_shutdown=1)
    async with server.running(listening("127.0.0.1", 0)) as port, await opened(port) as socket:
        payloads = [{"extensions": apollo(NAME)}, {"documentId": NAME}, {"query": OTHER}]
        answers = []
        for payload in payloads:
            await socket.send(json.dumps({"id": "a", "type": "subscribe", "payload": payload}))
            answers.append(json.loads(await socket.recv()))
            if answers[-1]["type"] == "next":
                assert json.loads(await socket.recv())["type"] == "complete"
    assert [answer["payload"] for answer in answers[:2]] == [ANSWER, ANSWER]
    assert answers[2]["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


MANIFEST = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": NAME, "name": "Chain", "type": "query", "body": CHAIN}],
}


@pytest.mark.parametrize("told", [{NAME: CHAIN}, MANIFEST])
async def test_a_file_may_hold_them_all(
    database: Engine, database_url: str, tmp_path: Path, told: Any
) -> None:
    (tmp_path / "documents.json").write_text(json.dumps(told))
    async with asking(database_url, documents=tmp_path / "documents.json") as client:
        assert (await client.post("/graphql", json={"documentId": NAME})).json() == ANSWER


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "No such file"),
        ("{", "can't be read"),
        ("[]", "neither an object"),
        (json.dumps({NAME: OTHER}), "is not the sha256 of its document"),
        (json.dumps({sha256(b"{ nothing }").hexdigest(): "{ nothing }"}), "Cannot query field"),
        (json.dumps({sha256(b"{").hexdigest(): "{"}), "Syntax Error"),
    ],
)
def test_the_api_does_not_start_with_documents_that_are_wrong(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    path = tmp_path / "documents.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        create_app(Settings(database_url="postgresql://x", documents=path))
    with pytest.raises(ConfigError, match="DCHAT_DOCUMENTS"):
        create_app(Settings(database_url="postgresql://x", only_documents=True))


@pytest.mark.parametrize("told", [True, False])
async def test_the_schema_is_told_or_not(database: Engine, database_url: str, told: bool) -> None:
    async with asking(database_url, introspection=told) as client:
        asked = {"query": "{ __schema { queryType { name } } }"}
        answer = (await client.post("/graphql", json=asked)).json()
        plain = await client.post("/graphql", json={"query": "{ __typename }"})
    assert ("errors" not in answer) is told
    assert plain.json() == {"data": {"__typename": "Query"}}
