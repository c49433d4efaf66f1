"""Blocks → batches: asks the node, checks that the answers fit together, decodes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from indexer.chain.blocks import Header, Log, Transaction
from indexer.chain.node import Node, Span
from indexer.chain.validate import check_block, check_links
from indexer.errors import BadAnswer, RangeTooLarge
from indexer.events.calls import Call
from indexer.events.decode import decoder_for
from indexer.events.definitions import Contract, Event
from indexer.events.inputs import NEEDS_INPUT, agrees, decode_input
from indexer.projections.world import Fact
from indexer.sync.batch import Batch, Block
from indexer.units import Address, BlockNumber, Hash32

Inputs = Mapping[Hash32, Transaction]


class Fetcher:
    """Fetches stretches of the chain for the three contracts."""

    def __init__(self, node: Node, addresses: Mapping[Address, Contract]) -> None:
        self._node = node
        self._contracts = addresses

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
        transactions = await self._inputs(span.logs)
        events, facts = self._read(span.logs, transactions)
        return Batch(
            first=span.first.number,
            parent=span.first.parent_hash,
            last=_block(span.last),
            blocks=blocks,
            events=events,
            facts=facts,
        )

    async def _inputs(self, logs: Iterable[Log]) -> Inputs:
        """The transactions of the events that leave something unsaid."""
        wanted = {log.transaction_hash: log for log in logs if log.topics[:1] and _leaves_out(log)}
        transactions = await self._node.transactions(wanted.keys())
        for hash_, transaction in transactions.items():
            if transaction.block_hash != wanted[hash_].block_hash:
                raise BadAnswer(f"transaction 0x{hash_.hex()} moved to another block meanwhile")
        return transactions

    def _read(
        self, logs: Sequence[Log], transactions: Inputs
    ) -> tuple[list[tuple[Any, ...]], list[Fact]]:
        events, facts = [], []
        for log in logs:
            contract = self._contracts[log.address]
            topics = (*log.topics, None, None, None, None)[:4]
            decoder = decoder_for(contract, topics[0])
            event = decoder(topics[1], topics[2], topics[3], log.data) if decoder else None
            call, calldata = _cause(contract, log, event, transactions)
            events.append(
                (
                    log.block_number,
                    log.log_index,
                    log.transaction_index,
                    log.transaction_hash,
                    contract,
                    *topics,
                    log.data,
                    event is not None,
                    calldata,
                )
            )
            if event is not None:
                place = (log.block_number, log.log_index, log.transaction_index)
                facts.append(Fact(event, *place, call))
        return events, facts


def _leaves_out(log: Log) -> bool:
    return log.topics[0] in NEEDS_INPUT


def _cause(
    contract: Contract, log: Log, event: Event | None, transactions: Inputs
) -> tuple[Call | None, bytes | None]:
    """The direct call that caused the event, decoded and as it was; nothing where they differ."""
    transaction = transactions.get(log.transaction_hash)
    if event is None or transaction is None or transaction.to != log.address:
        return None, None
    if not _leaves_out(log):
        return None, None
    call = decode_input(contract, transaction.input)
    if call is None or not agrees(event, call):
        return None, None
    return call, transaction.input


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
