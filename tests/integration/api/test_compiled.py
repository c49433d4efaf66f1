"""One statement and the resolvers give the same answers."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.compiled.connections import Connections
from api.compiled.plans import Plans
from api.context import Context
from api.metrics import STATEMENTS
from api.reads.engine import connection_url
from api.schema import make_schema
from tests.integration.api.community import community
from tests.integration.api.conftest import SHORT, Client
from tests.integration.api.operations import NONSENSE, Operation
from tests.integration.api.rows import Row, block, group, member, put

EXAMPLES = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Both:
    """The resolvers, and what is compiled, over one community."""

    def __init__(self, client: Client, rows: dict[str, list[Row]]) -> None:
        self._client, self._rows = client, rows
        self._schema = make_schema(SHORT)
        self.connections = Connections(connection_url(client.index.engine.url), SHORT)
        self.plans = Plans(schema=self._schema._schema, connections=self.connections, most=64)
        self._schema.plans = self.plans

    def operation(self, seed: int) -> Operation:
        return Operation(self._schema._schema, self._rows, seed)

    async def answers(self, query: str, **variables: Any) -> tuple[Any, bytes | None]:
        """The resolvers' result, and the statement's data."""
        context = Context(self._client.index, asked=(query, None))
        told = await self._schema.execute(query, variables, context_value=context)
        return told, await self.plans.answer((query, None), variables)


@pytest.fixture(params=[1, 2])
async def both(
    client: Client, database: Engine, request: pytest.FixtureRequest
) -> AsyncIterator[Both]:
    rows = community(request.param)
    put(database, **rows)
    made = Both(client, {**rows, "blocks": [block(number) for number in range(11)]})
    yield made
    gc.collect()
    await made.connections.close()


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # fields beside a failed one
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@EXAMPLES
@given(seed=st.integers(0, 2**40))
async def test_a_statement_says_what_the_resolvers_say(both: Both, seed: int) -> None:
    operation = both.operation(seed)
    for _ in range(2):
        variables = operation.variables()
        told, got = await both.answers(operation.text, **variables)
        if told.errors:
            assert got is None, (operation.text, variables, told.errors)
        elif got is None:  # a list is only counted, behind a cursor
            assert "totalCount" in operation.text, (operation.text, variables)
        else:
            assert orjson.dumps(orjson.loads(got)) == orjson.dumps(told.data), operation.text


async def test_who_asks_again_gets_the_same_answer_by_one_statement(
    http: httpx.AsyncClient, database: Engine
) -> None:
    put(database, groups=[group(1), group(2)], members=[member(1, 3), member(2, 0xAB)])
    query = """query ($id: String) { group(groupId: $id) { name members { nodes { address
      user { memberships { totalCount } } } } } meta { block { number } } }"""

    async def ask(number: int) -> tuple[bytes, int]:
        before = STATEMENTS._value.get()
        told = {"query": query, "variables": {"id": f"group_{number}"}}
        answer = await http.post("/graphql", json=told)
        assert answer.headers["content-type"] == "application/json"
        return answer.content, int(STATEMENTS._value.get() - before)

    first, statements = await ask(2)
    assert statements == 4
    assert await ask(2) == (first, 1)
    other, statements = await ask(1)
    assert (orjson.loads(other)["data"]["group"]["name"], statements) == ("Group 1", 1)


async def test_wrong_arguments_are_named_also_where_the_operation_is_known(
    http: httpx.AsyncClient, database: Engine
) -> None:
    query = "query ($n: Int, $c: String) { groups(first: $n, after: $c) { nodes { id } } }"

    async def ask(**variables: Any) -> Any:
        return (await http.post("/graphql", json={"query": query, "variables": variables})).json()

    for _ in range(3):
        assert await ask(n=5) == {"data": {"groups": {"nodes": []}}}
    for wrong, argument in [({"n": 201}, "first"), ({"n": 5, "c": NONSENSE}, "after")]:
        [error] = (await ask(**cast("dict[str, Any]", wrong)))["errors"]
        assert error["extensions"]["argument"] == argument
    [error] = (await ask(n="five"))["errors"]
    assert "$n" in error["message"]


async def test_a_connection_that_is_in_use_when_all_are_closed_is_closed_afterwards(
    client: Client,
) -> None:
    connections = Connections(connection_url(client.index.engine.url), SHORT)
    waiting = asyncio.create_task(connections.text("SELECT pg_backend_pid() FROM pg_sleep(1)", []))
    await asyncio.sleep(0.3)
    await connections.close()
    pid = int(await waiting)
    alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1"
    others = Connections(connection_url(client.index.engine.url), SHORT)
    try:
        async with asyncio.timeout(10):
            while await others.text(alive, [pid]) != b"0":
                await asyncio.sleep(0.05)
    finally:
        await others.close()


async def test_the_short_way_differs_from_the_long_one_in_nothing_but_its_length(
    http: httpx.AsyncClient, database: Engine
) -> None:
    put(database, groups=[group(1)])
    told = {"query": "{ groups { nodes { name owner } } }"}
    plain, own = "application/json", "application/graphql-response+json"
    for accept in (plain, own, f"{own}, {plain};q=0.9", "*/*"):
        headers = {"accept": accept}
        long = await http.post("/graphql", json={**told, "extensions": {}}, headers=headers)
        short = [await http.post("/graphql", json=told, headers=headers) for _ in range(3)][-1]
        assert (short.status_code, short.content) == (long.status_code, long.content)
        assert short.headers.items() == long.headers.items()
    stranger = await http.post("/graphql", json=told, headers={"authorization": "Bearer x"})
    assert stranger.status_code == 401
