"""People who are in groups, and talk."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import Engine

from api.context import Context
from api.schema import Schema
from tests.integration.accounts.wallets import signed_in
from tests.integration.api.conftest import Client, chain, client, database, logs, schema
from tests.integration.api.rows import account, group, member, put

__all__ = ["chain", "client", "database", "logs", "schema"]

SEND = """mutation ($group: String, $to: Address, $content: String!, $clientId: String,
    $replyTo: ID, $mentions: [Address!], $encryption: String) {
  sendMessage(groupId: $group, recipient: $to, content: $content, clientId: $clientId,
    replyTo: $replyTo, mentions: $mentions, encryption: $encryption) {
      id seq content sender block sentAt kind recipient replyTo { id content } mentions
      group { groupId }
  }
}"""


def hex_of(number: int) -> str:
    """Somebody's address, in small letters."""
    return "0x" + account(number).hex()


class Person:
    """Somebody who signed in, by number."""

    def __init__(self, client: Client, number: int) -> None:
        self._client, self.number = client, number

    def _context(self) -> Context:
        return Context(self._client.index, viewer=signed_in(account(self.number)))

    async def run(self, query: str, **variables: Any) -> Any:
        return await self._client._schema.execute(query, variables, context_value=self._context())

    async def data(self, query: str, **variables: Any) -> Any:
        result = await self.run(query, **variables)
        assert result.errors is None, result.errors
        return result.data

    async def error(self, query: str, **variables: Any) -> dict[str, Any]:
        result = await self.run(query, **variables)
        assert result.errors is not None and len(result.errors) == 1, result
        return {"message": result.errors[0].message, **result.errors[0].extensions}

    async def say(self, content: str, group: str | None = "group_1", **more: Any) -> Any:
        """The message, sent to a group, or `to` somebody."""
        to = {"group": None if "to" in more else group}
        return (await self.data(SEND, content=content, **to, **more))["sendMessage"]

    async def refusal(self, content: str, group: str = "group_1", **more: Any) -> dict[str, Any]:
        return await self.error(SEND, content=content, group=group, **more)

    async def do(self, verb: str, message: Any, **more: Any) -> Any:
        """A mutation of one message."""
        given = "".join(f', {name}: "{value}"' for name, value in more.items())
        fields = "{ id content editedAt deletedAt pinnedAt reactions { emoji count users } }"
        found = await self.data(f'mutation {{ {verb}(id: "{message["id"]}"{given}) {fields} }}')
        return found[verb]

    async def history(self, args: str = "first: 100", group: str = "group_1") -> list[Any]:
        fields = "nodes { id content seq card sender deletedAt event { id } }"
        query = f'{{ group(groupId: "{group}") {{ messages({args}) {{ {fields} }} }} }}'
        nodes: list[Any] = (await self.data(query))["group"]["messages"]["nodes"]
        return nodes

    async def stream(self, query: str, **variables: Any) -> AsyncGenerator[Any, None]:
        """The results of an operation, as WebSockets have it run."""
        results = await self._client._schema.stream(
            query=query, variable_values=variables, context_value=self._context()
        )
        async with aclosing(results):
            async for result in results:
                yield result


class People:
    """Everybody, by number."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getitem__(self, number: int) -> Person:
        return Person(self._client, number)


@pytest.fixture
async def another(schema: Schema, client: Client) -> AsyncGenerator[Client, None]:
    """The API of another process: with connections, queues and listeners of its own."""
    made = Client(schema, client.settings)
    yield made
    await made.index.close()


@pytest.fixture
def people(client: Client, database: Engine) -> People:
    """1 owns group_1, in which 2 is an admin, 3 and 4 are members; 9 is in none."""
    put(
        database,
        groups=[group(1, member_count=4)],
        members=[member(1, 1, role=2), member(1, 2, role=1), member(1, 3), member(1, 4)],
    )
    return People(client)
