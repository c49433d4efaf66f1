"""`dchat index`: puts the engine together and runs it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.db import schema
from indexer.errors import ConfigError
from indexer.settings import Settings
from indexer.sync.backfill import Backfill
from indexer.sync.deployment import Deployment, find
from indexer.sync.fetch import Fetcher
from indexer.sync.follow import Follower, Goal
from indexer.sync.progress import Progress
from indexer.sync.store import Origin, Store
from indexer.units import BlockNumber

ANSWER_BYTES: Final = 64 << 20
"""The largest answer that is read: some 80,000 logs. What is larger is asked for in parts."""


def index(settings: Settings, database_url: str, *, to_block: int | None, once: bool) -> None:
    """Follows the deployment's chain until the goal is reached, for ever without one."""
    deployment = find(settings.deployment)
    if not settings.rpc_urls:
        raise ConfigError("DCHAT_RPC_URLS is not set: give the URL of a node of the chain")
    schema.check(database_url, patience=settings.rpc_patience)
    goal = Goal(
        to_block=None if to_block is None else BlockNumber(to_block),
        once=once,
        poll_interval=settings.poll_interval,
        patience=settings.rpc_patience,
    )
    store = Store(database_url)
    try:
        with Progress(to_block) as progress:
            asyncio.run(_follow(settings, deployment, store, goal, progress))
    finally:
        store.close()


async def _follow(
    settings: Settings, deployment: Deployment, store: Store, goal: Goal, progress: Progress
) -> None:
    rpc = Rpc(
        settings.rpc_urls,
        expected_chain_id=deployment.chain_id,
        timeout=settings.rpc_timeout,
        patience=settings.rpc_patience,
        concurrency=settings.rpc_concurrency,
        max_bytes=ANSWER_BYTES,
    )
    node = Node(rpc)
    try:
        await node.chain_id()
        origins = await _origins(node, deployment, await asyncio.to_thread(store.origins))
        await asyncio.to_thread(store.begin, deployment.chain_id, origins)
        fetcher = Fetcher(node, {origin.address: origin.contract for origin in origins})
        backfill = Backfill(fetcher, concurrency=settings.rpc_concurrency, most=settings.max_range)
        await Follower(node, store, fetcher, backfill, goal, progress).run()
    finally:
        await node.close()


async def _origins(node: Node, deployment: Deployment, known: Sequence[Origin]) -> list[Origin]:
    """Where each contract begins; asks the node once where only its creation is known."""
    found = {(origin.contract, origin.address): origin for origin in known}
    origins = []
    for contract, place in deployment.places.items():
        start = place.start_block
        if origin := found.get((contract, place.address)):
            start = origin.start_block
        if start is None:
            assert place.creation_tx is not None
            start = await node.creation_block(place.creation_tx)
        origins.append(Origin(contract, place.address, start))
    return origins
