"""Blocks → batches: asks the node, checks that the answers fit together, decodes."""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from indexer.chain.blocks import Header, Log
from indexer.chain.node import Node
from indexer.chain.ranges import Ranges
from indexer.chain.readings import Span, Strand
from indexer.chain.validate import check_block
from indexer.errors import RangeTooLarge
from indexer.events.decode import decoder_for
from indexer.events.definitions import Contract, Event
from indexer.events.inputs import CAUSES
from indexer.projections.world import Fact
from indexer.sync.batch import Batch, Block, Sighting
from indexer.sync.causes import Causes, Found, Known, Place, Unsaid
from indexer.sync.cross_check import CrossCheck
from indexer.sync.near import Near
from indexer.sync.proofs import Proofs, Proven
from indexer.sync.watch import Watch
from indexer.units import Address, BlockNumber

TOGETHER: Final = 64
"""Linked blocks that are asked for at once, at most."""
Decoded = tuple[Log, Contract, Event | None]
PAD: Final = (None, None, None)
"""What stands for topics that a log does not have: behind the first there are three."""


class Fetcher:
    """Fetches stretches of the chain for the three contracts."""

    def __init__(
        self, node: Node, addresses: Mapping[Address, Contract], *, cross_check: bool = True
    ) -> None:
        """`cross_check` is whether other endpoints are asked for the same logs."""
        self._node = node
        self._near = Near(node)
        self._contracts = addresses
        self._causes = Causes(node)
        self._watch = Watch(node.state, addresses)
        self._proofs = Proofs(node.witnesses, addresses, cross_check=cross_check)
        self._cross_check = CrossCheck(node.witnesses, addresses, wanted=cross_check)
        self._ranges = Ranges(size=TOGETHER, most=TOGETHER)
        """How many linked blocks nodes give at once."""

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        """The blocks, keeping only those that carry logs and the last. Raises Retryable."""
        span = await self._node.span(first, last, self._contracts)
        proven, decoded, found = await self._sure(self._cross_check.prove(span), span.logs, {})
        return _batch(await self._carriers(span, proven.logs), proven, decoded, found)

    async def linked(self, first: BlockNumber, last: BlockNumber) -> Batch:
        """The blocks, each one kept, each one the child of the one before. Raises Retryable.

        It is fewer blocks where the node finds so many too large.
        """
        strand = await self._strand(first, last)
        sent = [one for body in strand.bodies for one in body.transactions]
        known = {one.hash: one for one in sent}
        proven, decoded, found = await self._sure(self._proofs.prove(strand), strand.logs, known)
        calls = [
            Sighting(one.block_number, one.hash, one.sender, one.to, one.input) for one in sent
        ]
        headers = [body.header for body in strand.bodies]
        batch = _batch(headers, proven, decoded, found)
        return await self._watch.see(replace(batch, calls=calls))

    async def _strand(self, first: BlockNumber, last: BlockNumber) -> Strand:
        last = BlockNumber(min(last, first + self._ranges.size - 1))
        blocks = last - first + 1
        try:
            strand = await self._near.strand(first, last, self._contracts)
        except RangeTooLarge as error:
            if blocks == 1:
                raise
            self._ranges = self._ranges.refused(
                blocks=blocks, suggested=error.suggested, certain=error.certain
            )
            return await self._strand(first, last)
        self._ranges = self._ranges.answered(blocks=blocks, logs=len(strand.logs))
        return strand

    async def _carriers(self, span: Span, logs: Iterable[Log]) -> list[Header]:
        """The headers of the span's ends, and of blocks whose logs do not tell their time."""
        untimed = {log.block_number for log in logs if log.block_timestamp is None}
        untimed -= {span.first.number, span.last.number}
        headers = await self._node.headers(sorted(untimed))
        ends = [span.first, span.last] if span.first.number < span.last.number else [span.last]
        return [*ends[:-1], *headers, ends[-1]]

    async def _sure(
        self, proving: Awaitable[Proven], logs: list[Log], known: Known
    ) -> tuple[Proven, list[Decoded], dict[Place, Found]]:
        """The logs as they are, decoded, and what caused them: looked for while they are proven."""
        proven, explained = await asyncio.gather(proving, self._explained(logs, known))
        if proven.logs is not logs:
            explained = await self._explained(proven.logs, known)
        return proven, *explained

    async def _explained(
        self, logs: Sequence[Log], known: Known
    ) -> tuple[list[Decoded], dict[Place, Found]]:
        decoded = self._decoded(logs)
        return decoded, await self._causes.find(_unsaid(decoded), known)

    def _decoded(self, logs: Sequence[Log]) -> list[Decoded]:
        found: list[Decoded] = []
        add, contracts = found.append, self._contracts
        for log in logs:
            contract, topics = contracts[log.address], log.topics
            decoder = decoder_for(contract, topics[0] if topics else None)
            event = None
            if decoder is not None:
                one, two, three = topics[1:] + PAD[len(topics) - 1 :]
                event = decoder(one, two, three, log.data)
            add((log, contract, event))
        return found


def _batch(
    headers: Sequence[Header],
    proven: Proven,
    decoded: Iterable[Decoded],
    found: Mapping[Place, Found],
) -> Batch:
    events, facts = _read(decoded, found)
    return Batch(
        first=headers[0].number,
        parent=headers[0].parent_hash,
        last=_block(headers[-1]),
        blocks=_blocks(headers, proven.logs),
        events=events,
        facts=facts,
        proofs=proven.ranges,
    )


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
    events, facts = list[tuple[Any, ...]](), list[Fact]()
    for log, contract, event in decoded:
        block, index, transaction, topics = (
            log.block_number,
            log.log_index,
            log.transaction_index,
            log.topics,
        )
        cause = found.get((block, index)) if type(event) in CAUSES else None
        place = (block, index, transaction, log.transaction_hash, contract)
        told = (None, None) if cause is None else (cause.input, cause.source)
        padded = topics + PAD[len(topics) - 1 :] if topics else (None, None, None, None)
        events.append((*place, *padded, log.data, event is not None, *told))
        if event is None:
            continue
        if cause is None:
            facts.append(Fact(event, block, index, transaction))
        else:
            facts.append(Fact(event, block, index, transaction, cause.cause, cause.source))
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
