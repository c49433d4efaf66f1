"""How it is known of stretches far from the head that none of their logs is missing.

A second endpoint is asked for the same; where it differs, the blocks' receipts say who is right.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from indexer.chain.blocks import Log
from indexer.chain.bodies import Body
from indexer.chain.endpoint import Endpoint
from indexer.chain.ranges import Ranges, cut
from indexer.chain.readings import Span
from indexer.chain.witnesses import Witnesses
from indexer.db.completeness import Proof, Range
from indexer.errors import RangeTooLarge
from indexer.sync.judge import Judge, Told, same, unsettled
from indexer.sync.proofs import Proven, by_block, corrected
from indexer.units import Address, BlockNumber

PIECES: Final = 16
"""Requests' worth of blocks that an endpoint with a smaller limit than the first is asked for."""
SETTLED: Final = 64
"""Blocks of a stretch whose receipts are asked for, at most, before one of two is believed."""
WIDEST: Final = 1 << 40


class CrossCheck:
    """Where it is not `wanted`, or nobody else is well, a stretch is the node's word."""

    def __init__(self, witnesses: Witnesses, ours: Collection[Address], *, wanted: bool) -> None:
        self._witnesses = witnesses
        self._ours = frozenset(ours)
        self._wanted = wanted
        self._judge = Judge(witnesses, self._ours)
        self._ranges: dict[Endpoint, Ranges] = {}

    async def prove(self, span: Span) -> Proven:
        """The logs of the span as they are, which may be others than the span's.

        Raises BadAnswer where endpoints contradict each other and nothing proves who is right.
        """
        held, settled = span, set[BlockNumber]()
        for endpoint in self._witnesses.others({span.by}) if self._wanted else ():
            other = await self._second(endpoint, span)
            if other is None:
                continue
            apart = differing(held.logs, other.logs)
            if not apart:
                return Proven(held.logs, [*_ranges(held, Proof.PROVIDERS, settled)])
            held = await self._settled(held, other, apart)
            settled |= {*apart[:SETTLED]}
        return Proven(held.logs, [*_ranges(held, Proof.NODE, settled)])

    async def _second(self, endpoint: Endpoint, span: Span) -> Span | None:
        """The same span as that endpoint tells it; None where it does not, or only in crumbs."""
        blocks = span.last.number - span.first.number + 1
        while True:
            ranges = self._ranges.get(endpoint, Ranges(size=WIDEST, most=WIDEST))
            pieces = [*cut(span.first.number, span.last.number, ranges.size)]
            if len(pieces) > PIECES:
                return None
            try:
                told = await self._witnesses.span_of(endpoint, pieces, self._ours)
            except RangeTooLarge as error:
                size = min(ranges.size, blocks)
                ranges = ranges.refused(
                    blocks=size, suggested=error.suggested, certain=error.certain
                )
                self._ranges[endpoint] = ranges
                if size == 1:
                    return None
                continue
            if told is None:
                return None
            last, logs = told
            if last.hash != span.last.hash:
                raise unsettled(span.by, endpoint, last.number)
            self._ranges[endpoint] = ranges.answered(blocks=ranges.size, logs=len(logs))
            return Span(span.first, last, logs, endpoint)

    async def _settled(self, held: Span, other: Span, apart: Sequence[BlockNumber]) -> Span:
        """What is right of both; of more blocks than can be settled, whoever did not lie."""
        one, two = Told(by_block(held.logs), held.by), Told(by_block(other.logs), other.by)
        blocks = await self._agreed(apart[:SETTLED], held.by, other.by)
        verdict = await self._judge.settle(blocks, one, two)
        if len(apart) > SETTLED and verdict.liars != {other.by}:
            if verdict.liars != {held.by}:
                raise RangeTooLarge(str(unsettled(held.by, other.by, apart[SETTLED])))
            one, held = two, other
        return Span(held.first, held.last, corrected(held.logs, one.logs, verdict.logs), held.by)

    async def _agreed(
        self, numbers: Sequence[BlockNumber], one: Endpoint, two: Endpoint
    ) -> list[Body]:
        """The blocks' headers, about whose hashes both have to agree: else nothing is proven."""
        mine, theirs = [await self._witnesses.headers_of(who, numbers) for who in (one, two)]
        if mine is None or theirs is None:
            raise unsettled(one, two, numbers[0])
        for a, b in zip(mine, theirs, strict=True):
            if a.header.hash != b.header.hash:
                raise unsettled(one, two, a.header.number)
        return [a if a.receipts_root is not None else b for a, b in zip(mine, theirs, strict=True)]


def differing(one: Sequence[Log], two: Sequence[Log]) -> list[BlockNumber]:
    """The blocks of which these are not the same logs."""
    mine, theirs = by_block(one), by_block(two)
    return [
        number
        for number in sorted(mine.keys() | theirs.keys())
        if not same(mine.get(number, ()), theirs.get(number, ()))
    ]


def _ranges(span: Span, proof: Proof, settled: Collection[BlockNumber]) -> Iterator[Range]:
    first = span.first.number
    for number in sorted(settled):
        if first < number:
            yield Range(first, BlockNumber(number - 1), proof)
        yield Range(number, number, Proof.RECEIPTS)
        first = BlockNumber(number + 1)
    if first <= span.last.number:
        yield Range(first, span.last.number, proof)
