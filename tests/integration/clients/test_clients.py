"""Clients and tools by others work with the API as it is: one program, one server for all."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.integration.clients.stack import Stack
from tests.integration.conftest import named

SUITES = {
    "audits": "GraphQL over HTTP, every audit of graphql-http",
    "codegen": "graphql-codegen's client type-checks",
    "relay": "Relay's compiler",
    "apollo": "Apollo Client pages and keeps a live list right",
    "urql": "urql pages and keeps a live list right",
    "overSocket": "graphql-ws ends with the chain's events",
    "overEvents": "graphql-sse ends with the chain's events",
}


@pytest.fixture(scope="module")
def told(postgres_url: str, template: str) -> Iterator[dict[str, str | None]]:
    """What each suite came to."""
    name = f"clients_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        yield asyncio.run(Stack(named(postgres_url, name)).run())
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.parametrize("suite", SUITES, ids=SUITES.values())
def test_what_frontend_teams_use_works(told: dict[str, str | None], suite: str) -> None:
    assert told.keys() == SUITES.keys()
    assert told[suite] is None, told[suite]
