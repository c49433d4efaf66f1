"""Content brought into the store block by block, none of which is believed before its hash."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Protocol

from indexer.errors import BadContent, BlockMissing, ConfigError, ContentUnavailable, CorruptBlock
from indexer.ipfs.cid import Cid
from indexer.ipfs.reading import Walk, check_size
from indexer.ipfs.store import BlockStore
from workers.ipfs.http import Http

RAW: Final = "application/vnd.ipld.raw"


class Source(Protocol):
    """Whoever may have a block."""

    async def block(self, cid: Cid) -> bytes:
        """What it says the block is, unverified. Raises ContentUnavailable or BadContent."""


class Gateway:
    """A trustless gateway. https://specs.ipfs.tech/http-gateways/trustless-gateway."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def block(self, cid: Cid) -> bytes:
        headers, query = {"Accept": RAW}, {"format": "raw"}
        return await self._http.read("GET", f"/ipfs/{cid}", headers=headers, params=query)


async def fetch(
    root: Cid, store: BlockStore, sources: Sequence[Source], *, most: int, seconds: float
) -> int:
    """Brings all blocks below a root into the store; returns their bytes.

    What is stored already is not asked for, so an interrupted fetch goes on where it was. Raises
    ContentUnavailable, TooLarge or Unsupported.
    """
    course = Walk(root=root, most=most)
    try:
        async with asyncio.timeout(seconds):
            while (cid := course.next()) is not None:
                course.take(await _block(cid, store, sources))
    except TimeoutError:
        came = f"{course.blocks} blocks of it came"
        raise ContentUnavailable(f"{root} took more than {seconds:g} s; {came}") from None
    return course.size


async def _block(cid: Cid, store: BlockStore, sources: Sequence[Source]) -> bytes:
    """One verified block; each source is asked in turn, and a liar is passed over."""
    with suppress(BlockMissing, CorruptBlock):
        await asyncio.to_thread(store.refresh, cid)
        return await asyncio.to_thread(store.get, cid)
    reasons = []
    for source in sources:
        try:
            block = await source.block(cid)
            check_size(cid, block)
            await asyncio.to_thread(store.put, cid, block)
            return block
        except (ContentUnavailable, BadContent, ConfigError) as error:
            reasons.append(str(error))
    told = "; ".join(reasons) or "DCHAT_IPFS_GATEWAYS names nobody to ask"
    raise ContentUnavailable(f"nobody gave block {cid}: {told}")
