"""Facts fetched anew beside the stored ones, for a replay that is to be compared with the index."""

import asyncio

from indexer.chain.node import Node
from indexer.chain.rpc import ANSWER_BYTES, Rpc
from indexer.errors import BadAnswer, ConfigError, Retryable
from indexer.log import get_logger
from indexer.settings import Settings
from indexer.sync.backfill import Backfill
from indexer.sync.fetch import Fetcher
from indexer.sync.patience import Patience, patiently
from indexer.sync.progress import Progress
from indexer.sync.shadow import Shadow
from indexer.sync.store import Store
from indexer.units import BlockNumber

log = get_logger(__name__)


class Fresh:
    """Fetches into the side schema of an index. Raises ConfigError without a node."""

    def __init__(self, settings: Settings, url: str) -> None:
        if not settings.rpc_urls:
            raise ConfigError("DCHAT_RPC_URLS is not set: give the URL of a node of the chain")
        self._settings = settings
        self._url = url

    def fetch(self, shadow: Shadow, last: int) -> None:
        """Fetches what the side schema lacks up to block `last`, which has to be the index's too.

        Raises Retryable when patience ends, BadAnswer where node and index are on different forks.
        """
        store = Store(self._url)
        try:
            with Progress(last, doing="fetching") as progress:
                asyncio.run(self._fetch(store, shadow, last, progress))
        finally:
            store.close()

    async def _fetch(self, store: Store, shadow: Shadow, last: int, progress: Progress) -> None:
        settings = self._settings
        at = await patiently(settings.rpc_patience, store.cursor)
        assert at is not None, "nothing is indexed"
        rpc = Rpc(
            settings.rpc_urls,
            expected_chain_id=at.chain_id,
            timeout=settings.rpc_timeout,
            patience=settings.rpc_patience,
            concurrency=settings.rpc_concurrency,
            max_bytes=ANSWER_BYTES,
        )
        node = Node(rpc)
        try:
            await node.chain_id()
            await self._patiently(store, shadow, last, progress, node)
        finally:
            await node.close()

    async def _patiently(
        self, store: Store, shadow: Shadow, last: int, progress: Progress, node: Node
    ) -> None:
        origins = await patiently(self._settings.rpc_patience, store.origins)
        addresses = {origin.address: origin.contract for origin in origins}
        fetcher = Fetcher(node, addresses, cross_check=self._settings.cross_check)
        most, concurrency = self._settings.max_range, self._settings.rpc_concurrency
        backfill = Backfill(fetcher, concurrency=concurrency, most=most)
        patience = Patience(self._settings.rpc_patience)
        while True:
            try:
                await _take(backfill, shadow, last, progress, patience)
                return await _compare(store, shadow, last)
            except Retryable as error:
                pause = patience.pause(error)
                log.warning("trying again", cause=str(error), pause=pause)
                await asyncio.sleep(pause)


async def _take(
    backfill: Backfill, shadow: Shadow, last: int, progress: Progress, patience: Patience
) -> None:
    at = await asyncio.to_thread(shadow.begun)
    assert at is not None and at.fetched_block is not None, "nothing is to be fetched"
    block, parent = at.fetched_block, at.fetched_hash
    progress.begin(last - block)
    batches = backfill.batches(BlockNumber(block + 1), BlockNumber(last))
    try:
        async for batch in batches:
            if parent not in (None, batch.parent):
                raise BadAnswer(f"the node's block {batch.first} does not follow what was fetched")
            await asyncio.to_thread(shadow.keep, batch)
            patience.restore()
            progress.took(batch.first, batch.last.number, len(batch.events), last)
            parent = batch.last.hash
    finally:
        await batches.aclose()


async def _compare(store: Store, shadow: Shadow, last: int) -> None:
    """Raises BadAnswer where the index's block `last` is known to be another one."""
    at = await asyncio.to_thread(shadow.begun)
    ours = await asyncio.to_thread(store.highest, last)
    if at is None or ours is None or ours.number != last or at.fetched_hash is None:
        return
    if ours.hash != at.fetched_hash:
        raise BadAnswer(f"the node's block {last} is not the index's: they are on different forks")
