"""Blocks → batches: asks the node, checks that the answers fit together, decodes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from indexer.chain.blocks import Header, Log
from indexer.chain.node import Node, Span
from indexer.chain.validate import check_block, check_links
from indexer.errors import RangeTooLarge
from indexer.events.decode import decoder_for
from indexer.events.definitions import Contract, Event
from indexer.events.inputs import CAUSES
from indexer.projections.world import Fact
from indexer.sync.batch import Batch, Block
from indexer.sync.causes import Causes, Found, Place, Unsaid
from indexer.units import Address, BlockNumber

Decoded = tuple[Log, Contract, Event | None]


class Fetcher:
    """Fetches stretches of the chain for the three contracts."""

    def __init__(self, node: Node, addresses: Mapping[Address, Contract]) -> None:
        self._node = node
        self._contracts = addresses
        self._causes = Causes(node)

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        """The blocks, keeping only those that carry logs and the last. Raises Retryable."""
        span = await self._node.span(first, last, self._contracts)
        return await self._batch(span, await self._carriers(span))

    async def linked(self, first: BlockNumber, last: BlockNumber) -> Batch:
        """The blocks, each one kept, each one the child of the one before. Raises Retryable.

        It is fewer blocks where the node finds so many too large.
        """
        span = await self._span(first, last)
        inner = [BlockNumber(number) for number in range(first + 1, span.last.number)]
        headers = [span.first, *await self._node.headers(inner)]
        if span.last.number > first:
            headers.append(span.last)
        check_links(headers)
        return await self._batch(span, headers)

    async def _span(self, first: BlockNumber, last: BlockNumber) -> Span:
        try:
            return await self._node.span(first, last, self._contracts)
        except RangeTooLarge as error:
            blocks = last - first + 1
            if blocks == 1:
                raise
            fewer = min(error.suggested or blocks, blocks // 2)
            return await self._span(first, BlockNumber(first + max(fewer, 1) - 1))

    async def _carriers(self, span: Span) -> list[Header]:
        """The headers of the span's ends, and of blocks whose logs do not tell their time."""
        untimed = {log.block_number for log in span.logs if log.block_timestamp is None}
        untimed -= {span.first.number, span.last.number}
        headers = await self._node.headers(sorted(untimed))
        ends = [span.first, span.last] if span.first.number < span.last.number else [span.last]
        return [*ends[:-1], *headers, ends[-1]]

    async def _batch(self, span: Span, headers: Sequence[Header]) -> Batch:
        blocks = _blocks(headers, span.logs)
        decoded = self._decoded(span.logs)
        found = await self._causes.find(_unsaid(decoded))
        events, facts = _read(decoded, found)
        return Batch(
            first=span.first.number,
            parent=span.first.parent_hash,
            last=_block(span.last),
            blocks=blocks,
            events=events,
            facts=facts,
        )

    def _decoded(self, logs: Sequence[Log]) -> list[Decoded]:
        found = []
        for log in logs:
            contract, topics = self._contracts[log.address], (*log.topics, None, None, None, None)
            decoder = decoder_for(contract, topics[0])
            event = decoder(topics[1], topics[2], topics[3], log.data) if decoder else None
            found.append((log, contract, event))
        return found


def _unsaid(decoded: Iterable[Decoded]) -> list[Unsaid]:
    """The events whose values are in no log."""
    return [
        Unsaid(log, contract, event)
        for log, contract, event in decoded
        if event is not None and type(event) in CAUSES
    ]


def _read(
    decoded: Iterable[Decoded], found: Mapping[Place, Found]
) -> tuple[list[tuple[Any, ...]], list[Fact]]:
    events, facts = [], []
    for log, contract, event in decoded:
        cause = found.get((log.block_number, log.log_index))
        events.append(
            (
                log.block_number,
                log.log_index,
                log.transaction_index,
                log.transaction_hash,
                contract,
                *(*log.topics, None, None, None, None)[:4],
                log.data,
                event is not None,
                cause.input if cause else None,
                cause.source if cause else None,
            )
        )
        if event is not None:
            place = (log.block_number, log.log_index, log.transaction_index)
            known = (cause.cause, cause.source) if cause else ()
            facts.append(Fact(event, *place, *known))
    return events, facts


def _block(header: Header) -> Block:
    return Block(header.number, header.hash, header.timestamp)


def _blocks(headers: Sequence[Header], logs: Collection[Log]) -> list[Block]:
    """The blocks of headers and logs, which must not contradict each other."""
    known = {header.number: header for header in headers}
    blocks = {header.number: _block(header) for header in headers}
    carried: dict[BlockNumber, list[Log]] = {}
    for log in logs:
        carried.setdefault(log.block_number, []).append(log)
    for number, theirs in carried.items():
        if header := known.get(number):
            check_block(header, theirs)
        elif (time := theirs[0].block_timestamp) is not None:
            blocks[number] = Block(number, theirs[0].block_hash, time)
    return [blocks[number] for number in sorted(blocks)]
