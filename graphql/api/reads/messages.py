"""Messages that people wrote, conversations, and what hangs on messages."""

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, false, func, or_, select
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.sql.expression import FromClause

from api.messages.names import is_direct
from api.paging import Key, Kind, Sort
from api.reads.common import on
from api.reads.events import EVENT_LIST, TOPICS
from api.reads.keyed import PAIR
from api.reads.listing import Alternatives, Listing
from api.reads.lists import Lookup
from api.reads.moment import Moment
from api.reads.view import View
from indexer.db import types as t
from indexer.db.models import (
    MEMBERS,
    SHOWN,
    conversations,
    message_parts,
    message_pins,
    messages,
    reactions,
)
from indexer.units import Address

NUMBER: Final = (BIGINT(),)
SPOT: Final = (BIGINT(), t.Height())
"""The types of a conversation's number, and of a block's."""
MESSAGE: Final = (BIGINT(), t.Time)
"""The types of a conversation's number, and of when a message was sent there."""
EVERYTHING: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Readable:
    """Blocks whose messages somebody may read: each from, and up to but not including."""

    spans: tuple[tuple[int, int], ...]

    def contains(self, block: int) -> bool:
        """Whether a message may be read that was sent while the index stood there."""
        return any(first <= block < until for first, until in self.spans)

    def shows(self, block: int) -> bool:
        """Whether the cards of that block may be read: also the one that says that it is over."""
        return any(first <= block <= until for first, until in self.spans)

    @property
    def whole(self) -> bool:
        """Whether everything may be read."""
        return self.spans == ALL.spans


ALL: Final = Readable(((0, EVERYTHING),))
NOTHING: Final = Readable(())
NONE: Final[Sequence[Row[Any]]] = ()


def shown(_moment: Moment | None = None) -> FromClause:
    """Messages with what is shown of them: all of it is in messages_shown_idx."""
    names = ("conversation", "sent_at", *SHOWN)
    return select(*(messages.c[name] for name in names)).subquery("shown")


Stretches = Sequence[tuple[Any, Any]]
"""Times from which, and up to but not including (None: for ever), messages may be read."""


def _shown(rows: FromClause, where: Stretches, _moment: Moment) -> Alternatives:
    at = rows.c.sent_at
    spans = ((at >= first, at < until) if until else (at >= first,) for first, until in where)
    return [*spans] or ((false(),),)


def _card_blocks(rows: FromClause, where: Readable, _moment: Moment) -> Alternatives:
    """Also the card that says that it is over."""
    block = rows.c.block_number
    return ((or_(*(block.between(first, until) for first, until in where.spans)),),)


def _of_group(rows: FromClause, key: Any, _moment: Moment) -> Alternatives:
    """Served by the indexes on topic 1 and topic 2."""
    return (
        (rows.c.decoded, rows.c.topic0.in_(_topics(*ABOUT)), rows.c.topic1 == key),
        (rows.c.decoded, rows.c.topic0.in_(_topics(*CREATED)), rows.c.topic2 == key),
    )


def _topics(*names: str) -> list[bytes]:
    return sorted(topic for name in names for topic in TOPICS[name])


ABOUT: Final = ("GroupCreated", "MemberJoined", "MemberLeft", "MemberRemoved", "RoleChanged")
CREATED: Final = ("PaymentCreated", "CrowdfundingCreated", "RedPacketCreated")
"""The events that are cards: of a group, and of what names it in topic 2."""
SENT_AT: Final = Sort("sent", (Key("sent_at", Kind.TIME),))
MESSAGE_LIST: Final[Listing[Stretches]] = Listing(
    name="messages",
    rows=shown,
    sorts={"SENT": SENT_AT},
    descending=False,
    where=_shown,
    under=on("conversation"),
    types=NUMBER,
)
"""Served by messages_shown_idx alone."""
CARD_LIST: Final[Listing[Any]] = Listing(
    name="cards",
    rows=EVENT_LIST.rows,
    sorts=EVENT_LIST.sorts,
    descending=False,
    where=_card_blocks,
    under=_of_group,
)
A_MESSAGE: Final = Lookup(
    name="message", rows=shown, columns=("conversation", "sent_at"), types=MESSAGE
)
PARTS: Final = Lookup(
    name="messageParts",
    rows=lambda _moment: message_parts,
    columns=("conversation", "sent_at"),
    types=MESSAGE,
)
PIN: Final = Lookup(
    name="messagePin",
    rows=lambda _moment: message_pins,
    columns=("conversation", "sent_at"),
    types=MESSAGE,
)
CONVERSATION: Final = Lookup(
    name="conversation", rows=lambda _moment: conversations, columns=("id",), types=NUMBER
)
CONVERSATION_OF: Final = Lookup(
    name="conversationOf", rows=lambda _moment: conversations, columns=("key",)
)


async def readable(view: View, key: bytes, viewer: Address) -> Readable:
    """What the viewer may read of a conversation: everything while a member, else what was sent
    while he was one.
    """
    if is_direct(key):
        return ALL if viewer in (key[:20], key[20:]) else NOTHING
    rows = await view.batched("membership", _membership, _all, NONE, PAIR, form="membership")(
        (key, viewer)
    )
    if any(row.until is None for row in rows):
        return ALL
    if not rows:
        return NOTHING
    return Readable(tuple(_joined([(row.first, row.until) for row in rows])))


def _membership(keys: Any) -> Select[Any]:
    """Served by the primary keys."""
    now, past = MEMBERS.current, MEMBERS.history
    assert past is not None
    standing = select(now.c.updated_block.label("first"), _none().label("until")).where(
        now.c.group_key == keys.c.key0, now.c.address == keys.c.key1
    )
    ended = select(past.c.updated_block, past.c.until_block).where(
        past.c.group_key == keys.c.key0, past.c.address == keys.c.key1
    )
    return select(standing.correlate(keys).union_all(ended.correlate(keys)).subquery())


def _none() -> Any:
    return func.nullif(0, 0)


def _all(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    return rows


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Versions of one membership, that follow each other, as one span."""
    found: list[tuple[int, int]] = []
    for first, until in sorted(spans):
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], until)
        else:
            found.append((first, until))
    return found


async def stretches(view: View, conversation: int, where: Readable) -> Stretches:
    """When the messages of those blocks were sent: blocks never go back within a conversation."""

    def inner(keys: Any) -> Select[Any]:
        floor = func.message_floor(keys.c.key0, keys.c.key1, type_=t.Time)
        return select(floor.label("at")).correlate(keys)

    loader = view.batched("floor", inner, _all, NONE, SPOT, form="floor")
    blocks = [block for span in where.spans for block in span]
    floors = [rows[0].at for rows in await gather(*(loader((conversation, b)) for b in blocks))]
    pairs = zip(floors[::2], floors[1::2], strict=True)
    return [(first, until) for first, until in pairs if first is not None and first != until]


async def first_seq(view: View, conversation: int) -> int | None:
    """The number of the oldest message that is kept; served by messages_shown_idx."""

    def inner(keys: Any) -> Select[Any]:
        found = select(messages.c.seq).where(messages.c.conversation == keys.c.key0)
        return found.order_by(messages.c.sent_at).limit(1)

    rows = await view.batched("firstSeq", inner, _all, NONE, NUMBER, form="firstSeq")(conversation)
    return rows[0].seq if rows else None


async def reactions_to(view: View, message: tuple[int, Any]) -> Sequence[Row[Any]]:
    """The reactions to a message, by emoji and time; served by the primary key."""

    def inner(keys: Any) -> Select[Any]:
        r = reactions.c
        same = (r.conversation == keys.c.key0, r.sent_at == keys.c.key1)
        found = select(r.emoji, r.address, r.at).where(*same)
        return found.order_by(r.emoji, r.at, r.address).limit(1000)

    return await view.batched("reactions", inner, _all, NONE, MESSAGE, form="reactions")(message)
