"""Every event from a point on: stored ones first, then live ones, none lost and none twice.

When events leave the index, the subscriber is told so, newest first, before anything that came in
their place.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from api.broker import NEVER, Feed, Move, State, at_once, state_of
from api.context import Index
from api.errors import start_over
from api.limits import LARGEST_PAGE
from api.marks import Mark, end_of, short_of
from api.paging import Page, Slice
from api.reads import news, reversals
from api.reads.events import EVENT_LIST
from api.reads.lists import Asked
from api.reads.moment import NOW
from api.reads.reversals import Place, Reversal
from api.reads.snapshot import Momentary, Snapshot
from api.reads.view import View
from api.reads.wanted import wanted
from api.types.chain import Block, Event
from api.types.ids import event_position
from api.types.inputs import EventFilter
from api.types.updates import EventUpdate


class EventStream:
    """`_place` and `_reversal` are what was sent, or passed over; `_state` how far that was true.

    A reversal moves the place back to where the new blocks begin.
    """

    def __init__(self, index: Index, feed: Feed, where: EventFilter | None) -> None:
        self._index, self._feed, self._where = index, feed, where
        self._wanted = wanted(where)
        self._state = feed.state
        self._place: Place = end_of(feed.state[1])
        self._reversal = feed.state[0]

    async def since(self, after: Mark | Place) -> AsyncIterator[EventUpdate]:
        """What a subscriber that stopped there missed, then live updates. Raises START_OVER."""
        more, self._state = True, NEVER
        while more:
            self._feed.skip()
            updates, more, after = await self._missed(after)
            for update in updates:
                yield update
        async for update in self.live():
            yield update

    async def live(self) -> AsyncIterator[EventUpdate]:
        """Updates of the moves that were not seen yet."""
        while True:
            move = await self._feed.next()
            if move.state > self._state:
                for reversal in move.reversals:
                    for update in self._taken_back(move.view, reversal, self._place):
                        yield update
                for update in self._new(move.view, self._unseen(move), move.blocks):
                    yield update
                self._place, self._state = max(self._place, end_of(move.last)), move.state

    async def _missed(self, after: Mark | Place) -> tuple[list[EventUpdate], bool, Mark]:
        """The next updates from one snapshot, whether to ask again, and where they end."""
        snapshot = Snapshot(self._index.engine, at_once)
        try:
            state = state_of(await news.position(snapshot))
            reach = None if isinstance(after, Mark) else after
            await self._resume(snapshot, after, state)
            updates = await self._retractions(snapshot, reach)
            found = await self._asked(View(snapshot, NOW)).slice()
            blocks = await news.blocks_of(snapshot, found.rows)
        finally:
            await snapshot.close()
        self._reversal = state[0]
        updates += self._new(View(Momentary(self._index.engine), NOW), found.rows, blocks)
        self._settle(found, state)
        return updates, found.more, Mark(self._place, self._reversal)

    async def _resume(self, snapshot: Snapshot, after: Mark | Place, state: State) -> None:
        """Sets where to go on from. An event's id does not say on which fork it was seen: where a
        reorg took one of this id back, that one is taken to be meant.
        """
        if isinstance(after, Mark):
            self._place, self._reversal = after.place, after.reversal
            if after.reversal > state[0]:
                raise start_over(None)
            return
        found = await reversals.before(snapshot, after)
        lost = await reversals.forgotten(snapshot, after) if found is None else None
        if lost is not None:
            raise start_over(lost)
        self._place, self._reversal = after, state[0] if found is None else found

    async def _retractions(self, snapshot: Snapshot, reach: Place | None) -> list[EventUpdate]:
        """What left the index since then, up to the place where it matters (or to `reach`)."""
        view = View(Momentary(self._index.engine), NOW)
        return [
            update
            for reversal in await reversals.missed(snapshot, self._reversal, self._place)
            for update in self._taken_back(view, reversal, reach or self._place)
        ]

    def _taken_back(self, view: View, reversal: Reversal, reach: Place) -> Iterator[EventUpdate]:
        """The retractions of what was sent up to `reach`; the place moves back before them."""
        start = end_of(reversal.first - 1)
        if reversal.number <= self._reversal:
            return
        if not reversal.kept and reach > start:
            raise start_over(reversal.first)
        self._place, self._reversal = min(self._place, start), reversal.number
        for row in reversal.events:
            place = (row.block_number, row.log_index)
            if place <= reach and self._wanted(row):
                cursor = str(Mark(short_of(place), reversal.number - 1))
                yield EventUpdate(event=Event.gone(view, row), reverted=True, cursor=cursor)

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

    def _settle(self, found: Slice, state: State) -> None:
        """Moves the place behind a page, or behind all that there is."""
        if found.rows:
            self._place = (found.rows[-1].block_number, found.rows[-1].log_index)
        if not found.more:
            self._place, self._state = max(self._place, end_of(state[1])), state

    def _unseen(self, move: Move) -> Sequence[Row[Any]]:
        """The move's wanted events beyond the place."""
        later = (row for row in move.events if (row.block_number, row.log_index) > self._place)
        return [row for row in later if self._wanted(row)]

    def _new(
        self, view: View, rows: Sequence[Row[Any]], blocks: Mapping[int, Row[Any]]
    ) -> Iterator[EventUpdate]:
        made = {number: Block.of(row) for number, row in blocks.items()}
        for row in rows:
            yield EventUpdate(
                event=Event.of(view, row, block=made[row.block_number]),
                reverted=False,
                cursor=str(Mark((row.block_number, row.log_index), self._reversal)),
            )


async def updates(
    index: Index, where: EventFilter | None, after: str | None
) -> AsyncIterator[EventUpdate]:
    """Every event that is wanted: from now on, or from `after`."""
    start = None if after is None else Mark.parse(after) or event_position("after", after)
    async with index.broker.feed() as feed:
        stream = EventStream(index, feed, where)
        async for update in stream.live() if start is None else stream.since(start):
            yield update
