"""Says when the index has moved: one LISTEN for the process, each move read once and given to all.

A notification only wakes; what happened is read from one snapshot: the blocks that are new and,
when remembered blocks are gone, from where on. So nothing is missed or told twice when
notifications are lost or come together.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from api.errors import ApiError, Code
from api.limits import Limits
from api.reads import news
from api.reads.moment import Moment
from api.reads.snapshot import Momentary, Snapshot
from api.reads.view import View
from indexer.db.cursor import CHANNEL
from indexer.log import get_logger

log = get_logger(__name__)

State = tuple[int, int]
"""How many reorgs there were, and the newest block: each move makes it greater."""
NEVER: State = (-2, -1)
"""Before the first look."""
EMPTY: State = (-1, -1)
"""Nothing is indexed."""
RETRY = 1.0
"""Seconds between two tries to listen."""
IDLE = 5.0
"""Seconds after which the index is looked at without a notification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Blocks `first` to `last` are new; `reorged`: others stood there before. `view` is shared."""

    first: int
    last: int
    reorged: bool
    state: State
    events: Sequence[Row[Any]]
    view: View


class Feed:
    """One subscriber's moves; who falls too far behind is told so and ends."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[Move] = asyncio.Queue(size)
        self._lost = False

    def put(self, move: Move) -> None:
        try:
            self._queue.put_nowait(move)
        except asyncio.QueueFull:
            self._lost = True

    async def next(self) -> Move:
        """The next move; raises SLOW_CLIENT where one was lost."""
        if self._lost:
            message = "this subscriber was too slow; subscribe again, events with `after`"
            raise ApiError(Code.SLOW_CLIENT, message)
        return await self._queue.get()


@dataclass(slots=True)
class Broker:
    """Listens while somebody subscribes, and reads what is new once for all of them."""

    engine: AsyncEngine
    limits: Limits
    _feeds: set[Feed] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _known: Mapping[int, bytes] = field(default_factory=dict)
    _state: State = NEVER
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def feed(self) -> AsyncIterator[Feed]:
        """A feed of every move from now on."""
        await self._start()
        feed = Feed(self.limits.queued_updates)
        self._feeds.add(feed)
        try:
            yield feed
        finally:
            self._feeds.discard(feed)

    async def stop(self) -> None:
        """Ends listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _start(self) -> None:
        async with self._looking:
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
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
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
            state = EMPTY if row is None else (row.reorg_count, row.block_number)
            if state != self._state:
                await self._advance(snapshot, row, state)
        finally:
            await snapshot.close()

    async def _advance(self, snapshot: Snapshot, row: Row[Any] | None, state: State) -> None:
        standing = await news.standing(snapshot, self._known)
        known, before = self._known, self._state
        self._known, self._state = await news.newest_blocks(snapshot), state
        if row is not None and before != NEVER and self._feeds:
            first = _first_new(known, standing)
            events = await news.events_between(snapshot, first, row.block_number)
            view = View(Momentary(self.engine), Moment(row.block_number))
            view.prime("cursor", [row])
            self._publish(
                Move(
                    first=first,
                    last=row.block_number,
                    reorged=any(number >= first for number in known),
                    state=state,
                    events=events,
                    view=view,
                )
            )

    def _publish(self, move: Move) -> None:
        for feed in self._feeds:
            feed.put(move)


async def at_once() -> None:
    """Nothing to wait for before the snapshot."""


def _first_new(known: Mapping[int, bytes], standing: Collection[int]) -> int:
    """The first block that is new, given the known blocks that still stand."""
    if standing:
        return max(standing) + 1
    return min(known, default=0)
