"""Notifications as they are told: one LISTEN for the process, each told of read once.

What wakes names the effect; the rows are read for those who subscribe. After a connection was lost,
what was told meanwhile is read by its time, and nothing is sent twice.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from sqlalchemy import ColumnElement, Row, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from api.backlog import Backlog
from api.errors import ApiError, unavailable
from api.limits import Limits
from api.reads.engine import listening
from api.reads.notifications import told
from api.reads.snapshot import Momentary
from indexer.db import types as t
from indexer.db.channels import TOLD
from indexer.db.models import notifications
from indexer.log import get_logger

log = get_logger(__name__)

REMEMBERED: Final = 1000
"""Notifications that a feed knows to have sent: for these it tells of retractions."""
OVERLAP: Final = timedelta(seconds=60)
"""What was told within that time before a connection was lost is read again after it."""
RETRY: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notification, or (`reverted`) that a reorg took it back."""

    row: Row[Any]
    reverted: bool = False


@dataclass(slots=True, eq=False)
class Feed:
    """One subscriber's."""

    address: bytes
    size: int
    sent: dict[bytes, Row[Any]] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _backlog: Backlog[Told] = field(init=False)

    def __post_init__(self) -> None:
        self._backlog = Backlog(self.size)

    def tell(self, row: Row[Any]) -> None:
        if row.key not in self.sent:
            self.sent[row.key] = row
            self._backlog.put(Told(row=row))
            if len(self.sent) > REMEMBERED:
                del self.sent[next(iter(self.sent))]

    def retract(self, standing: set[bytes]) -> None:
        """Tells of what was sent and does not stand any more, the newest first."""
        for key in [key for key in reversed(self.sent) if key not in standing]:
            self._backlog.put(Told(row=self.sent.pop(key), reverted=True))

    async def next(self) -> Told:
        """The next; raises SLOW_CLIENT where some were lost."""
        return await self._backlog.next()


@dataclass(slots=True)
class Feeds:
    """Listens while somebody subscribes."""

    engine: AsyncEngine
    limits: Limits
    _feeds: set[Feed] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _listening: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def feed(self, address: bytes) -> AsyncIterator[Feed]:
        """What this address is told from now on. Raises SERVICE_UNAVAILABLE."""
        feed = Feed(address, self.limits.queued_updates)
        self._feeds.add(feed)
        try:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._run())
            await self._listened()
            yield feed
        finally:
            self._feeds.discard(feed)

    async def _listened(self) -> None:
        try:
            async with asyncio.timeout(self.limits.connection_wait):
                await self._listening.wait()
        except TimeoutError:
            raise unavailable("the database does not answer; try again") from None

    async def stop(self) -> None:
        """Ends listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        lost: datetime | None = None
        while True:
            try:
                await self._listen(lost)
            except (psycopg.OperationalError, ApiError) as error:
                log.warning("listening to notifications failed", reason=str(error))
            except Exception as error:
                log.error("listening to notifications failed", exc_info=error)
            if self._listening.is_set():
                self._listening.clear()
                lost = datetime.now(UTC)
            await asyncio.sleep(RETRY)

    async def _listen(self, lost: datetime | None) -> None:
        async with listening(self.engine, TOLD, self.limits) as connection:
            if lost is not None:
                await self._look(notifications.c.created_at >= lost - OVERLAP)
                await self._compare()
            self._listening.set()
            while True:
                woken = [n.payload async for n in connection.notifies(timeout=5, stop_after=1)]
                if keys := {bytes.fromhex(payload) for payload in woken if payload}:
                    await self._look(_among(notifications.c.key, keys))
                if "" in woken:
                    await self._compare()

    async def _look(self, which: ColumnElement[bool]) -> None:
        """Gives each feed what it was not sent yet, in the order in which it was told."""
        addresses = {feed.address for feed in self._feeds}
        mine = _among(notifications.c.recipient, addresses)
        rows = await self._rows(*told(notifications, notifications.c.recipient), mine, which)
        for row in rows:
            for feed in self._feeds:
                if feed.address == row.recipient and row.created_at >= feed.began - OVERLAP:
                    feed.tell(row)

    async def _compare(self) -> None:
        """Tells feeds of what was taken back."""
        known = {key for feed in self._feeds for key in feed.sent}
        addresses = {feed.address for feed in self._feeds}
        mine = _among(notifications.c.recipient, addresses)
        rows = await self._rows(mine, _among(notifications.c.key, known))
        standing = {(row.recipient, row.key) for row in rows}
        for feed in self._feeds:
            feed.retract({key for who, key in standing if who == feed.address})

    async def _rows(self, *where: ColumnElement[bool]) -> Sequence[Row[Any]]:
        wanted = select(notifications).where(*where).order_by(notifications.c.number)
        return await Momentary(self.engine).rows(wanted)


def _among(column: Any, values: Iterable[bytes]) -> ColumnElement[bool]:
    return column == bindparam(None, [*values], ARRAY(t.Bytes)).any_()  # type: ignore[no-any-return]
