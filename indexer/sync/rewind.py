"""`dchat rewind`: the index back to a block, as if it had just got there."""

import asyncio
from typing import Final

from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.db import schema
from indexer.db.cursor import Cursor
from indexer.errors import BadAnswer, Busy, ConfigError, Retryable
from indexer.settings import Settings
from indexer.sync.batch import Block
from indexer.sync.store import Store
from indexer.units import BlockNumber, to_hex

PATIENCE: Final = 10.0
"""Seconds for a node to tell a hash without which the index can do."""


def rewind(settings: Settings, url: str, number: int) -> str:
    """What was done, in a line. Raises Busy while an indexer leads, ConfigError on a wrong block.

    A backfill keeps only some blocks. Where block `number` is not one of them a node is asked for
    it, if there is one; else the index stands at the nearest kept block below, with the same facts.
    """
    schema.check(url, patience=settings.rpc_patience)
    store = Store(url)
    try:
        return take_back(settings, store, number, flag=f"--to-block {number}")
    finally:
        store.close()


def take_back(settings: Settings, store: Store, number: int, *, flag: str) -> str:
    """The same on a store, which leads from then on; `flag` is what asked for it."""
    if not store.lead():
        raise Busy("an indexer writes to this database: stop it, and those that stand by")
    at = store.cursor()
    if at is None:
        raise ConfigError("nothing is indexed yet: run `dchat index`")
    start = _start(store, at, number, flag)
    newest, why = None, ""
    if number >= start:
        newest, why = _newest(settings, store, at, number)
    gone = store.rewind(newest.number if newest else start - 1, newest)
    return _said(at, number, newest, gone) + why


def _start(store: Store, at: Cursor, number: int, flag: str) -> int:
    """The first block of the index; raises ConfigError where `number` does not lie in it."""
    start = min(origin.start_block for origin in store.origins())
    if not start - 1 <= number <= at.block_number:
        raise ConfigError(
            f"{flag}: the index begins at block {start} and stands at block {at.block_number}"
        )
    return start


def _newest(settings: Settings, store: Store, at: Cursor, number: int) -> tuple[Block | None, str]:
    """The block that the index will stand at, and why it is another one than `number`."""
    below, above = store.highest(number), store.lowest(number)
    if above is None or above.number == number:
        return above or below, ""
    if not settings.rpc_urls:
        return below, f"; block {number} is not kept, and there is no node (DCHAT_RPC_URLS)"
    try:
        return asyncio.run(_asked(settings, at, number, above)), ""
    except Retryable as error:
        return below, f"; block {number} is not kept, and no node tells it ({error})"


async def _asked(settings: Settings, at: Cursor, number: int, above: Block) -> Block:
    """The block by a node, which has to have the kept one above it too: else it is on a fork."""
    rpc = Rpc(
        settings.rpc_urls,
        expected_chain_id=at.chain_id,
        timeout=settings.rpc_timeout,
        patience=min(settings.rpc_patience, PATIENCE),
    )
    node = Node(rpc)
    try:
        wanted, later = await node.headers([BlockNumber(number), above.number])
    finally:
        await node.close()
    if later.hash != above.hash:
        raise BadAnswer(f"its block {above.number} is not ours")
    return Block(wanted.number, wanted.hash, wanted.timestamp)


def _said(at: Cursor, number: int, newest: Block | None, gone: int) -> str:
    """What was done."""
    taken = f"{gone:,} events of blocks {number + 1} to {at.block_number} taken back"
    if newest is None:
        return f"{taken}; the index stands before its first block"
    return f"{taken}; the index stands at block {newest.number} ({to_hex(newest.hash)})"
