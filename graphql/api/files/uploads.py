"""Uploads under way: how much of each has come. Their bytes lie in files beside the store."""

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, text
from starlette.requests import ClientDisconnect

from api.files.cabinet import Cabinet, Offer
from api.writes import Transaction
from indexer.units import Address

BEGIN: Final = text("""
INSERT INTO uploads (id, owner, name, declared_type, private, length, expires_at)
VALUES (:id, :owner, :name, :declared, :private, :length, :expires_at)
""")
FIND: Final = text("SELECT * FROM uploads WHERE id = :id AND owner = :owner AND expires_at > now()")
MOVE: Final = text("""
UPDATE uploads SET received = :received, file = :file
WHERE id = :id AND received = :before AND file IS NULL
""")
END: Final = text("DELETE FROM uploads WHERE id = :id AND owner = :owner RETURNING id")
"""Each served by the primary key."""
LATE: Final = text("""
DELETE FROM uploads WHERE id IN (
    SELECT id FROM uploads WHERE expires_at <= now() LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING id
""")
"""Served by uploads_expires_at_idx."""


class Moved(Exception):
    """The upload stands elsewhere than its client thinks."""


class TooMuch(Exception):
    """More came than was announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """Begins uploads, takes their pieces, and makes files of those that are whole."""

    cabinet: Cabinet

    async def begin(self, offer: Offer, length: int) -> Row[Any]:
        """A new upload. Raises LIMIT_EXCEEDED."""
        self.cabinet.require_size(length)
        ends = datetime.now(UTC) + timedelta(seconds=self.cabinet.life)
        given = {
            "id": secrets.token_bytes(16),
            "owner": offer.owner,
            "name": offer.name,
            "declared": offer.declared,
            "private": offer.private,
            "length": length,
            "expires_at": ends,
        }
        async with self.cabinet.writer.transaction() as db:
            await self._forget_late(db)
            await self.cabinet.require_room(db, offer.owner, length)
            await db.do(BEGIN, given)
            row = await db.row(FIND, given)
        assert row is not None
        return row

    async def find(self, id_: bytes, owner: Address) -> Row[Any] | None:
        """The upload as it stands; None of others, and of what has expired."""
        async with self.cabinet.writer.transaction() as db:
            return await db.row(FIND, {"id": id_, "owner": owner})

    async def take(
        self, id_: bytes, owner: Address, offset: int, pieces: AsyncIterator[bytes]
    ) -> Row[Any] | None:
        """Adds what comes behind `offset`; the upload then. What came of a connection that broke is
        kept. Raises Moved, TooMuch, BAD_USER_INPUT or LIMIT_EXCEEDED.

        The file is locked meanwhile, so that of two requests one is told that the other is at it.
        It goes once its end is written down: else the last piece is sent again.
        """
        path = self._path(id_)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        with _locked(path) as file:
            row = await self.find(id_, owner)
            if row is None:
                return None
            if row.received != offset:
                raise Moved
            received = await _write(file, row, pieces)
            made = await self._finish(row) if received == row.length and not row.file else row.file
            given = {"id": id_, "before": offset, "received": received, "file": made}
            async with self.cabinet.writer.transaction() as db:
                await db.do(MOVE, given)
            if made is not None:
                await asyncio.to_thread(path.unlink, missing_ok=True)
        return await self.find(id_, owner)

    async def end(self, id_: bytes, owner: Address) -> bool:
        """Gives an upload up; False where there is none."""
        async with self.cabinet.writer.transaction() as db:
            if await db.row(END, {"id": id_, "owner": owner}) is None:
                return False
        await asyncio.to_thread(self._path(id_).unlink, missing_ok=True)
        return True

    async def _finish(self, row: Row[Any]) -> int:
        offer = Offer(
            owner=Address(bytes(row.owner)),
            name=row.name,
            declared=row.declared_type,
            private=row.private,
        )
        with self._path(bytes(row.id)).open("rb") as file:
            made = await self.cabinet.keep(offer, file, row.length, bytes(row.id))
        return int(made.id)

    async def _forget_late(self, db: Transaction) -> None:
        for row in await db.rows(LATE):
            await asyncio.to_thread(self._path(bytes(row.id)).unlink, missing_ok=True)

    def _path(self, id_: bytes) -> Path:
        return self.cabinet.incoming / id_.hex()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The open file; raises Moved where another request is at it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
    except BlockingIOError:
        raise Moved from None
    finally:
        os.close(file)


async def _write(file: int, row: Row[Any], pieces: AsyncIterator[bytes]) -> int:
    """Writes the pieces; how far the upload is then. Raises TooMuch."""
    at: int = row.received
    with suppress(ClientDisconnect):
        async for piece in pieces:
            if at + len(piece) > row.length:
                raise TooMuch
            await asyncio.to_thread(os.pwrite, file, piece, at)
            at += len(piece)
    await asyncio.to_thread(os.fsync, file)
    return at
