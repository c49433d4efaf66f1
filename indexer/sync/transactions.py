"""The transactions behind events: waited for where nodes lag, done without where they lack them."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from indexer.chain.blocks import Transaction
from indexer.chain.node import Node
from indexer.errors import BadAnswer, NodeBehind
from indexer.log import get_logger
from indexer.units import Hash32

log = get_logger(__name__)

PAUSES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds in which a node that has told of a transaction's logs gets to know the transaction."""
REST: Final = 60.0
"""Seconds for which nodes that lack transactions are not waited for again."""


class Transactions:
    """Nodes may have pruned old transactions: an index without some of them beats no index."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._until = 0.0
        self._said = False

    async def of(
        self, blocks: Mapping[Hash32, Hash32], known: Mapping[Hash32, Transaction]
    ) -> dict[Hash32, Transaction]:
        """The transactions by hash, each of the block of that hash; what nodes lack is absent.

        Those that are `known` are not asked for. Raises BadAnswer where one is of another block:
        a reorg is under way.
        """
        have = {one: known[one] for one in blocks if one in known}
        left = {one: block for one, block in blocks.items() if one not in have}
        transactions = have | (await self._known(left) if left else {})
        for hash_, transaction in transactions.items():
            if transaction.block_hash != blocks[hash_]:
                raise BadAnswer(f"transaction 0x{hash_.hex()} moved to another block meanwhile")
        return transactions

    async def _known(self, blocks: Mapping[Hash32, Hash32]) -> dict[Hash32, Transaction]:
        for pause in PAUSES if time.monotonic() >= self._until else ():
            try:
                return await self._node.transactions(blocks.keys())
            except NodeBehind:
                await asyncio.sleep(pause)
        found = await self._node.known_transactions(blocks.keys())
        if len(found) < len(blocks):
            self._lacking(len(blocks) - len(found))
        return found

    def _lacking(self, count: int) -> None:
        self._until = time.monotonic() + REST
        if not self._said:
            log.warning(
                "nodes lack transactions: what their input alone says is unknown", lack=count
            )
        self._said = True
