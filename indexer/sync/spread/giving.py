"""A worker's side: fetches what is asked for, as the indexer itself would."""

import asyncio
from typing import Final

from indexer.chain.node import Node
from indexer.chain.rpc import ANSWER_BYTES, Rpc
from indexer.errors import DchatError, RangeTooLarge
from indexer.settings import Settings
from indexer.sync.fetch import Fetcher
from indexer.sync.spread.parcel import Failed, TooWide, Wanted, packed, refusal, wanted
from indexer.units import BlockNumber

PATIENCE: Final = 5.0
"""Seconds that unreachable nodes are waited for: the indexer has its own, and is told early."""


class Giver:
    """Keeps its connections to nodes, and what it learnt of them, from one stretch to the next.

    Belongs to one process and one thread.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runner: asyncio.Runner | None = None
        self._nodes: dict[int, Node] = {}
        self._fetchers: dict[Wanted, Fetcher] = {}

    def give(self, message: bytes) -> bytes:
        """The answer to what an indexer asks; what goes wrong is an answer, too."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._answer(message))

    def close(self) -> None:
        """Ends the connections."""
        if self._runner is not None:
            for node in self._nodes.values():
                self._runner.run(node.close())
            self._runner.close()

    async def _answer(self, message: bytes) -> bytes:
        try:
            asked = wanted(message)
            async with asyncio.timeout(asked.seconds):
                return packed(await self._fetcher(asked).stretch(asked.first, asked.last))
        except RangeTooLarge as error:
            answer = TooWide(cause=str(error), suggested=error.suggested, certain=error.certain)
            return refusal(answer)
        except DchatError as error:
            return refusal(Failed(cause=f"a worker could not fetch it: {error}"))
        except TimeoutError:
            return refusal(Failed(cause=f"a worker did not fetch it in {asked.seconds:g} seconds"))

    def _fetcher(self, asked: Wanted) -> Fetcher:
        alike = asked.at(BlockNumber(0), BlockNumber(0))
        if alike not in self._fetchers:
            node, addresses = self._node(asked.chain_id), dict(asked.contracts)
            self._fetchers[alike] = Fetcher(node, addresses, cross_check=asked.cross_check)
        return self._fetchers[alike]

    def _node(self, chain_id: int) -> Node:
        if chain_id not in self._nodes:
            self._nodes[chain_id] = Node(
                Rpc(
                    self._settings.rpc_urls,
                    expected_chain_id=chain_id,
                    timeout=self._settings.rpc_timeout,
                    patience=PATIENCE,
                    concurrency=self._settings.rpc_concurrency,
                    max_bytes=ANSWER_BYTES,
                )
            )
        return self._nodes[chain_id]
