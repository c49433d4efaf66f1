"""Each error has a code and an id that the log has too; bugs show nothing of the inside."""

from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from api.app import create_app
from api.limits import Limits
from indexer.settings import Settings
from tests.integration.api.conftest import Client
from tests.integration.cutting import cutting

Logs = list[MutableMapping[str, Any]]


def deep(times: int) -> str:
    """A valid query of 3 + 3 * times levels."""
    return (
        "{ groups { nodes { "
        + "members { nodes { group { " * times
        + "id "
        + "} " * (3 * times + 3)
    )


def chained(times: int) -> str:
    """A valid query of 3 + 3 * `times` levels, each three in a fragment of their own."""
    inner = "{ members { nodes { group { ...F%d } } } }"
    links = [f"fragment F{n} on Group {inner % (n + 1)}" for n in range(times)]
    last = f"fragment F{times} on Group {{ id }}"
    return " ".join(["{ groups { nodes { ...F0 } } }", *links, last])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($a: Int) { meta { chainId } }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ payment(paymentId: "0x12") { id } }', "BAD_USER_INPUT"),
        ("query ($a: Address!) { user(address: $a) { id } }", "BAD_USER_INPUT"),
        ("{ group { id } }", "BAD_USER_INPUT"),
        ('{ group(groupId: "a", key: "0x' + "00" * 32 + '") { id } }', "BAD_USER_INPUT"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }", "LIMIT_EXCEEDED"),
        (f"{{ groups {{ nodes {{ {'group { members { nodes { ' * 9}", "GRAPHQL_PARSE_FAILED"),
        (deep(5), "LIMIT_EXCEEDED"),
        ("{ " + "__typename " * 2001 + "}", "GRAPHQL_PARSE_FAILED"),
        ("{ a " + "{ a " * 450 + "}" * 451, "GRAPHQL_PARSE_FAILED"),
        (chained(6), "LIMIT_EXCEEDED"),
        (chained(90), "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_clients_mistakes_have_codes_and_are_in_the_log(
    client: Client, logs: Logs, query: str, code: str
) -> None:
    result = await client.run(query)
    extensions = [error.extensions for error in result.errors]
    assert {one["code"] for one in extensions} == {code}
    assert {one["id"] for one in extensions} == {line["id"] for line in logs}
    assert not any("exc_info" in line for line in logs)


async def test_a_wrong_checksum_is_refused_with_the_right_one(client: Client) -> None:
    wrong = "0x4F93AEaAE5981fd6C95cFA8096D31D3d92ae2F28"
    error = await client.error("query ($a: Address!) { user(address: $a) { id } }", a=wrong)
    assert "0x4f93AEaAE5981fd6C95cFA8096D31D3d92ae2F28 is right" in error["message"]


async def test_a_bug_is_masked_and_logged_in_full(
    client: Client, database: Engine, logs: Logs
) -> None:
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE cursor ALTER chain_id TYPE text USING 'secret'"))
    error = await client.error("{ meta { chainId } }")
    assert error == {
        "message": f"Internal error (id {error['id']})",
        "code": "INTERNAL_ERROR",
        "id": error["id"],
    }
    (line,) = [line for line in logs if line["id"] == error["id"]]
    assert (line["log_level"], line["path"]) == ("error", "meta")
    assert "secret" in str(line["exc_info"])


async def test_a_database_without_tables_is_named(client: Client, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("DROP TABLE cursor"))
    error = await client.error("{ meta { chainId } }")
    assert error["code"] == "SERVICE_UNAVAILABLE"
    assert "dchat migrate" in error["message"]


async def test_an_index_that_never_started_is_named(client: Client, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("DELETE FROM cursor"))
    error = await client.error("{ meta { chainId } }")
    assert error["code"] == "SERVICE_UNAVAILABLE"
    assert "dchat index" in error["message"]


async def test_a_statement_that_takes_too_long_ends_with_a_typed_error(
    database: Engine, database_url: str
) -> None:
    app = create_app(Settings(database_url=database_url), Limits(statement_time=0.2))
    with database.begin() as locked:
        locked.execute(text("LOCK TABLE groups"))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
            body = {"query": "{ groups { totalCount } }"}
            answer = await http.post("http://dchat/graphql", json=body)
    async with app.router.lifespan_context(app):
        assert answer.json()["errors"][0]["extensions"]["code"] == "STATEMENT_TIMEOUT"


async def test_a_database_that_is_down_makes_typed_errors_and_no_readiness() -> None:
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://d") as http:
        answer = await http.post("/graphql", json={"query": "{ meta { chainId } }"})
        assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert (await http.get("/healthz")).status_code == 200


async def test_an_operation_that_could_touch_too_many_rows_is_refused(client: Client) -> None:
    query = "query ($n: Int) { groups(first: 200) { nodes { members(first: $n) { totalCount } } } }"
    error = await client.error(query, n=250)
    assert (error["code"], error["measure"], error["limit"]) == ("LIMIT_EXCEEDED", "rows", 50_000)
    assert "50200 rows" in error["message"]
    assert await client.data(query, n=200) == {"groups": {"nodes": []}}
    stream = f"subscription {{ groupUpdated {{ group {{ {'members(first: 200) { nodes { group { '} "
    stream += "members(first: 200) { nodes { group { members { totalCount } } } } } } } } } }"
    (result,) = [result async for result in client.stream(stream)]
    assert result.errors[0].extensions["measure"] == "rows"


async def test_a_connection_that_is_lost_after_the_last_statement_spoils_no_answer(
    client: Client, database: Engine, logs: Logs
) -> None:
    query = "{ meta { block { number } } }"
    await client.data(query)
    with cutting(client.settings.database_url or "") as all_:
        wanted = await client.data(query)
    with cutting(client.settings.database_url or "", all_.count - 1) as cut:
        assert await client.data(query) == wanted
    assert cut.before is not None and "ROLLBACK" in cut.before
    assert await client.data(query) == wanted
    assert not logs
