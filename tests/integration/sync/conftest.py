"""Indexes of fake chains: a database, a node, and the engine between them."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.db import schema
from indexer.db.models import PROJECTIONS
from indexer.sync.backfill import Backfill
from indexer.sync.fetch import Fetcher
from indexer.sync.follow import Follower, Goal
from indexer.sync.progress import Progress
from indexer.sync.store import Origin, Store
from indexer.units import BlockNumber
from tests.fakes import FakeChain, FakeNode
from tests.integration.conftest import named
from tests.integration.sync.histories import ADDRESSES

TEMPLATE = "dchat_migrated"
TABLES = [
    "events",
    *(
        table.name
        for one in PROJECTIONS
        for table in (one.current, one.history)
        if table is not None
    ),
]
DECIDED = {
    "blocks": b"SELECT * FROM blocks WHERE number IN (SELECT block_number FROM events)"
    b" ORDER BY number",
    "cursor": b"SELECT chain_id, block_number, block_hash, block_timestamp, event_count,"
    b" undecoded_count FROM cursor",
}
Rows = dict[str, list[tuple[Any, ...]]]


class Index:
    """A database of its own, and what one can ask of it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def everything(self) -> Rows:
        """Every row of every table; of blocks those with events, as only they do not depend on
        how the chain was cut into batches; of the cursor what the chain alone decides."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = {
                name: sorted(connection.execute(f"SELECT * FROM {name}".encode()), key=repr)
                for name in TABLES
            }
            found |= {name: list(connection.execute(query)) for name, query in DECIDED.items()}
        return found

    def block(self) -> int:
        return int(self.value("SELECT block_number FROM cursor"))


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> str:
    """The name of a database that was migrated. Nobody pulls the plug on this server."""
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        _administer(postgres_url, "ALTER SYSTEM SET {} = off", name)
    _administer(postgres_url, "SELECT pg_reload_conf()")
    _administer(postgres_url, "CREATE DATABASE {}", TEMPLATE)
    schema.migrate(named(postgres_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def new_index(postgres_url: str, migrated: str) -> Iterator[Callable[[], Index]]:
    """Makes empty indexes."""
    names: list[str] = []

    def make() -> Index:
        names.append(f"index_{uuid4().hex}")
        _administer(
            postgres_url, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", names[-1], migrated
        )
        return Index(named(postgres_url, names[-1]))

    yield make
    for name in names:
        _administer(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def index(new_index: Callable[[], Index]) -> Index:
    return new_index()


def _administer(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain()


@pytest.fixture
async def fake(chain: FakeChain) -> AsyncIterator[FakeNode]:
    async with FakeNode(chain) as node:
        yield node


@asynccontextmanager
async def following(
    index: Index,
    *fakes: FakeNode,
    start: int = 1,
    most: int = 100,
    patience: float = 10.0,
    **goal: Any,
) -> AsyncIterator[Follower]:
    """The engine on this index and this node; its database connection ends with it."""
    urls = [fake.url for fake in fakes]
    rpc = Rpc(urls, expected_chain_id=31337, timeout=5.0, patience=patience)
    node, store = Node(rpc), Store(index.url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(node.close)
        stack.callback(store.close)
        origins = [Origin(c, a, BlockNumber(start)) for c, a in ADDRESSES.items()]
        store.begin(31337, origins)
        fetcher = Fetcher(node, {origin.address: origin.contract for origin in origins})
        backfill = Backfill(fetcher, concurrency=3, most=most)
        goals = Goal(**({"poll_interval": 0.02, "patience": patience} | goal))
        yield Follower(node, store, fetcher, backfill, goals, Progress(bar=False))


async def follow(index: Index, *fakes: FakeNode, **settings: Any) -> None:
    """Indexes up to the head, or to where it is told."""
    async with following(index, *fakes, **({"once": True} | settings)) as follower:
        await follower.run()
