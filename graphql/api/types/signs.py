"""Who types, and who is there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import strawberry

from api.authorization import Act, require, require_in
from api.messages.conversing import named_conversation, one_conversation
from api.messages.names import group_of
from api.messages.notices import Change
from api.messages.signs import Sign
from api.types.context import ApiInfo
from api.types.field import mutation, subscription
from api.types.node import global_id
from indexer.units import Address, Hash32


@strawberry.type(
    description="Somebody types, or has stopped. It holds until `until`, unless it is told again."
)
class Typing:
    conversation: strawberry.ID
    user: Address
    typing: bool
    until: datetime


@strawberry.type(
    description="Somebody is there, or has gone. Who is not heard of again by `until` has gone."
)
class Presence:
    user: Address
    online: bool
    until: datetime

    @classmethod
    def of(cls, sign: Sign) -> "Presence":
        return cls(user=sign.who, online=sign.holds, until=sign.until)


@strawberry.type
class Signalling:
    @mutation
    async def set_typing(
        self,
        info: ApiInfo,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
        typing: bool = True,
    ) -> Typing:
        """Tells those in a conversation that you type: for six seconds, so say it again every five;
        `typing: false` takes it back.
        """
        viewer = info.context.viewer
        who = require(viewer, Act.SHOW_TYPING)
        named = one_conversation(who, group_id, key, recipient)
        if group_of(named) is not None:
            view = await info.context.view()
            await require_in(view.reader, viewer, Act.SHOW_TYPING, named)
        return _typing(await info.context.index.signs.typing(who, named, on=typing), named)

    @mutation
    async def set_presence(self, info: ApiInfo, online: bool = True) -> Presence:
        """Tells those who share a conversation with you that you are there: for a minute, so say it
        again every half; `online: false` takes it back.
        """
        who = require(info.context.viewer, Act.SEND_DIRECT)
        return Presence.of(await info.context.index.signs.present(who, on=online))


@strawberry.type
class Sensing:
    @subscription
    async def typing(
        self,
        info: ApiInfo,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
    ) -> AsyncIterator[Typing]:
        """Who types in one conversation, or in all that you are in."""
        who = require(info.context.viewer, Act.READ_MESSAGES)
        named = await named_conversation(info.context, group_id, key, recipient)
        async with info.context.index.hub.feed(who, named) as feed:
            while True:
                news = await feed.next()
                if news.change is Change.TYPING and news.row.who != who:
                    yield _typing(news.row, news.key)

    @subscription
    async def presence(
        self,
        info: ApiInfo,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
    ) -> AsyncIterator[Presence]:
        """Who comes and goes among those in one conversation: first those who are there."""
        who = require(info.context.viewer, Act.READ_MESSAGES)
        named = one_conversation(who, group_id, key, recipient)
        await named_conversation(info.context, group_id, key, recipient)
        hub = info.context.index.hub
        async with hub.feed(who, named) as feed:
            people = await hub.people(named)
            for one, until in (await info.context.index.signs.of(people)).items():
                yield Presence(user=one, online=True, until=until)
            while True:
                news = await feed.next()
                if news.change is Change.PRESENCE:
                    yield Presence.of(news.row)


def _typing(sign: Sign, key: bytes) -> Typing:
    return Typing(
        conversation=global_id("Conversation", key),
        user=sign.who,
        typing=sign.holds,
        until=max(sign.until, datetime.now(UTC)) if not sign.holds else sign.until,
    )
