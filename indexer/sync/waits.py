"""Telling people what the index waits for: written down when it changes, and only if it lasts."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from indexer.chain.health import alike
from indexer.chain.pool import EndpointState
from indexer.db.connection import connect, translated
from indexer.db.waits import INDEX, Wait, replace
from indexer.errors import DchatError
from indexer.log import get_logger

log = get_logger(__name__)

LOOK: Final = 1.0
"""Seconds between two looks; what is over by the second one is not written down."""
NOBODY: Final = "no node can be asked: all of them rest"


class Waits:
    """`waiting` is what the index itself waits for, `leads` whether it may write."""

    def __init__(
        self,
        url: str,
        waiting: Callable[[], str | None],
        endpoints: Callable[[], Sequence[EndpointState]],
        leads: Callable[[], bool],
    ) -> None:
        self._url = url
        self._waiting = waiting
        self._endpoints = endpoints
        self._leads = leads
        self._seen: dict[str, Wait] = {}
        self._written: dict[str, Wait] | None = None

    async def run(self) -> None:
        """Looks now and then, for ever."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except DchatError as error:
                log.debug("what the index waits for was not written down", cause=str(error))

    async def look(self) -> None:
        """Writes down what has lasted since the look before; nothing where that is known."""
        before, self._seen = self._seen, self._now()
        lasting = {name: wait for name, wait in self._seen.items() if name in before}
        if not self._leads():
            self._written = None
        elif self._written is None or not _same(lasting, self._written):
            await asyncio.to_thread(self._write, list(lasting.values()))
            self._written = lasting

    def _now(self) -> dict[str, Wait]:
        found = {name: cause for name, cause in self._causes().items() if cause}
        now = datetime.now(UTC)
        since = {name: self._seen[name].since for name in found if name in self._seen}
        return {name: Wait(name, cause, since.get(name, now)) for name, cause in found.items()}

    def _causes(self) -> dict[str, str | None]:
        states = self._endpoints()
        resting: dict[str, str | None] = {one.name: one.cause for one in states if not one.well}
        nobody = NOBODY if states and all(one.cause and not one.well for one in states) else None
        return {INDEX: self._waiting() or nobody} | resting

    def _write(self, waits: Sequence[Wait]) -> None:
        with translated(), connect(self._url, name="dchat waits") as connection:
            with connection.cursor() as db:
                replace(db, waits)


def _same(one: Mapping[str, Wait], two: Mapping[str, Wait]) -> bool:
    """Whether they say the same, whatever numbers they name."""
    return _texts(one) == _texts(two)


def _texts(waits: Mapping[str, Wait]) -> dict[str, str]:
    return {name: alike(wait.cause) for name, wait in waits.items()}
