"""The audit: the index compared with the contracts while it runs, and put right.

All of it once, when a backfill has brought history in; then, for ever, a slice at a time at the
finalized block. What it finds it records as an observation, which is folded like any fact.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from indexer.audit.asking import Asker
from indexer.audit.ledger import Ledger, Proving
from indexer.audit.moment import Moment, Reader
from indexer.audit.repair import Repairs
from indexer.audit.round import Round, agreed
from indexer.audit.sweep import Sweep
from indexer.audit.telling import Telling
from indexer.chain.node import Node
from indexer.errors import BlockGone, DatabaseUnavailable, DchatError, NotAudited
from indexer.log import get_logger
from indexer.sync.patience import Patience

log = get_logger(__name__)

PAGE: Final = 25
"""Things that are compared at once."""
SLICE: Final = 100
"""Things that are compared each time."""
STRETCHES: Final = 10
"""Stretches of events or blocks that are compared each time, once all things were."""
TRIES: Final = 3
"""How often a whole audit begins again because its block left the chain."""


class Auditor:
    """`interval`: seconds between two slices, 0 for none; `patience`: for nodes that fail."""

    def __init__(
        self,
        url: str,
        node: Node,
        fetcher: Proving,
        *,
        interval: float,
        patience: float,
        most_blocks: int,
    ) -> None:
        self._node = node
        self._fetcher = fetcher
        self._most = most_blocks
        self._interval = interval
        self._patience = patience
        self._reader = Reader(url)
        self._repairs = Repairs(url)
        self._sweep: Sweep | None = None
        self._ledger: Ledger | None = None
        self._due = asyncio.Event()
        self._one = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """From now on this process leads: the schedule starts."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def soon(self) -> None:
        """Has everything compared, beside whatever else goes on."""
        self._due.set()

    async def whole(self) -> None:
        """Has everything compared that can have changed without an event, now.

        Raises NotAudited where that was not to be done.
        """
        async with self._one:
            try:
                done = await self._patiently()
            except DchatError as error:
                raise NotAudited(str(error)) from error
        if not done:
            raise NotAudited("what happened is in the log")

    async def _patiently(self) -> bool:
        """Everything, begun again where Postgres goes away meanwhile."""
        patience = Patience(self._patience)
        while True:
            try:
                return await self._everything()
            except DatabaseUnavailable as error:
                pause = patience.pause(error)
                log.warning("the audit begins again", cause=str(error), pause=pause)
                await asyncio.sleep(pause)

    async def close(self) -> None:
        """Ends the schedule and gives up the connections."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._reader.close()
        self._repairs.close()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._interval or None):
                    await self._due.wait()
            except TimeoutError:
                await self._guarded(self._slice)
                continue
            self._due.clear()
            await self._guarded(self._everything)

    async def _guarded(self, work: Callable[[], Awaitable[object]]) -> None:
        """Nothing that goes wrong in an audit stops the index."""
        async with self._one:
            try:
                await work()
            except BlockGone:
                log.info("a block left the chain during the audit: going on with the next one")
            except DchatError as error:
                log.warning("the audit was put off", cause=str(error))
            except Exception as error:
                log.error("the audit failed: please report this", exc_info=error)

    async def _everything(self) -> bool:
        """Compares at the newest block, whatever changed silently; whether that was done."""
        for _ in range(TRIES):
            with suppress(BlockGone):
                return await self._whole()
        log.warning("no audit: blocks leave the chain faster than they can be compared")
        return False

    async def _whole(self) -> bool:
        sweep = Sweep(self._reader, self._repairs, thorough=False)
        round = await self._round(sweep, await asyncio.to_thread(self._reader.moment, None))
        if round is None:
            return True
        with Telling() as telling:
            telling.begin("comparing with the contracts", None)
            while not sweep.done and not sweep.hopeless:
                telling.took(await sweep.step(round, PAGE))
        if sweep.hopeless:
            why = next(iter(sweep.tally.reasons), "")
            log.warning(
                "no audit: what changed without an event before this block stays unknown",
                block=round.moment.number,
                cause=why,
            )
            return False
        await self._judge(sweep, round)
        return True

    async def _slice(self) -> None:
        """At the finalized block, where the last slice ended: entities, then events and blocks."""
        sweep = self._sweep = self._sweep or Sweep(self._reader, self._repairs, thorough=True)
        round = await self._round(sweep, await asyncio.to_thread(self._reader.finalized))
        if round is None:
            return
        left = SLICE
        while not sweep.done and left > 0:
            left -= await sweep.step(round, PAGE)
        if sweep.done and await self._facts(sweep, round):
            self._sweep = self._ledger = None
            await self._judge(sweep, round)

    async def _facts(self, sweep: Sweep, round: Round) -> bool:
        """Compares the next stretches of events and blocks; whether that were all."""
        if self._ledger is None:
            self._ledger = Ledger(
                self._reader, self._repairs, self._node, self._fetcher, self._most
            )
        for _ in range(STRETCHES):
            if not self._ledger.done:
                await self._ledger.step(round.moment, sweep.tally, self._patience)
        return self._ledger.done

    async def _round(self, sweep: Sweep, moment: Moment | None) -> Round | None:
        if moment is None:
            return None
        return Round(
            moment=moment,
            header=await agreed(self._node, moment),
            node=self._node,
            asker=Asker(self._node.state, moment.addresses),
            patience=self._patience,
            tally=sweep.tally,
        )

    async def _judge(self, sweep: Sweep, round: Round) -> None:
        differences = repaired = 0
        for verdict in sweep.verdicts(round):
            await asyncio.to_thread(self._repairs.judge, verdict)
            differences += verdict["differences"]
            repaired += verdict["repaired"]
        log.info(
            "audited",
            block=round.moment.number,
            compared=sweep.tally.compared,
            differences=differences,
            repaired=repaired,
            not_compared=sweep.tally.not_compared,
        )
