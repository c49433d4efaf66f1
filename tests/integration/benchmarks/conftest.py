"""A node of the benchmark that serves a small chain."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from benchmarks.archive import Archive
from benchmarks.chain import Recipe, chain
from benchmarks.server import Served, served
from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from tests.integration.conftest import named


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = Recipe(seed=5, events=12_000, night=100)
    return chain(recipe, tmp_path_factory.mktemp("chains"))


@pytest.fixture(scope="session")
def archive(folder: Path) -> Archive:
    return Archive(folder)


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[Served]:
    with served(folder) as node:
        yield node


@pytest.fixture
async def rpc(server: Served) -> AsyncIterator[Rpc]:
    rpc = Rpc([server.url], expected_chain_id=31337, patience=0)
    yield rpc
    await rpc.close()


@pytest.fixture
def node(rpc: Rpc) -> Node:
    return Node(rpc)


@pytest.fixture
def empty(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of that name; returns its URL."""
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        administer(postgres_url, f"CREATE DATABASE {name}")
        return named(postgres_url, name)

    yield make
    for name in made:
        administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def administer(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
