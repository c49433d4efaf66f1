"""Proofs of what a node said of a block's logs, and what other nodes say of them."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from indexer.chain import questions, readings
from indexer.chain.blocks import Header, Log
from indexer.chain.bodies import Body
from indexer.chain.endpoint import Endpoint
from indexer.chain.pool import Reader
from indexer.chain.readings import Piece
from indexer.chain.rpc import Rpc
from indexer.chain.wire import Answer, Call
from indexer.errors import RangeTooLarge, Retryable
from indexer.units import Address, BlockNumber

T = TypeVar("T")

TRIES: Final = 3
"""How often receipts are asked for where that fails."""


class Witnesses:
    """Every answer is validated, as those of Node are; `ours` are our addresses."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def others(self, heard: Collection[Endpoint]) -> list[Endpoint]:
        """The endpoints that are well, other than those."""
        return self._rpc.others(heard)

    def blame(self, endpoint: Endpoint, error: Retryable) -> None:
        """Lets an endpoint rest that was caught lying."""
        self._rpc.blame(endpoint, error, liar=True)

    async def receipts(
        self, blocks: Sequence[Body], ours: Collection[Address]
    ) -> list[list[Log] | None]:
        """Our logs in each block, proven; None where the receipts are not those of the block.

        Raises Unserved where no endpoint has receipts, NodeBehind where none has these yet.
        """
        calls = [questions.receipts(body.header.number) for body in blocks]
        return await self._rpc.ask(
            calls, lambda told: readings.receipts(told, blocks, ours), tries=TRIES
        )

    async def receipts_of(
        self, endpoint: Endpoint, blocks: Sequence[Body], ours: Collection[Address]
    ) -> list[list[Log] | None]:
        """The same, as this endpoint has them."""
        calls = [questions.receipts(body.header.number) for body in blocks]
        told = await self._told(endpoint, calls, lambda told: readings.receipts(told, blocks, ours))
        return told or [None] * len(blocks)

    async def headers_of(
        self, endpoint: Endpoint, numbers: Sequence[BlockNumber]
    ) -> list[Body] | None:
        """The blocks without their transactions, as this endpoint has them; None: it is silent."""
        calls = [questions.block(number) for number in numbers]
        return await self._told(endpoint, calls, lambda told: readings.bodies(told, numbers, ()))

    async def logs_of(
        self, endpoint: Endpoint, headers: Sequence[Header], ours: Collection[Address]
    ) -> list[list[Log]] | None:
        """Our logs in these very blocks, as this endpoint has them; None: it is silent."""
        calls = [questions.logs_of(header.hash, ours) for header in headers]
        return await self._told(endpoint, calls, lambda told: _each(told, headers, ours))

    async def logs_again(
        self, headers: Sequence[Header], ours: Collection[Address]
    ) -> list[list[Log]]:
        """Our logs in these very blocks, of any endpoint. Raises Retryable."""
        calls = [questions.logs_of(header.hash, ours) for header in headers]
        return await self._rpc.ask(calls, lambda told: _each(told, headers, ours))

    async def span_of(
        self, endpoint: Endpoint, pieces: Sequence[Piece], ours: Collection[Address]
    ) -> tuple[Header, list[Log]] | None:
        """All our logs of successive pieces in one request, and the last block's header.

        None where this endpoint is silent. Raises RangeTooLarge where a piece is.
        """
        last = pieces[-1][1]
        calls = [questions.logs_between(first, end, ours) for first, end in pieces]
        told = await self._rpc.asked(
            endpoint,
            [*calls, questions.block(last)],
            lambda told: readings.many(told, last, pieces, ours),
        )
        return told and told.value

    async def _told(self, endpoint: Endpoint, calls: Sequence[Call], read: Reader[T]) -> T | None:
        with suppress(RangeTooLarge):
            if (told := await self._rpc.asked(endpoint, calls, read)) is not None:
                return told.value
        return None


def _each(
    told: Sequence[Answer], headers: Sequence[Header], ours: Collection[Address]
) -> list[list[Log]]:
    pairs = zip(told, headers, strict=True)
    return [readings.block_logs(answer, header, ours) for answer, header in pairs]
