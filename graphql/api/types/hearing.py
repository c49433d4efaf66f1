"""Conversations live."""

from collections.abc import AsyncIterator

import strawberry

from api.authorization import Act, require
from api.errors import bad_input
from api.messages.conversing import named_conversation
from api.messages.feeds import News
from api.messages.notices import Change
from api.paging import Args
from api.reads.moment import NOW
from api.reads.snapshot import Momentary
from api.reads.view import View
from api.types.chain import Event
from api.types.context import ApiInfo
from api.types.field import subscription
from api.types.messages import Message
from api.types.talk import history
from indexer.units import Address, Hash32

PAGE = 100


@strawberry.type
class Hearing:
    @subscription
    async def message_added(
        self,
        info: ApiInfo,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
        after: str | None = None,
    ) -> AsyncIterator[Message]:
        """Messages and cards of one conversation, or of all that you are in. `after` is a cursor of
        the conversation's `messages`: what came since is sent first. Ends with FORBIDDEN, and the
        reason and its block, once the chain has taken you out of the group.
        """
        named = await named_conversation(info.context, group_id, key, recipient)
        who = require(info.context.viewer, Act.READ_MESSAGES)
        if after is not None and named is None:
            raise bad_input("after", "name the conversation that this cursor is of")
        async with info.context.index.hub.feed(who, named) as feed:
            sent: set[str] = set()
            if after is not None and named is not None:
                async for message in _missed(info, named, after):
                    sent.add(message.id)
                    yield message
            while True:
                news = await feed.next()
                if news.change is Change.ADDED:
                    message = _message(info, who, news)
                    if message.id not in sent:
                        yield message

    @subscription
    async def message_updated(
        self,
        info: ApiInfo,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
    ) -> AsyncIterator[Message]:
        """Messages that were edited, deleted, reacted to or pinned, as they stand now; and cards
        that a reorg took back: they have a `deletedAt`. Of two people both hear what was got and
        read; in a group you hear it of the last of your own among the 20 newest that it is about.
        """
        named = await named_conversation(info.context, group_id, key, recipient)
        who = require(info.context.viewer, Act.READ_MESSAGES)
        async with info.context.index.hub.feed(who, named) as feed:
            while True:
                news = await feed.next()
                if news.change is Change.UPDATED:
                    yield _message(info, who, news)


async def _missed(info: ApiInfo, key: bytes, after: str) -> AsyncIterator[Message]:
    """What stands behind the cursor, page by page."""
    cursor: str | None = after
    while cursor is not None:
        view = _now(info)
        args = Args(first=PAGE, after=cursor)
        page = await history(view, info.context.viewer, key, args)
        found = await page.asked.slice()
        for row in found.rows:
            yield page.make(view, row)
        cursor = page.asked.page.sort.cursor(found.rows[-1]) if found.more else None


def _message(info: ApiInfo, who: Address, news: News) -> Message:
    view = _now(info)
    if not news.card:
        return Message.of(view, who, news.key, news.row)
    if news.change is Change.ADDED:
        return Message.of_event(view, who, Event.of(view, news.row))
    event = Event.gone(view, news.row)
    known = event.known_block
    return Message.of_event(view, who, event, None if known is None else known.timestamp)


def _now(info: ApiInfo) -> View:
    return View(Momentary(info.context.index.engine), NOW)
