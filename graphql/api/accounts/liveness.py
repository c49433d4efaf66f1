"""Whether sessions and API keys still stand: who was revoked is out within seconds, everywhere.

An access token is believed without the database; that its session still stands is looked up, and
believed for `FRESH` seconds. Streams are ended by one look for all of them.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from api.accounts.viewer import Viewer
from api.errors import ApiError
from api.reads.engine import connected, database_errors
from indexer.db import types as t

FRESH: Final = 5.0
"""Seconds."""
REMEMBERED: Final = 50_000
"""Credentials, before all are forgotten."""
STANDING: Final = text("""
SELECT id FROM sessions WHERE id = ANY(:ids) AND revoked_at IS NULL AND expires_at > now()
UNION ALL
SELECT id FROM api_keys WHERE id = ANY(:ids) AND revoked_at IS NULL
AND (expires_at IS NULL OR expires_at > now())
""").bindparams(bindparam("ids", type_=ARRAY(t.Bytes)))
"""By primary keys."""

EXPIRED: Final = "the access token has expired: connect again with a fresh one"
REVOKED: Final = "the session has ended: sign in again"


class Liveness:
    """Looks at most every five seconds at each credential that is used."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._until: dict[bytes, float] = {}
        self._streams: dict[asyncio.Event, bytes] = {}
        self._looking: asyncio.Task[None] | None = None

    async def stands(self, credential: bytes) -> bool:
        """Whether the session or the API key of this id is good."""
        if self._until.get(credential, 0.0) > time.monotonic():
            return True
        if len(self._until) > REMEMBERED:
            self._until.clear()
        if credential not in await self._standing([credential]):
            return False
        self._until[credential] = time.monotonic() + FRESH
        return True

    def forget(self, *credentials: bytes) -> None:
        """What was revoked here is out at once."""
        for credential in credentials:
            self._until.pop(credential, None)
        for event, credential in self._streams.items():
            if credential in credentials:
                event.set()

    @asynccontextmanager
    async def watched(self, viewer: Viewer) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the viewer's session or key no longer stands."""
        event, credential = asyncio.Event(), viewer.session or viewer.api_key
        if credential is not None:
            self._streams[event] = credential
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
        try:
            yield event
        finally:
            self._streams.pop(event, None)

    async def over(self, viewer: Viewer) -> str:
        """Waits until the viewer's token is good for nothing, and says why."""
        left = None
        if viewer.expires_at is not None:
            left = (viewer.expires_at - datetime.now(UTC)).total_seconds()
        async with self.watched(viewer) as ended:
            try:
                async with asyncio.timeout(None if left is None else max(0.0, left)):
                    await ended.wait()
            except TimeoutError:
                return EXPIRED
        return REVOKED

    async def close(self) -> None:
        """Ends the looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _look(self) -> None:
        while self._streams:
            await asyncio.sleep(FRESH)
            try:
                standing = await self._standing([*{*self._streams.values()}])
            except ApiError:
                continue
            for event, credential in list(self._streams.items()):
                if credential not in standing:
                    event.set()

    async def _standing(self, ids: list[bytes]) -> set[bytes]:
        async with database_errors(), connected(self._engine) as connection:
            rows = await connection.execute(STANDING, {"ids": ids})
            return {bytes(row.id) for row in rows}
