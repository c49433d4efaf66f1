"""Messages sent: all that wait at a moment in one transaction, whoever sends them.

A conversation's row is locked while something is written there, so its messages are numbered
without gaps and in the order of their times. Whether each sender may write is read within the same
transaction; the rows are inserted only while the index still stands where that was read.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text

from api.errors import unavailable
from api.messages.batch import Batch, Sent, Told
from api.messages.drafts import Draft
from api.messages.names import ADDRESS, is_direct
from api.reads.engine import connection_url
from api.writes import Transaction, Writer
from indexer.db import months
from indexer.db.connection import connect, translated
from indexer.errors import DatabaseUnavailable

AT_ONCE: Final = 200
TRIES: Final = 5
DAY: Final = timedelta(days=1)

MAKE: Final = text("""
INSERT INTO conversations (key) SELECT DISTINCT unnest(CAST(:keys AS bytea[])) ORDER BY 1
ON CONFLICT DO NOTHING
""")
NUMBERS: Final = text("SELECT key, id FROM conversations WHERE key = ANY(CAST(:keys AS bytea[]))")
"""Served by the index on the key."""
PARTIES: Final = text("""
INSERT INTO parties (address, conversation)
SELECT * FROM unnest(CAST(:addresses AS bytea[]), CAST(:ids AS bigint[])) ORDER BY 1, 2
ON CONFLICT DO NOTHING
""")


@dataclass(slots=True, kw_only=True)
class Sender:
    """Gathers what is sent while a transaction is under way, and writes it with the next one."""

    writer: Writer
    _waiting: list[tuple[Draft, asyncio.Future[Sent]]] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None
    _ids: dict[bytes, int] = field(default_factory=dict)
    _ready_until: datetime | None = None

    async def send(self, draft: Draft) -> Sent:
        """Where the message is, once it is committed. Raises FORBIDDEN or BAD_USER_INPUT."""
        future: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        self._waiting.append((draft, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            told: Sequence[Told | Exception]
            try:
                told = await self._write([draft for draft, _ in batch])
            except Exception as error:
                told = [error] * len(batch)
            for (_, future), result in zip(batch, told, strict=True):
                _settle(future, result)

    async def _write(self, drafts: Sequence[Draft]) -> Sequence[Told]:
        """One transaction; what one draft is refused for does not keep the others back."""
        await self._prepare(drafts)
        for _ in range(TRIES):
            async with self.writer.transaction() as db:
                told = await Batch(db, drafts, self._ids).write()
                if told is not None:
                    return told
        raise unavailable("the index moves too fast to say who may write; try again")

    async def _prepare(self, drafts: Sequence[Draft]) -> None:
        """Makes conversations and months that are not there yet."""
        unknown = sorted({draft.key for draft in drafts} - self._ids.keys())
        if unknown:
            async with self.writer.transaction() as db:
                found = await numbers(db, unknown)
            self._ids |= found
        now = datetime.now(UTC)
        if self._ready_until is None or now >= self._ready_until:
            url = connection_url(self.writer.engine.url)
            try:
                await asyncio.to_thread(_make_months, url, now)
            except DatabaseUnavailable as error:
                raise unavailable("the database does not answer; try again") from error
            self._ready_until = now + DAY / 2


async def numbers(db: Transaction, keys: Sequence[bytes]) -> dict[bytes, int]:
    """The numbers of these conversations, which are made where they are not there yet."""
    await db.do(MAKE, {"keys": list(keys)})
    found = {bytes(row.key): row.id for row in await db.rows(NUMBERS, {"keys": list(keys)})}
    sides = [
        (side, id_)
        for key, id_ in found.items()
        if is_direct(key)
        for side in {key[:ADDRESS], key[ADDRESS:]}
    ]
    if sides:
        addresses, ids = zip(*sides, strict=True)
        await db.do(PARTIES, {"addresses": list(addresses), "ids": list(ids)})
    return found


def _make_months(url: str, now: datetime) -> None:
    """Also yesterday's and tomorrow's: the clock of Postgres may be another one."""
    with (
        translated(),
        connect(url, name="dchat-api") as connection,
        connection.cursor() as db,
    ):
        months.ensure(db, now - DAY, now + DAY)


def _settle(future: asyncio.Future[Sent], result: Told | Exception) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
