"""Says what is new in conversations: one LISTEN for the process, each message read once for all.

Who may hear of a message is read from the same snapshot as the message: so nobody hears of what was
said after the block that took him out, however late this process learns of that block.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from redis.exceptions import RedisError
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.authorization import Act
from api.broker import NEVER, Broker, Move, State, at_once, state_of
from api.errors import ApiError, Code, unavailable
from api.limits import Limits
from api.messages.cards import card_of
from api.messages.feeds import Feed, Feeds, News
from api.messages.names import ADDRESS, is_direct
from api.messages.notices import CHANNEL, Change, Named, Notice, read
from api.messages.signs import Sign, Signs
from api.messages.standing import seats
from api.reads import news
from api.reads.engine import listening
from api.reads.snapshot import Momentary, Snapshot
from indexer.log import get_logger
from indexer.units import Address

log = get_logger(__name__)

RETRY: Final = 1.0
"""Seconds between two tries to listen."""
MESSAGES: Final = text("""
SELECT m.*, c.key FROM unnest(CAST(:ids AS bigint[]), CAST(:ats AS timestamptz[])) AS named (id, at)
JOIN messages AS m ON m.conversation = named.id AND m.sent_at = named.at
JOIN conversations AS c ON c.id = named.id
WHERE m.sent_at BETWEEN :first AND :last ORDER BY m.sent_at
""")
"""Served by messages_shown_idx of the months between."""
INSIDE: Final = text("""
SELECT group_key, address FROM members WHERE group_key = ANY(CAST(:keys AS bytea[]))
    AND address = ANY(CAST(:addresses AS bytea[]))
""")
"""Served by the primary key."""
PEOPLE: Final = text("SELECT address FROM members WHERE group_key = :key LIMIT 10000")
"""Served by the primary key."""
LOST: Final = "the server lost its connection to the database; read anew, and subscribe again"


@dataclass(slots=True)
class Hub:
    """Listens while somebody subscribes. `_inside` are the listeners that are in a group, as the
    index had it at `_state`.
    """

    engine: AsyncEngine
    limits: Limits
    broker: Broker
    signs: Signs
    feeds: Feeds = field(default_factory=Feeds)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _listening: asyncio.Event = field(default_factory=asyncio.Event)
    _following: asyncio.Event = field(default_factory=asyncio.Event)
    _sensing: asyncio.Event = field(default_factory=asyncio.Event)
    _state: State = NEVER
    _inside: dict[bytes, Set[Address]] = field(default_factory=dict)

    @asynccontextmanager
    async def feed(self, address: Address, key: bytes | None) -> AsyncIterator[Feed]:
        """News of one conversation, or of all that the address is in, from now on."""
        if not self._tasks:
            tasks = (self._run(), self._follow(), self._sense())
            self._tasks = [asyncio.create_task(one) for one in tasks]
        try:
            async with asyncio.timeout(self.limits.connection_wait):
                await self._listening.wait()
                await self._following.wait()
        except TimeoutError:
            raise unavailable("the database does not answer; try again") from None
        if self.signs.possible:
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY):
                    await self._sensing.wait()
        feed = Feed(address, key, self.limits.queued_updates)
        self.feeds.add(feed)
        self._inside.clear()
        try:
            yield feed
        finally:
            self.feeds.remove(feed)

    async def stop(self) -> None:
        """Ends listening."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._tasks = []

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.OperationalError, ApiError) as error:
                log.warning("listening for messages failed", reason=str(error), retry_in=RETRY)
            except Exception as error:
                log.error("listening for messages failed", exc_info=error, retry_in=RETRY)
            self._listening.clear()
            self._lose()
            await asyncio.sleep(RETRY)

    async def _listen(self) -> None:
        async with listening(self.engine, CHANNEL, self.limits) as connection:
            self._listening.set()
            while True:
                # All that have come meanwhile are read at once.
                notices = [
                    read(one.payload) async for one in connection.notifies(timeout=60, stop_after=1)
                ]
                if notices and self.feeds:
                    await self._tell(notices)

    async def _tell(self, notices: Sequence[Notice]) -> None:
        """Reads the messages and gives them to those who are in their conversations."""
        changes: dict[Named, Change] = {}
        for one in notices:
            for named in one.messages:
                if changes.get(named, Change.RECEIPT) is Change.RECEIPT:
                    changes[named] = one.change
        snapshot = Snapshot(self.engine, at_once)
        try:
            rows = await self._messages(snapshot, list(changes))
            inside = await self._learn(snapshot, {bytes(row.key) for row in rows})
        finally:
            await snapshot.close()
        for row in rows:
            key = bytes(row.key)
            change, who = changes[row.conversation, row.sent_at], inside[key]
            if change is Change.RECEIPT:
                change, who = Change.UPDATED, who & {Address(bytes(row.sender))}
            self.feeds.give(News(change=change, key=key, row=row), who)

    async def _messages(self, snapshot: Snapshot, named: Sequence[Named]) -> Sequence[Row[Any]]:
        ids, ats = zip(*named, strict=True)
        asked = {"ids": list(ids), "ats": list(ats), "first": min(ats), "last": max(ats)}
        return await snapshot.rows(MESSAGES.bindparams(**asked))

    async def _learn(self, snapshot: Snapshot, keys: Set[bytes]) -> Mapping[bytes, Set[Address]]:
        """Who of the listeners is in each of these conversations, as the snapshot has it."""
        state = state_of(await news.position(snapshot))
        if state != self._state:
            self._state, self._inside = state, {}
        inside = {key: _two(key) if is_direct(key) else self._inside.get(key) for key in keys}
        unknown = sorted(key for key, there in inside.items() if there is None)
        found = await self._members(snapshot, unknown) if unknown else {}
        return {key: found.get(key, frozenset()) if t is None else t for key, t in inside.items()}

    async def _members(
        self, snapshot: Snapshot, keys: Sequence[bytes]
    ) -> Mapping[bytes, Set[Address]]:
        """The listeners in these groups; remembered unless others came to listen meanwhile."""
        addresses = {bytes(feed.address) for feed in self.feeds}
        asked = {"keys": list(keys), "addresses": sorted(addresses)}
        found: dict[bytes, set[Address]] = {key: set() for key in keys}
        for row in await snapshot.rows(INSIDE.bindparams(**asked)):
            found[bytes(row.group_key)].add(Address(bytes(row.address)))
        if {bytes(feed.address) for feed in self.feeds} <= addresses:
            self._inside |= found
        return found

    async def _follow(self) -> None:
        """Tells of cards, and ends the feeds of those who are in a group no longer."""
        while True:
            try:
                async with self.broker.feed() as moves:
                    self._following.set()
                    while True:
                        move = await moves.next()
                        if self.feeds:
                            await self._moved(move)
            except Exception as error:
                log.warning("following the index failed", reason=str(error), retry_in=RETRY)
            self._following.clear()
            self._lose()
            await asyncio.sleep(RETRY)

    def _lose(self) -> None:
        for feed in self.feeds:
            feed.end(ApiError(Code.START_OVER, LOST))

    async def _moved(self, move: Move) -> None:
        gone = [row for one in move.reversals for row in one.events]
        cards = [*_cards(gone, Change.UPDATED), *_cards(move.events, Change.ADDED)]
        snapshot = Snapshot(self.engine, at_once)
        try:
            inside = await self._learn(snapshot, {one.key for one in cards})
            await self._end_of_those_outside(snapshot)
        finally:
            await snapshot.close()
        for one in cards:
            self.feeds.give(one, inside[one.key])

    async def _end_of_those_outside(self, snapshot: Snapshot) -> None:
        feeds = [one for one in self.feeds if one.key is not None and not is_direct(one.key)]
        asked = [(one.key, one.address) for one in feeds if one.key is not None]
        found = await seats(snapshot, asked) if asked else ()
        for feed, seat in zip(feeds, found, strict=True):
            try:
                await seat.require(snapshot, Act.READ_MESSAGES)
            except ApiError as error:
                feed.end(error)

    async def people(self, key: bytes) -> Sequence[Address]:
        """Everybody in a conversation."""
        if is_direct(key):
            return [*_two(key)]
        rows = await Momentary(self.engine).rows(PEOPLE.bindparams(key=key))
        return [Address(bytes(row.address)) for row in rows]

    async def _sense(self) -> None:
        """Passes signs on to those in the same conversations."""
        while self.signs.possible:
            try:
                async for sign in self.signs.heard():
                    self._sensing.set()
                    if sign is not None and self.feeds:
                        await self._sensed(sign)
            except (RedisError, OSError, ApiError) as error:
                log.warning("nobody is seen: Redis failed", reason=str(error), retry_in=RETRY)
            except Exception as error:
                log.error("nobody is seen", exc_info=error, retry_in=RETRY)
            await asyncio.sleep(RETRY)

    async def _sensed(self, sign: Sign) -> None:
        snapshot = Snapshot(self.engine, at_once)
        try:
            keys = await self._shared(snapshot, sign)
            inside = await self._learn(snapshot, keys)
        finally:
            await snapshot.close()
        for key in keys:
            self.feeds.give(News(change=sign.change, key=key, row=sign), inside[key])

    async def _shared(self, snapshot: Snapshot, sign: Sign) -> Set[bytes]:
        """The conversations here of which the sign is."""
        if sign.key is not None:
            return {sign.key}
        keys = self.feeds.of_key.keys()
        groups = [key for key in keys if not is_direct(key)]
        asked = {"keys": groups, "addresses": [bytes(sign.who)]}
        rows = await snapshot.rows(INSIDE.bindparams(**asked)) if groups else ()
        direct = {key for key in keys if is_direct(key) and sign.who in _two(key)}
        return {bytes(row.group_key) for row in rows} | direct


def _two(key: bytes) -> Set[Address]:
    return {Address(key[:ADDRESS]), Address(key[ADDRESS:])}


def _cards(rows: Sequence[Row[Any]], change: Change) -> Sequence[News]:
    told = ((row, card_of(row)) for row in rows)
    return [
        News(change=change, key=bytes(card.group), row=row, card=True)
        for row, card in told
        if card is not None
    ]
