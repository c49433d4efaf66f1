"""Indexes of fake chains: a database, a node, and the engine between them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg

from indexer.audit.auditor import Auditor
from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.db.models import PROJECTIONS
from indexer.sync.backfill import Backfill
from indexer.sync.consequences import Consequences
from indexer.sync.fetch import Fetcher
from indexer.sync.follow import Follower, Goal, NoAudit
from indexer.sync.news import News
from indexer.sync.progress import Progress
from indexer.sync.spread.asking import Carrier, Spread
from indexer.sync.store import Origin, Store
from indexer.units import BlockNumber
from tests.fakes import FakeNode
from tests.integration.sync.histories import ADDRESSES

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
    "observations": b"SELECT key, kind, address, block_number, block_hash, answer, origin"
    b" FROM observations ORDER BY key, kind, address, block_number",
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
        how the chain was cut into batches; of the cursor and of observations what the chain alone
        decides."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = {
                name: sorted(connection.execute(f"SELECT * FROM {name}".encode()), key=repr)
                for name in TABLES
            }
            found |= {name: list(connection.execute(query)) for name, query in DECIDED.items()}
        return found

    def block(self) -> int:
        return int(self.value("SELECT block_number FROM cursor"))


@asynccontextmanager
async def following(
    index: Index,
    *fakes: FakeNode,
    start: int = 1,
    most: int = 100,
    patience: float = 10.0,
    fetching: type[Fetcher] = Fetcher,
    audit: float | None = None,
    age: float = 0,
    news: News | None = None,
    carrier: Carrier | None = None,
    **goal: Any,
) -> AsyncIterator[Follower]:
    """The engine on this index and this node; its database connection ends with it.

    `audit`: the seconds between two slices, 0 for none but those of history, None for no audit.
    `age`: the seconds that a block may be old and still have effects. `carrier`: the way to workers
    that fetch history, each of them taken for dead after two seconds.
    """
    urls = [fake.url for fake in fakes]
    rpc = Rpc(urls, expected_chain_id=31337, timeout=5.0, patience=patience)
    node, store = Node(rpc), Store(index.url, Consequences(age))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(node.close)
        stack.callback(store.close)
        origins = [Origin(c, a, BlockNumber(start)) for c, a in ADDRESSES.items()]
        store.begin(31337, origins)
        fetcher = fetching(node, {origin.address: origin.contract for origin in origins})
        source = fetcher if carrier is None else spread(fetcher, carrier)
        backfill = Backfill(source, concurrency=3, most=most)
        goals = Goal(**({"poll_interval": 0.02, "patience": patience} | goal))
        auditor = NoAudit() if audit is None else auditing(index, node, fetcher, audit)
        stack.push_async_callback(auditor.close)
        told = Progress(bar=False)
        yield Follower(node, store, fetcher, backfill, goals, told, auditor, news)


def spread(fetcher: Fetcher, carrier: Carrier) -> Spread:
    return Spread(
        fetcher,
        carrier,
        chain_id=31337,
        addresses={place: one for one, place in ADDRESSES.items()},
        cross_check=True,
        lease=2.0,
    )


def auditing(index: Index, node: Node, fetcher: Fetcher, interval: float) -> Auditor:
    return Auditor(index.url, node, fetcher, interval=interval, patience=1.0, most_blocks=1000)


async def follow(index: Index, *fakes: FakeNode, **settings: Any) -> None:
    """Indexes up to the head, or to where it is told."""
    async with following(index, *fakes, **({"once": True} | settings)) as follower:
        await follower.run()
