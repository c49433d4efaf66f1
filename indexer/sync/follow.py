"""The engine: one verb, `converge`, takes one step towards the head; `run` repeats it.

Where the index is (I) and where the chain is (C) leaves four cases:

    C is ahead, and its next block is I's child      → advance
    C is ahead, and its next block is not            → find the fork, undo and advance in one step
    C is where I am: same block → idle, another one  → as above
    C is lower than I: our blocks still on it → wait, no longer → as above
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

from indexer.chain.head import Heads
from indexer.chain.health import Causes
from indexer.chain.node import Node
from indexer.db.cursor import SLACK, Cursor
from indexer.errors import BadAnswer, Retryable
from indexer.log import get_logger
from indexer.sync.backfill import Backfill
from indexer.sync.batch import Batch, Block
from indexer.sync.fetch import Fetcher
from indexer.sync.final import check_final
from indexer.sync.fork import fork
from indexer.sync.late import LateIndexes
from indexer.sync.news import Clock, News
from indexer.sync.outcomes import Advanced, Behind, Finished, Idle, Outcome, Reverted
from indexer.sync.patience import Patience
from indexer.sync.progress import Progress
from indexer.sync.store import Store
from indexer.units import BlockNumber

log = get_logger(__name__)

LOOK: Final = 10.0
"""Seconds between two looks at the heads while history comes in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`to_block` is the last block to index, `once` stops at the head; by default neither."""

    to_block: BlockNumber | None = None
    once: bool = False
    poll_interval: float = 0.25
    patience: float = 300.0


class Audit(Protocol):
    """Compares the index with the contracts, for what no event told."""

    def begin(self) -> None:
        """Will compare a slice now and then: this process leads."""

    async def whole(self) -> None:
        """Compares all of it, now: the index is about to stop."""

    def soon(self) -> None:
        """Will compare all of it, beside the following: it has caught up with history."""

    async def close(self) -> None:
        """Ends comparing."""


class NoAudit:
    """Leaves what no event tells to others."""

    def begin(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def whole(self) -> None:
        pass

    def soon(self) -> None:
        pass


class Follower:
    """Follows one chain into one store."""

    def __init__(
        self,
        node: Node,
        store: Store,
        fetcher: Fetcher,
        backfill: Backfill,
        goal: Goal,
        progress: Progress,
        audit: Audit | None = None,
        news: News | None = None,
    ) -> None:
        self._node = node
        self._store = store
        self._fetcher = fetcher
        self._backfill = backfill
        self._goal = goal
        self._progress = progress
        self._patience = Patience(goal.patience)
        self._causes = Causes()
        self._audit = audit or NoAudit()
        self._late = LateIndexes(store)
        self._news = news or Clock()
        self._waits_for: str | None = None
        self._looked = 0.0
        self._untallied = True
        """Whether there may be blocks that statistics have not added up."""
        self._unwatched = False
        """Whether blocks were indexed whose calls nobody watched, and no audit followed."""

    @property
    def waits_for(self) -> str | None:
        """What keeps the index from going on; None where nothing does."""
        return self._waits_for

    async def run(self) -> None:
        """Follows until the goal is reached. Raises Fatal, or Retryable when patience ends."""
        while True:
            try:
                outcome = await self.converge()
            except Retryable as error:
                await self._sit_out(error)
                continue
            self._patience.restore()
            self._waits_for = _lag(outcome)
            self._audit.begin()
            match outcome:
                case Finished():
                    await self._audit.whole()
                    await self._tally(whole=True)
                    return
                case Idle() | Behind():
                    self._ask_for_audit()
                    await self._tally()
                    await self._news.wait(self._goal.poll_interval)
                case Advanced() | Reverted():
                    self._untallied = True
                case _:
                    assert_never(outcome)

    async def _sit_out(self, error: Retryable) -> None:
        """Pauses; says why, once for each cause. Raises the error when patience ends."""
        pause, cause = self._patience.pause(error), str(error)
        self._waits_for = cause
        if self._causes.worth_saying("", cause, time.monotonic()):
            log.warning("trying again", cause=cause, pause=pause)
        await asyncio.sleep(pause)

    async def _tally(self, *, whole: bool = False) -> None:
        """Adds older blocks up for statistics: one range, so that new blocks wait for no more."""
        while self._untallied:
            try:
                self._untallied = await asyncio.to_thread(self._store.tally)
            except Retryable as error:
                if whole:
                    await self._sit_out(error)
                    continue
                log.warning("statistics are not added up", cause=str(error))
                return
            if not whole:
                return

    def _ask_for_audit(self) -> None:
        if self._unwatched:
            self._unwatched = False
            self._audit.soon()

    async def lead(self) -> None:
        """Waits until no other indexer writes to this database."""
        told = False
        while not (self._store.leads or await asyncio.to_thread(self._store.lead)):
            if not told:
                log.info("another indexer writes to this database: standing by")
                told = True
            await asyncio.sleep(1.0)

    async def converge(self) -> Outcome:
        """Takes at most one step towards the head, and says what it came to."""
        await self.lead()
        at = await asyncio.to_thread(self._store.cursor)
        assert at is not None, "the store was not begun"
        heads, self._looked = await self._node.heads(), time.monotonic()
        self._progress.at(at, heads)
        target = min(heads.latest, self._target(heads))
        if (ahead := target - at.block_number) > SLACK:
            await self._late.put_off(at, ahead)
            return await self._catch_up(at, heads, BlockNumber(target - SLACK))
        if ahead <= 0:
            await self._late.build()
            return await self._stay(at, heads)
        return await self._step(at, heads, BlockNumber(target))

    def _target(self, heads: Heads) -> int:
        return heads.latest if self._goal.to_block is None else self._goal.to_block

    async def _stay(self, at: Cursor, heads: Heads) -> Outcome:
        """There is nothing new; is what we have still on the chain?"""
        top = min(at.block_number, heads.latest, self._target(heads))
        below = await asyncio.to_thread(self._store.highest, top)
        if below is not None and not await self._on_chain(below):
            return await self._revert(at, heads)
        await asyncio.to_thread(self._store.observe, heads)
        if at.block_number >= self._target(heads) and self._goal.to_block is not None:
            return Finished()
        if at.block_number > heads.latest:
            self._progress.behind(at.block_number, heads)
            return Finished() if self._goal.once else Behind(heads.latest)
        return Finished() if self._goal.once else Idle()

    async def _step(self, at: Cursor, heads: Heads, target: BlockNumber) -> Outcome:
        """Near the head: every block is kept, and has to be the child of the one before it."""
        async with self._late.building():
            batch = await self._fetcher.linked(BlockNumber(at.block_number + 1), target)
        if at.block_hash not in (None, batch.parent):
            return await self._revert(at, heads)
        await self._write(batch, heads)
        return Advanced(batch.last.number)

    async def _catch_up(self, at: Cursor, heads: Heads, target: BlockNumber) -> Outcome:
        """Far from the head: stretches fetched ahead, each continuing the one before it."""
        self._unwatched = True
        parent, block = at.block_hash, at.block_number
        batches = self._backfill.batches(BlockNumber(at.block_number + 1), target)
        try:
            async for batch in batches:
                if parent not in (None, batch.parent):
                    break
                await self._write(batch, heads)
                parent, block = batch.last.hash, batch.last.number
                heads = await self._newer(heads)
        finally:
            await batches.aclose()
        return Advanced(block) if block > at.block_number else await self._revert(at, heads)

    async def _newer(self, heads: Heads) -> Heads:
        """The heads as they are now, looked at now and then: history takes long, and they move."""
        now = time.monotonic()
        if now - self._looked < LOOK:
            return heads
        self._looked = now
        try:
            return await self._node.heads()
        except Retryable:
            return heads

    async def _revert(self, at: Cursor, heads: Heads) -> Outcome:
        """Our newest blocks have left the chain: goes back to the fork and on from there."""
        top = min(at.block_number, heads.latest)
        good = await fork(top, self._store.highest, self._on_chain)
        first = await self._first_after(good)
        last = min(heads.latest, self._target(heads), first + SLACK - 1)
        if last < first:
            return Behind(heads.latest)
        batch = await self._fetcher.linked(first, BlockNumber(last))
        if not await self._follows(good, at, batch):
            raise BadAnswer("the chain changed while its fork was looked for: starting over")
        await check_final(self._node.witnesses, self._store, at, first)
        await self._write(batch, heads)
        depth = at.block_number - (first - 1)
        log.warning("reorg", fork=first - 1, depth=depth, block=batch.last.number)
        return Reverted(first - 1, batch.last.number)

    async def _first_after(self, good: Block | None) -> BlockNumber:
        if good is not None:
            return BlockNumber(good.number + 1)
        origins = await asyncio.to_thread(self._store.origins)
        return BlockNumber(min(origin.start_block for origin in origins))

    async def _follows(self, good: Block | None, at: Cursor, batch: Batch) -> bool:
        """Whether the batch is what comes after the fork; where nothing links it, it is looked up.

        A node that changes chain in the middle of a step must not make the index start over.
        """
        if good is None:
            return await self._on_chain(batch.last)
        return good.hash == batch.parent and good.number != at.block_number

    async def _on_chain(self, block: Block) -> bool:
        header = await self._node.header(block.number)
        return header.hash == block.hash

    async def _write(self, batch: Batch, heads: Heads) -> None:
        await asyncio.to_thread(self._store.write, batch, heads)
        self._patience.restore()
        self._waits_for = None
        self._progress.wrote(batch, heads)


def _lag(outcome: Outcome) -> str | None:
    if isinstance(outcome, Behind):
        return f"the nodes' head is block {outcome.head}, below the index"
    return None
