"""What is pinned made what is referred to: avatars of groups, and what people add by hand.

Run as often as one likes, by as many as one likes: each pin is claimed by one at a time, every step
may be done again, and whoever dies leaves a lease that runs out.
"""

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, assert_never

from indexer.db import cursor as cursors
from indexer.db import pins
from indexer.db.connection import Connection, connect, translated
from indexer.db.pins import Claim, Reference, Referrer, State
from indexer.errors import BadContent, ConfigError, Retryable
from indexer.ipfs.cid import Cid
from indexer.ipfs.claims import Content, recognise
from indexer.log import get_logger
from indexer.settings import Settings
from workers.ipfs.pinner import Kept, Pending, Pinner, pinner

log = get_logger(__name__)

LOOK_BACK: Final = 7200
"""Blocks, a day of mainnet's: changes further back wait for a run of the whole."""
PAGE: Final = 1000
AT_ONCE: Final = 4
VERIFY_AFTER: Final = timedelta(days=7)
ASK_AGAIN: Final = timedelta(seconds=15)
DAY: Final = timedelta(days=1)
TRIES: Final = 8
"""Attempts after which content counts as failed; failed content is tried once a day."""
SECONDS: Final = 50.0
"""For which a run takes on new work."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run did."""

    referred: int = 0
    pinned: int = 0
    pending: int = 0
    failed: int = 0
    unpinned: int = 0
    swept: int = 0


async def reconcile(settings: Settings, url: str, *, whole: bool = False) -> Tally:
    """Notes references, then looks at every pin that is due.

    `whole` compares all groups and all pins, where a plain run looks at recent changes, and sweeps
    the store.
    """
    tally = Tally()
    with translated(), connect(url, name="dchat ipfs") as connection:
        connection.autocommit = True
        tally.referred = _refer(connection, 0 if whole else None)
        if whole:
            with connection.cursor() as db:
                pins.settle(db, grace=timedelta(seconds=settings.pin_grace))
        async with pinner(settings) as pinned:
            await _Round(connection, pinned, settings, tally).run()
            if whole:
                tally.swept = (await asyncio.to_thread(pinned.pins.sweep)).blocks
                tally.swept += (await asyncio.to_thread(pinned.private.sweep)).blocks
    return tally


def _refer(connection: Connection, since: int | None) -> int:
    """Notes the avatars that are not noted as they stand; returns how many."""
    with connection.cursor() as db:
        if since is None:
            at = cursors.read(db)
            since = max(0, at.block_number - LOOK_BACK) if at else 0
        noted = 0
        while found := pins.avatars(db, since=since, most=PAGE):
            with connection.transaction():
                pins.refer(db, Referrer.AVATAR, [_reference(*one) for one in found])
            noted += len(found)
    return noted


def _reference(key: bytes, avatar: str) -> Reference:
    claim = recognise(avatar)
    return Reference(key, avatar, claim.cid if isinstance(claim, Content) else None)


class _Round:
    """Works off what is due, a few at a time."""

    def __init__(
        self, connection: Connection, pinned: Pinner, settings: Settings, tally: Tally
    ) -> None:
        self._connection = connection
        self._pinner = pinned
        self._lease = timedelta(seconds=3 * settings.pin_timeout + 60)
        self._tally = tally

    async def run(self) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and (claims := self._claim()):
            await asyncio.gather(*map(self._look, claims))

    def _claim(self) -> list[Claim]:
        with self._connection.cursor() as db:
            return pins.claim(db, most=AT_ONCE, lease=self._lease)

    async def _look(self, claim: Claim) -> None:
        """Does what is due of one pin; no failure of one keeps the others from theirs."""
        try:
            if claim.unwanted:
                await self._unpin(claim.cid)
            else:
                await self._pin(claim)
        except BadContent as error:
            self._failed(claim, State.FAILED, DAY, error)
        except (Retryable, ConfigError) as error:
            lasting = claim.attempts >= TRIES
            state = State.FAILED if lasting else State.QUEUED
            self._failed(claim, state, DAY if lasting else _pause(claim.attempts), error)

    async def _pin(self, claim: Claim) -> None:
        if claim.private:
            kept = await self._pinner.keep_private(claim.cid)
            self._tally.pinned += 1
            self._write(pins.kept, claim.cid, size=kept.size, again=VERIFY_AFTER)
            return
        if self._pinner.private.holders(claim.cid):
            await self._pinner.publish(claim.cid)
        match await self._pinner.pin(claim.cid):
            case Kept(size=size):
                self._tally.pinned += 1
                self._write(pins.kept, claim.cid, size=size, again=VERIFY_AFTER)
            case Pending():
                self._tally.pending += 1
                pause = _pause(claim.attempts)
                self._write(pins.not_yet, claim.cid, State.PINNING, pause=pause, error=None)
            case other:
                assert_never(other)

    async def _unpin(self, cid: Cid) -> None:
        await self._pinner.unpin(cid)
        with self._connection.cursor() as db, self._connection.transaction():
            self._tally.unpinned += pins.drop(db, cid)

    def _failed(self, claim: Claim, state: State, pause: timedelta, error: Exception) -> None:
        self._tally.failed += 1
        said = str(error)[:500]
        log.warning("content is not pinned", cid=str(claim.cid), cause=said, tries=claim.attempts)
        self._write(pins.not_yet, claim.cid, state, pause=pause, error=said)

    def _write(self, verb: Any, *what: Any, **how: Any) -> None:
        with self._connection.cursor() as db:
            verb(db, *what, **how)


def _pause(attempts: int) -> timedelta:
    """Twice as long each time, up to an hour, and a little by chance."""
    doubled: timedelta = ASK_AGAIN * 2 ** min(attempts, 10)
    return min(doubled, DAY / 24) * random.uniform(0.8, 1.2)
