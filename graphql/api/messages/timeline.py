"""A group's timeline: what people wrote, and the cards of what happened on chain, in one order.

Cards are the events themselves, read where they are: nothing is written for them, and what a reorg
takes out of the index is gone from here with it. A message stands behind the events of the block at
which the index stood when it was sent, so what happens on chain comes in at the end, like messages
do, and nothing moves afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from typing import Any, Final

from sqlalchemy import Row

from api.messages.names import MICROSECOND
from api.paging import EPOCH, Args, Key, Kind, Page, Slice, Sort
from api.reads.lists import Asked
from api.reads.messages import (
    CARD_LIST,
    CONVERSATION_OF,
    MESSAGE_LIST,
    SENT_AT,
    Readable,
    Stretches,
    first_seq,
    stretches,
)
from api.reads.view import View

BEHIND: Final = 2**31 - 1
"""The log index of messages: behind all events of their block."""
TIMELINE: Final = Sort("timeline", (Key("block_number"), Key("log_index"), Key("at", Kind.TIME)))
IN_CHAIN: Final = CARD_LIST.sorts["CHAIN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message or the event of a card. `at`: when the message was sent; of a card, a time before
    which every older message was sent, and no newer one.
    """

    block_number: int
    log_index: int
    at: datetime
    message: Row[Any] | None = None
    event: Row[Any] | None = None

    @property
    def place(self) -> tuple[int, int, datetime]:
        return self.block_number, self.log_index, self.at


@dataclass(slots=True, kw_only=True)
class Timeline:
    """One conversation as one field asked for it: what `lists.Asked` is of other lists."""

    view: View
    key: bytes
    group: bool
    readable: Readable
    page: Page
    _slice: Slice | None = None

    async def slice(self) -> Slice:
        """The page's entries."""
        if self._slice is None:
            self._slice = await self._read()
        return self._slice

    async def _read(self) -> Slice:
        conversation = await CONVERSATION_OF.row(self.view, self.key)
        found = await self._messages(conversation)
        cards = await self._cards()
        backward = self.page.backward
        rows = merge(found, cards, key=lambda one: one.place, reverse=backward)
        entries = list(self._bounded(rows, conversation))
        kept = entries[: self.page.size]
        return Slice(kept[::-1] if backward else kept, len(entries) > self.page.size)

    async def _messages(self, conversation: Row[Any] | None) -> Sequence[Entry]:
        """In the order in which they are read."""
        if conversation is None:
            return ()
        page = self._page(SENT_AT, _after_message(self.page.after), _before(self.page.before))
        where = await self._stretches(conversation.id)
        if where is not None and len(where) == 1:
            [(first, until)] = where
            page = _narrowed(page, (first - MICROSECOND,), None if until is None else (until,))
            where = None
        rows = await self._listed(MESSAGE_LIST, page, conversation.id, where)
        return [
            Entry(block_number=row.block_number, log_index=BEHIND, at=row.sent_at, message=row)
            for row in rows
        ]

    async def _cards(self) -> Sequence[Entry]:
        if not self.group:
            return ()
        after, before = self.page.after, self.page.before
        page = self._page(IN_CHAIN, after and after[:2], before and before[:2])
        where = None if self.readable.whole else self.readable
        if where is not None and len(where.spans) == 1:
            [(first, until)] = where.spans
            page, where = _narrowed(page, (first, -1), (until + 1, -1)), None
        rows = await self._listed(CARD_LIST, page, self.key, where)
        return [
            Entry(block_number=row.block_number, log_index=row.log_index, at=EPOCH, event=row)
            for row in rows
        ]

    def _page(self, sort: Sort, after: Any, before: Any) -> Page:
        backward, size = self.page.backward, self.page.size
        return Page(
            sort=sort,
            descending=False,
            size=size + 1,
            backward=backward,
            after=after,
            before=before,
        )

    async def _stretches(self, conversation: int) -> Stretches | None:
        if self.readable.whole:
            return None
        return await stretches(self.view, conversation, self.readable)

    async def _listed(self, listing: Any, page: Page, key: Any, where: Any) -> Sequence[Row[Any]]:
        asked = Asked(view=self.view, listing=listing, where=where, page=page, key=key)
        rows = (await asked.slice()).rows
        return rows[::-1] if page.backward else rows

    def _bounded(self, entries: Iterator[Entry], conversation: Row[Any] | None) -> Iterator[Entry]:
        """The entries, cards with the bound that the messages around them give."""
        bound = self._first_bound(conversation)
        for one in entries:
            if one.message is not None:
                bound = one.at if self.page.backward else one.at + MICROSECOND
                yield one
            else:
                yield Entry(
                    block_number=one.block_number,
                    log_index=one.log_index,
                    at=bound,
                    event=one.event,
                )

    def _first_bound(self, conversation: Row[Any] | None) -> datetime:
        if not self.page.backward:
            after = _after_message(self.page.after)
            return EPOCH if after is None else after[0] + MICROSECOND
        if self.page.before is not None:
            return self.page.before[2]  # type: ignore[no-any-return]
        return EPOCH if conversation is None else conversation.last_at + MICROSECOND

    async def has_next(self) -> bool:
        """Whether the timeline goes on after this page."""
        if not self.page.backward and (await self.slice()).more:
            return True
        return self.page.before is not None and await self._beyond("before")

    async def has_previous(self) -> bool:
        """Whether it has something before this page."""
        if self.page.backward and (await self.slice()).more:
            return True
        return self.page.after is not None and await self._beyond("after")

    async def _beyond(self, side: str) -> bool:
        """Whether an entry stands at or past the page's own bound."""
        if side == "before":
            args = Page(
                sort=TIMELINE,
                descending=False,
                size=1,
                backward=False,
                after=_just_before(self.page.before),
                before=None,
            )
        else:
            args = Page(
                sort=TIMELINE,
                descending=False,
                size=1,
                backward=True,
                after=None,
                before=_just_after(self.page.after),
            )
        other = Timeline(
            view=self.view, key=self.key, group=self.group, readable=self.readable, page=args
        )
        return bool((await other.slice()).rows)

    async def count(self) -> int:
        """How many entries there are."""
        where = None if self.readable.whole else self.readable
        page = self._page(IN_CHAIN, None, None)
        cards = Asked(view=self.view, listing=CARD_LIST, where=where, page=page, key=self.key)
        total = await cards.count() if self.group else 0
        conversation = await CONVERSATION_OF.row(self.view, self.key)
        if conversation is None:
            return total
        spans = await self._stretches(conversation.id)
        if spans is None:
            first = await first_seq(self.view, conversation.id)
            return total if first is None else total + int(conversation.last_seq) - first + 1
        page = self._page(SENT_AT, None, None)
        found = Asked(
            view=self.view, listing=MESSAGE_LIST, where=spans, page=page, key=conversation.id
        )
        return total + await found.count()


def _narrowed(page: Page, after: Any, before: Any) -> Page:
    """The page between these places too: bounds cost no statement of their own."""
    later = after if page.after is None else max(page.after, after)
    bounds = [one for one in (page.before, before) if one is not None]
    return replace(page, after=later, before=min(bounds, default=None))


def _after_message(after: Any) -> tuple[datetime] | None:
    """The time after which messages follow a place."""
    if after is None:
        return None
    _, log_index, at = after
    return (at if log_index == BEHIND else max(EPOCH, at - MICROSECOND),)


def _before(before: Any) -> tuple[datetime] | None:
    return None if before is None else (before[2],)


def _just_before(place: Any) -> Any:
    """A place behind which that one is the first."""
    block, log_index, at = place
    if log_index == BEHIND:
        return block, BEHIND, max(EPOCH, at - MICROSECOND)
    return block, log_index - 1, at


def _just_after(place: Any) -> Any:
    block, log_index, at = place
    return block, log_index + 1 if log_index < BEHIND else BEHIND, at + MICROSECOND


def timeline(view: View, key: bytes, readable: Readable, args: Args, *, group: bool) -> Timeline:
    """The page that is asked for; raises BAD_USER_INPUT for arguments that make none."""
    page = args.page(TIMELINE, descending=False)
    return Timeline(view=view, key=key, group=group, readable=readable, page=page)
