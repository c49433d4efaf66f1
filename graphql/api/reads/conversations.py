"""Conversations of somebody, and what of them is shown in a list."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, func, select, text, union_all
from sqlalchemy.sql.expression import FromClause

from api.messages.names import is_direct
from api.paging import Key, Kind, Sort
from api.reads.keyed import PAIR
from api.reads.listing import Alternatives, Listing
from api.reads.messages import NONE, shown
from api.reads.moment import Moment
from api.reads.view import View
from indexer.db.models import MEMBERS, conversations, message_pins, messages, parties
from indexer.units import Address


def _all(_moment: Moment) -> FromClause:
    """Groups whether anything was written there or not; direct ones where something was."""
    c, m = conversations, MEMBERS.current
    at = func.greatest(c.c.last_at, m.c.joined_at)
    groups = (
        select(m.c.address, m.c.group_key.label("key"), at.label("at"))
        .select_from(m.outerjoin(c, c.c.key == m.c.group_key))
        .subquery()
    )
    direct = (
        select(parties.c.address, c.c.key, c.c.last_at.label("at"))
        .select_from(parties.join(c, c.c.id == parties.c.conversation))
        .where(c.c.last_seq > 0)
    )
    both = union_all(select(groups), direct).subquery("mine")
    name = func.encode(both.c.key, "hex").collate("C").label("name")
    return select(both, name).subquery("conversations")


def _of(rows: FromClause, viewer: Address, _moment: Moment) -> Alternatives:
    return ((rows.c.address == viewer,),)


CONVERSATION_LIST: Final[Listing[Address]] = Listing(
    name="conversations",
    rows=_all,
    sorts={"LAST": Sort("conversations", (Key("at", Kind.TIME), Key("name", Kind.TEXT)))},
    descending=True,
    where=_of,
)
"""Served by members_address_joined_block_joined_log_idx and the primary key of parties; those of
one person are sorted.
"""
READABLE: Final = text("""
SELECT c.id, c.key FROM members AS m JOIN conversations AS c ON c.key = m.group_key
WHERE m.address = :viewer
UNION ALL
SELECT c.id, c.key FROM parties AS p JOIN conversations AS c ON c.id = p.conversation
WHERE p.address = :viewer
""")
"""Served by members_address_joined_block_joined_log_idx and the primary key of parties."""


async def last(view: View, key: bytes) -> Row[Any] | None:
    """The last message of a conversation; served by messages_shown_idx."""

    def inner(keys: Any) -> Select[Any]:
        rows, c = shown(), conversations.c
        both = (rows.c.conversation == c.id) & (rows.c.sent_at == c.last_at)
        found = select(rows).select_from(conversations.join(rows, both))
        return found.where(c.key == keys.c.key0)

    rows = await view.batched("lastMessage", inner, list, NONE, form="lastMessage")(key)
    return rows[0] if rows else None


async def joined(view: View, key: bytes, viewer: Address) -> int | None:
    """The block in which the viewer joined a group, None of one that he is not in; 0 of a direct
    conversation.
    """
    if is_direct(key):
        return 0

    def inner(keys: Any) -> Select[Any]:
        m = MEMBERS.current.c
        same = (m.group_key == keys.c.key0, m.address == keys.c.key1)
        return select(m.joined_block).where(*same)

    rows = await view.batched("joined", inner, list, NONE, PAIR, form="joined")((key, viewer))
    return int(rows[0].joined_block) if rows else None


async def pinned(view: View, key: bytes) -> Sequence[Row[Any]]:
    """The messages that are pinned in a conversation, the newest first; served by the primary
    key.
    """

    def inner(keys: Any) -> Select[Any]:
        c, p, m = conversations.c, message_pins.c, messages.c
        of = message_pins.join(conversations, c.id == p.conversation)
        both = (m.conversation == p.conversation) & (m.sent_at == p.sent_at)
        found = select(messages).select_from(of.join(messages, both))
        return found.where(c.key == keys.c.key0).order_by(m.sent_at.desc()).limit(100)

    return await view.batched("pinned", inner, list, NONE, form="pinned")(key)


async def readable_now(view: View, viewer: Address) -> Sequence[Row[Any]]:
    """The conversations that somebody is in, as far as anything was written there."""
    return await view.reader.rows(READABLE.bindparams(viewer=viewer))
