"""Blocks near the head: fetched whole where nodes can, so that nothing in them goes unseen."""

import time
from collections.abc import Collection
from typing import Final

from indexer.chain.node import TRIES, Node
from indexer.chain.readings import Strand
from indexer.errors import Retryable, Unserved
from indexer.log import get_logger
from indexer.units import Address, BlockNumber

log = get_logger(__name__)

ROUNDS: Final = 3
"""How often nodes that are well otherwise may fail at whole blocks."""
FIRST_REST: Final = 60.0
LONGEST_REST: Final = 3600.0


class Near:
    """Asks for whole blocks; where nodes fail at those alone, for headers, for a while."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._until = 0.0
        self._rest = FIRST_REST

    async def strand(
        self, first: BlockNumber, last: BlockNumber, ours: Collection[Address]
    ) -> Strand:
        """The blocks with all our logs; raises what `Node.strand` raises."""
        plain = None
        for _ in range(ROUNDS if time.monotonic() >= self._until else 0):
            try:
                found = await self._node.strand(first, last, ours, whole=True, tries=TRIES)
                self._rest = FIRST_REST
                return found
            except Unserved as error:
                plain = await self._node.strand(first, last, ours, whole=False)
                cause = error
        if plain is None:
            return await self._node.strand(first, last, ours, whole=False)
        self._lacking(cause)
        return plain

    def _lacking(self, cause: Retryable) -> None:
        self._until = time.monotonic() + self._rest
        log.warning(
            "nodes do not serve whole blocks: what is called without an event goes unseen",
            cause=str(cause),
            pause_s=self._rest,
        )
        self._rest = min(self._rest * 2, LONGEST_REST)
