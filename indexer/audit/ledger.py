"""Stored events and blocks against the node's, a stretch at a time, put right where that is proven.

A node's word is not enough to change a fact: it may be the node that is wrong. Receipts are.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from indexer.audit import chain, facts
from indexer.audit.differences import Whole
from indexer.audit.moment import Moment, Reader
from indexer.audit.repair import Repairs
from indexer.audit.tally import Tally
from indexer.chain.node import Node
from indexer.db.completeness import Proof
from indexer.errors import NodeBehind, Retryable
from indexer.log import get_logger
from indexer.sync.batch import Batch
from indexer.sync.patience import Patience
from indexer.units import BlockNumber

log = get_logger(__name__)


Part = tuple[str, chain.Compared]
"""The table, and what became of a stretch of it."""


class Proving(Protocol):
    """What fetches blocks with the proof of their logs."""

    async def linked(self, first: BlockNumber, last: BlockNumber) -> Batch: ...


class Ledger:
    """Goes over all events up to one moment, and then over all blocks that are kept."""

    def __init__(
        self, reader: Reader, repairs: Repairs, node: Node, fetcher: Proving, most: int
    ) -> None:
        """`most`: blocks whose logs are asked for at once, at most."""
        self._reader = reader
        self._repairs = repairs
        self._node = node
        self._fetcher = fetcher
        self._most = most
        self._upto = {"events": -1, "blocks": -1}
        self._parts: AsyncIterator[Part] | None = None
        self.done = False

    async def step(self, moment: Moment, tally: Tally, patience: float) -> None:
        """Compares the next stretch; the first one decides up to which moment it goes.

        One that failed is the next again.
        """
        if (found := await self._next(moment, patience)) is None:
            await self._count(moment, tally)
            self.done = True
            return
        name, part = found
        tally.add_many(name, part.compared, part.differences)
        tally.leave(name, part.why, part.not_compared)
        for block in sorted(part.wrong):
            await self._replace(moment, BlockNumber(block))
        self._upto[name] = part.upto

    async def _next(self, moment: Moment, patience: float) -> Part | None:
        if self._parts is None:
            self._parts = self._ahead(moment, patience)
        try:
            return await anext(self._parts, None)
        except BaseException:
            self._parts = None
            raise

    async def _ahead(self, moment: Moment, patience: float) -> AsyncIterator[Part]:
        patiently, reader, node = _patiently(patience), self._reader, self._node
        after = self._upto["events"]
        async for part in chain.logs(reader, moment, node, self._most, patiently, after=after):
            yield "events", part
        async for part in chain.blocks(reader, moment, node, after=self._upto["blocks"]):
            yield "blocks", part

    async def _replace(self, moment: Moment, block: BlockNumber) -> None:
        batch = await self._fetcher.linked(block, block)
        if any(one.proof < Proof.BLOOM for one in batch.proofs) or not batch.proofs:
            log.warning(
                "a block or its events differ from the node's, and nothing proves which are right: "
                "see `dchat verify`",
                block=block,
            )
            return
        count = await asyncio.to_thread(self._repairs.replace, moment, batch)
        log.warning(
            "what was stored of a block was not the chain's: put right", block=block, events=count
        )

    async def _count(self, moment: Moment, tally: Tally) -> None:
        """The cursor's counters, once all events are right."""

        def counted() -> dict[str, tuple[int, int]]:
            with self._reader.at(moment) as db:
                tally.add("cursor", Whole("the cursor"), facts.counters(db))
                return facts.counted(db)

        lacking = [is_ - has for has, is_ in (await asyncio.to_thread(counted)).values()]
        if any(lacking):
            await asyncio.to_thread(self._repairs.adjust, *lacking)
            log.warning("the cursor counted wrongly: put right", events=lacking[0])


def _patiently(
    seconds: float,
) -> Callable[[Callable[[], Awaitable[chain.Told]]], Awaitable[chain.Told]]:
    """Asks again where waiting helps, for so long."""
    patience = Patience(seconds)

    async def ask(asked: Callable[[], Awaitable[chain.Told]]) -> chain.Told:
        while True:
            try:
                found = await asked()
            except NodeBehind:
                raise
            except Retryable as error:
                await asyncio.sleep(patience.pause(error))
                continue
            patience.restore()
            return found

    return ask
