"""Says when the index has moved: one LISTEN for the process, each move read once and given to all.

A notification only wakes; what happened is read from one snapshot: what left the index since the
last look, the blocks that are new, and what was observed. So nothing is missed or told twice when
notifications are lost or come together.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from api.backlog import Backlog
from api.errors import ApiError
from api.limits import Limits
from api.reads import news
from api.reads.engine import listening
from api.reads.moment import Moment
from api.reads.reversals import Gone, Reversal, missed
from api.reads.snapshot import Momentary, Snapshot
from api.reads.view import View
from indexer.db.cursor import CHANNEL
from indexer.log import get_logger

log = get_logger(__name__)

State = tuple[int, int, int]
"""The last reversal's number, the newest block, and the last observation's number: each move makes
it greater."""
NEVER: State = (-1, -1, -1)
"""Before the first look."""
EMPTY: State = (0, -1, 0)
"""Nothing was ever indexed."""
RETRY = 1.0
"""Seconds between two tries to listen."""
IDLE = 5.0
"""Seconds after which the index is looked at without a notification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """First `reversals`, oldest first, then new blocks from `first` to `last`, if any; `before` it,
    the index stood at this block.

    `observed` are the keys of what was observed since, by contract: in these blocks, or late in
    earlier ones.

    `view` shows the index at the last block, `gone` what the reversals took away altogether; they
    are shared by all subscribers. `blocks` are those of the events, by number.
    """

    before: int
    reversals: Sequence[Reversal]
    first: int
    last: int
    events: Sequence[Row[Any]]
    blocks: Mapping[int, Row[Any]]
    observed: Mapping[int, Sequence[bytes]]
    state: State
    view: View
    gone: View

    @property
    def of_blocks(self) -> bool:
        """Whether blocks came or went."""
        return bool(self.reversals) or self.first <= self.last


class Feed(Backlog[Move]):
    """One subscriber's moves; `state` is where the index stood when it began."""

    def __init__(self, size: int, state: State) -> None:
        super().__init__(size, "subscribe again, events with `after`")
        self.state = state


@dataclass(slots=True)
class Broker:
    """Listens while somebody subscribes, and reads what is new once for all of them."""

    engine: AsyncEngine
    limits: Limits
    _feeds: set[Feed] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _state: State = NEVER
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def feed(self) -> AsyncIterator[Feed]:
        """A feed of every move from now on."""
        async with self._looking:
            await self._start()
            feed = Feed(self.limits.queued_updates, self._state)
            self._feeds.add(feed)
        try:
            yield feed
        finally:
            self._feeds.discard(feed)

    @property
    def subscribers(self) -> int:
        """How many feeds are open."""
        return len(self._feeds)

    async def stop(self) -> None:
        """Ends listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _start(self) -> None:
        if self._task is None or self._task.done():
            self._state = NEVER
            await self._look()
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.OperationalError, ApiError) as error:
                log.warning("listening to the database failed", reason=str(error), retry_in=RETRY)
            except Exception as error:
                log.error("listening to the database failed", exc_info=error, retry_in=RETRY)
            await asyncio.sleep(RETRY)

    async def _listen(self) -> None:
        async with listening(self.engine, CHANNEL, self.limits) as connection:
            while True:
                async with self._looking:
                    await self._look()
                async for _ in connection.notifies(timeout=IDLE, stop_after=1):
                    pass

    async def _look(self) -> None:
        """Reads what is new since the last look and gives it to all feeds."""
        snapshot = Snapshot(self.engine, at_once)
        try:
            row = await news.position(snapshot)
            before, state = self._state, state_of(row)
            move = None
            if row is not None and state != before != NEVER and self._feeds:
                move = await self._read(snapshot, row, before, state)
            self._state = state
            if move is not None:
                self._publish(move)
        finally:
            await snapshot.close()

    async def _read(self, snapshot: Snapshot, row: Row[Any], before: State, state: State) -> Move:
        last = row.block_number
        reversals = await missed(snapshot, before[0]) if state[0] > before[0] else []
        first = min((before[1] + 1, *(reversal.first for reversal in reversals)))
        events, blocks = await news.events_between(snapshot, first, last)
        view = View(Momentary(self.engine), Moment(last))
        view.prime("cursor", [row])
        gone = Gone(last, first=before[0] + 1, last=state[0])
        return Move(
            before=before[1],
            reversals=reversals,
            first=first,
            last=last,
            events=events,
            blocks=blocks,
            observed=await news.observed(snapshot, before[2]) if state[2] > before[2] else {},
            state=state,
            view=view,
            gone=View(Momentary(self.engine), gone),
        )

    def _publish(self, move: Move) -> None:
        for feed in self._feeds:
            feed.put(move)


async def at_once() -> None:
    """Nothing to wait for before the snapshot."""


def state_of(row: Row[Any] | None) -> State:
    """What a row of `news.position` says."""
    return EMPTY if row is None else (row.reversal, row.block_number, row.observation)
