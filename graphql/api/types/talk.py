"""Conversations, as those see them who are in them."""

from datetime import datetime
from typing import Any, Self

import strawberry

from api.accounts.viewer import Viewer
from api.authorization import Act, require
from api.messages.history import history as readable_history
from api.messages.names import group_of, other_of
from api.paging import Args
from api.reads import conversations as reads
from api.reads import messages, receipts
from api.reads.view import View
from api.types.connection import Connection
from api.types.field import field
from api.types.messages import AGroup, Message, message_of
from api.types.node import Node, global_id
from indexer.units import Address


@strawberry.type(description="A group's timeline, or what two people write to each other.")
class Conversation(Node):
    view: strawberry.Private[View]
    viewer: strawberry.Private[Address]
    asking: strawberry.Private[Viewer]
    key: strawberry.Private[bytes]

    @field
    async def group(self) -> AGroup | None:
        """Null for a direct conversation."""
        from api.types.groups import group_by_key

        key = group_of(self.key)
        return None if key is None else await group_by_key(self.view, key)

    @field
    def recipient(self) -> Address | None:
        """The other one of a direct conversation."""
        return None if group_of(self.key) else other_of(self.key, self.viewer)

    @field
    async def messages(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Message]:
        """Oldest first; `last` for the newest."""
        args = Args(first=first, after=after, last=last, before=before)
        return await history(self.view, self.asking, self.key, args)

    @field
    async def last_message(self) -> Message | None:
        """What somebody wrote last, as far as you may read it."""
        row = await reads.last(self.view, self.key)
        may = await messages.readable(self.view, self.key, self.viewer)
        if row is None or not may.contains(row.block_number):
            return None
        return Message.of(self.view, self.viewer, self.key, row)

    @field
    async def unread_count(self) -> int:
        """How many messages of others came since what you marked as read, and since you joined;
        at most 1000. 0 in a group that you are not in.
        """
        row = await messages.CONVERSATION_OF.row(self.view, self.key)
        if row is None:
            return 0
        since = await reads.joined(self.view, self.key, self.viewer)
        if since is None:
            return 0
        return await receipts.unread(self.view, row.id, self.viewer, since)

    @field
    async def read_until(self) -> datetime | None:
        """When the last message was sent that you marked as read."""
        row = await messages.CONVERSATION_OF.row(self.view, self.key)
        if row is None:
            return None
        return await receipts.read_until(self.view, row.id, self.viewer)  # type: ignore[no-any-return]

    @field
    async def pinned(self) -> list[Message]:
        """What is kept at hand, the newest first."""
        rows = await reads.pinned(self.view, self.key)
        may = await messages.readable(self.view, self.key, self.viewer)
        return [
            Message.of(self.view, self.viewer, self.key, row)
            for row in rows
            if may.contains(row.block_number)
        ]

    @classmethod
    def of(cls, view: View, asking: Viewer, key: bytes) -> Self:
        """Raises UNAUTHENTICATED, or FORBIDDEN where the token lacks the scope."""
        return cls(
            id=global_id("Conversation", key),
            view=view,
            viewer=require(asking, Act.READ_MESSAGES),
            asking=asking,
            key=key,
        )


async def history(view: View, viewer: Viewer, key: bytes, args: Args) -> Connection[Message]:
    """The timeline as far as the viewer may read it. Raises FORBIDDEN where that is nothing."""
    who = require(viewer, Act.READ_MESSAGES)

    def make(view: View, entry: Any) -> Message:
        return message_of(view, who, key, entry)

    return Connection(asked=await readable_history(view, viewer, key, args), make=make)
