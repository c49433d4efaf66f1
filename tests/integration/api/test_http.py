"""The HTTP side: operations, GraphiQL, health."""

import httpx
import pytest
from sqlalchemy import Engine, text

from tests.integration.api.rows import group, put

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_queries_come_by_post_and_by_get(http: httpx.AsyncClient, database: Engine) -> None:
    put(database, groups=[group(1)])
    query = "query ($n: Int) { groups(first: $n) { nodes { name } } }"
    expected = {"data": {"groups": {"nodes": [{"name": "Group 1"}]}}}
    answer = await http.post("/graphql", json={"query": query, "variables": {"n": 1}})
    assert (answer.status_code, answer.json()) == (200, expected)
    answer = await http.get("/graphql", params={"query": query, "variables": '{"n": 1}'})
    assert (answer.status_code, answer.json()) == (200, expected)


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'"x"', b'{"query": 1}', b"\xff"])
async def test_a_body_that_is_no_operation_is_refused_in_json(
    http: httpx.AsyncClient, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await http.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"].keys() == {"code", "id"}


async def test_a_browser_gets_graphiql_and_nothing_from_elsewhere(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.get("/graphql?query={meta{chainId}}", headers=HTML)
    assert answer.headers["content-type"].startswith("text/html")
    assert "https://" not in answer.text


async def test_the_process_lives(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE cursor SET head_block = 30", None),
        ("UPDATE cursor SET head_block = 31", "21 blocks behind"),
        ("UPDATE cursor SET synced = false", "catching up"),
        ("UPDATE cursor SET block_hash = NULL", "nothing is indexed"),
        ("UPDATE cursor SET head_block = NULL", "nothing is indexed"),
        ("DELETE FROM cursor", "nothing is indexed"),
        ("ALTER TABLE groups RENAME TO gone", "dchat migrate"),
    ],
)
async def test_readiness_means_an_index_that_is_close_to_the_head(
    http: httpx.AsyncClient, database: Engine, change: str, reason: str | None
) -> None:
    with database.begin() as connection:
        connection.execute(text(change))
    answer = await http.get("/readyz")
    assert answer.status_code == (200 if reason is None else 503)
    assert answer.json()["ready"] is (reason is None)
    assert (reason or "") in answer.json().get("reason", "")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("query A { __typename } query B { __typename }", "name the one"),
        ("subscription { meta { chainId } }", "text/event-stream"),
    ],
)
async def test_what_has_no_single_answer_is_refused(
    http: httpx.AsyncClient, query: str, words: str
) -> None:
    for _ in range(3):
        answer = await http.post("/graphql", json={"query": query})
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert words in error["message"]
    if "B" in query:
        named = await http.post("/graphql", json={"query": query, "operationName": "B"})
        assert named.json() == {"data": {"__typename": "Query"}}
