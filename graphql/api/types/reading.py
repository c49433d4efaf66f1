"""Conversations and messages among what can be asked for."""

import strawberry

from api.authorization import Act, require
from api.messages.conversing import one_conversation
from api.messages.search import search_list
from api.paging import Args
from api.reads.conversations import CONVERSATION_LIST, readable_now
from api.types.connection import Connection, connection
from api.types.context import ApiInfo
from api.types.field import field
from api.types.messages import Message
from api.types.talk import Conversation
from indexer.units import Address, Hash32


@strawberry.type
class Reading:
    @field
    async def conversation(
        self,
        info: ApiInfo,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
    ) -> Conversation:
        """Of a group (by plain id or key), or with somebody: exactly one of the three."""
        who = require(info.context.viewer, Act.READ_MESSAGES)
        named = one_conversation(who, group_id, key, recipient)
        return Conversation.of(await info.context.view(), info.context.viewer, named)

    @field
    async def conversations(
        self, info: ApiInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Conversation]:
        """Those that you are in, the one in which something was written last comes first."""
        viewer = info.context.viewer
        who = require(viewer, Act.READ_MESSAGES)
        view, args = await info.context.view(), Args(first=first, after=after)
        return connection(
            view,
            CONVERSATION_LIST,
            lambda view, row: Conversation.of(view, viewer, bytes(row.key)),
            args,
            where=who,
        )

    @field
    async def search_messages(
        self,
        info: ApiInfo,
        text: str,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Message]:
        """Text messages that have all the words, the newest first, in the conversations that you
        are in, or in one of them. Words may be beginnings, and Chinese, Japanese and Korean need no
        spaces. Of each message the first 1000 characters are looked at; what is encrypted is not
        found.
        """
        who = require(info.context.viewer, Act.READ_MESSAGES)
        view = await info.context.view()
        rows = {int(row.id): bytes(row.key) for row in await readable_now(view, who)}
        if (group_id, key, recipient) != (None, None, None):
            named = one_conversation(who, group_id, key, recipient)
            rows = {id_: one for id_, one in rows.items() if one == named}
        return connection(
            view,
            search_list(text, list(rows)),
            lambda view, row: Message.of(view, who, rows[row.conversation], row),
            Args(first=first, after=after),
        )
