"""Every event from a point on: stored ones first, then live ones, none lost and none twice."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Row

from api.broker import NEVER, Feed, Move, State, at_once
from api.context import Index
from api.limits import LARGEST_PAGE
from api.paging import Page
from api.reads import news
from api.reads.events import EVENT_LIST
from api.reads.lists import Asked
from api.reads.moment import NOW
from api.reads.snapshot import Momentary, Snapshot
from api.reads.view import View
from api.reads.wanted import wanted
from api.types.chain import Event
from api.types.inputs import EventFilter

Place = tuple[int, int]
"""Block number and log index."""


class EventStream:
    """`_place` is the last event that was sent, or passed over; `_state` how far that was true.

    A reorg moves the place back to where the new blocks begin.
    """

    def __init__(self, index: Index, feed: Feed, where: EventFilter | None) -> None:
        self._index, self._feed, self._where = index, feed, where
        self._wanted = wanted(where)
        self._place: Place = (-1, -1)
        self._state: State = NEVER

    async def since(self, after: Place) -> AsyncIterator[Event]:
        """Stored events after this place, then live ones."""
        self._place = after
        more = True
        while more:
            rows, more = await self._stored()
            view = View(Momentary(self._index.engine), NOW)
            for row in rows:
                yield Event.of(view, row)
        async for event in self.live():
            yield event

    async def live(self) -> AsyncIterator[Event]:
        """Events of the moves that were not seen yet."""
        while True:
            move = await self._feed.next()
            if move.state > self._state:
                self._follow(move)
                for row in self._unseen(move):
                    yield Event.of(move.view, row)

    async def _stored(self) -> tuple[Sequence[Row[Any]], bool]:
        """The next page of stored events, and whether to ask again."""
        rows, more, state = await self._page()
        if self._state not in (NEVER, state) and self._state[0] != state[0]:
            await self._catch_up(state)
            return (), True
        self._state = state
        if rows:
            self._place = (rows[-1].block_number, rows[-1].log_index)
        return rows, more

    async def _page(self) -> tuple[Sequence[Row[Any]], bool, State]:
        snapshot = Snapshot(self._index.engine, at_once)
        try:
            cursor = await news.position(snapshot)
            found = await self._asked(View(snapshot, NOW)).slice()
        finally:
            await snapshot.close()
        state = NEVER if cursor is None else (cursor.reorg_count, cursor.block_number)
        return found.rows, found.more, state

    def _asked(self, view: View) -> Asked[EventFilter]:
        page = Page(
            sort=next(iter(EVENT_LIST.sorts.values())),
            descending=False,
            size=LARGEST_PAGE,
            backward=False,
            after=self._place,
            before=None,
        )
        return Asked(view=view, listing=EVENT_LIST, where=self._where, page=page)

    async def _catch_up(self, state: State) -> None:
        """Goes through the moves up to a state that a reorg lies before."""
        while self._state < state:
            self._follow(await self._feed.next())

    def _follow(self, move: Move) -> None:
        if move.reorged:
            self._place = min(self._place, (move.first, -1))
        self._state = max(self._state, move.state)

    def _unseen(self, move: Move) -> Sequence[Row[Any]]:
        """The move's wanted events beyond the place, which moves to its end."""
        rows = [row for row in move.events if (row.block_number, row.log_index) > self._place]
        if rows:
            self._place = (rows[-1].block_number, rows[-1].log_index)
        return [row for row in rows if self._wanted(row)]
