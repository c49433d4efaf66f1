"""`dchat index`: puts the engine together and runs it."""

import asyncio
from collections.abc import Sequence
from functools import partial

from indexer.audit.auditor import Auditor
from indexer.chain.announcements import Announcements
from indexer.chain.node import Node
from indexer.chain.rpc import ANSWER_BYTES, Rpc
from indexer.db import schema
from indexer.errors import ConfigError, Retryable
from indexer.log import get_logger
from indexer.settings import Settings
from indexer.sync.backfill import Backfill, Source
from indexer.sync.collector import spare_the_collector
from indexer.sync.consequences import Consequences
from indexer.sync.deployment import Deployment, find
from indexer.sync.fetch import Fetcher
from indexer.sync.follow import Follower, Goal, NoAudit
from indexer.sync.patience import Patience, patiently
from indexer.sync.progress import Progress
from indexer.sync.rewind import take_back
from indexer.sync.spread.asking import Carrier, Spread
from indexer.sync.store import Origin, Store
from indexer.sync.waits import Waits
from indexer.units import BlockNumber

log = get_logger(__name__)


def index(
    settings: Settings,
    database_url: str,
    *,
    to_block: int | None,
    once: bool,
    audit: bool = True,
    anew_from: int | None = None,
    carrier: Carrier | None = None,
) -> None:
    """Follows the deployment's chain until the goal is reached, for ever without one.

    Without `audit`, what changed without an event is known only where its call was watched.
    `anew_from`: everything from this block on is taken back first. Raises Busy where another
    indexer leads then. `carrier`: history is fetched by the workers that it reaches.
    """
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
    spare_the_collector()
    store = Store(database_url, Consequences(settings.effects_age))
    try:
        with Progress(to_block) as progress:
            asyncio.run(
                _follow(settings, deployment, store, goal, progress, audit, anew_from, carrier)
            )
    finally:
        store.close()


async def _follow(
    settings: Settings,
    deployment: Deployment,
    store: Store,
    goal: Goal,
    progress: Progress,
    audit: bool,
    anew_from: int | None,
    carrier: Carrier | None,
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
    auditor: Auditor | NoAudit = NoAudit()
    try:
        await node.chain_id()
        origins = await _begun(settings, deployment, store, node)
        if anew_from is not None:
            first = max(anew_from, min(origin.start_block for origin in origins))
            flag = f"--from-block {anew_from}"
            back = partial(take_back, settings, store, first - 1, flag=flag)
            told = await patiently(settings.rpc_patience, back)
            log.info("fetching anew", done=told)
        addresses = {origin.address: origin.contract for origin in origins}
        fetcher = Fetcher(node, addresses, cross_check=settings.cross_check)
        source: Source = fetcher
        if carrier is not None:
            source = Spread(
                fetcher,
                carrier,
                chain_id=deployment.chain_id,
                addresses=addresses,
                cross_check=settings.cross_check,
                lease=settings.fetch_lease,
            )
        backfill = Backfill(source, concurrency=settings.rpc_concurrency, most=settings.max_range)
        if audit:
            auditor = _auditor(settings, store, node, fetcher)
        news = Announcements(settings.rpc_urls)
        follower = Follower(node, store, fetcher, backfill, goal, progress, auditor, news)
        await _telling(follower, node, store, news)
    finally:
        await auditor.close()
        if carrier is not None:
            await carrier.close()
        await node.close()


async def _telling(follower: Follower, node: Node, store: Store, news: Announcements) -> None:
    """Follows; meanwhile nodes are listened to, and what is waited for is written down."""
    waits = Waits(store.url, lambda: follower.waits_for, node.endpoints, lambda: store.leads)
    beside = [asyncio.create_task(work) for work in (waits.run(), news.listen())]
    try:
        await follower.run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


def _auditor(settings: Settings, store: Store, node: Node, fetcher: Fetcher) -> Auditor:
    return Auditor(
        store.url,
        node,
        fetcher,
        interval=settings.audit_interval,
        patience=settings.rpc_patience,
        most_blocks=settings.max_range,
    )


async def _begun(
    settings: Settings, deployment: Deployment, store: Store, node: Node
) -> list[Origin]:
    """Where each contract begins, as the database knows it from now on; patient with trouble."""
    patience = Patience(settings.rpc_patience)
    while True:
        try:
            origins = await _origins(node, deployment, await asyncio.to_thread(store.origins))
            await asyncio.to_thread(store.begin, deployment.chain_id, origins)
            return origins
        except Retryable as error:
            pause = patience.pause(error)
            log.warning("trying again", cause=str(error), pause=pause)
            await asyncio.sleep(pause)


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
