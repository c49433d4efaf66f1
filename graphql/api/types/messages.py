"""Messages, and the cards that the index adds to a group's timeline."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from api.limits import int32
from api.messages.cards import Card, card_of
from api.messages.drafts import Kind
from api.messages.names import MessageId, group_of, other_of
from api.messages.timeline import Entry
from api.paging import Args
from api.reads import chain, receipts
from api.reads import messages as reads
from api.reads.files import FILE
from api.reads.view import View
from api.scalars import BigInt
from api.types.chain import Event
from api.types.connection import Connection
from api.types.field import field, later
from api.types.files import File
from api.types.listed import listed
from api.types.node import Node
from indexer.units import Address

if TYPE_CHECKING:
    from api.types.groups import Group

AGroup = Annotated["Group", strawberry.lazy("api.types.groups")]


@strawberry.enum(
    description="SYSTEM, PAYMENT and RED_PACKET are cards that the index adds to a group's "
    "timeline; the others are written by people."
)
class MessageKind(Enum):
    TEXT = Kind.TEXT.value
    IMAGE = Kind.IMAGE.value
    FILE = Kind.FILE.value
    VOICE = Kind.VOICE.value
    VIDEO = Kind.VIDEO.value
    PAYMENT = Kind.PAYMENT.value
    RED_PACKET = Kind.RED_PACKET.value
    SYSTEM = Kind.SYSTEM.value


@strawberry.type(description="How people reacted to a message.")
class Reaction:
    emoji: str
    count: int
    users: list[Address]


@strawberry.type(
    description="`deliveredAt`, `readAt`: when the reader said so of this message or a later one; "
    "which one of several it was is remembered for 30 days."
)
class Receipt:
    reader: Address
    delivered_at: datetime | None
    read_at: datetime | None

    @classmethod
    def of(cls, _view: View, row: Any) -> Self:
        return cls(reader=Address(row.reader), delivered_at=row.delivered_at, read_at=row.read_at)


@strawberry.type(
    description="A chat message, or (SYSTEM, PAYMENT, RED_PACKET) a card that the index adds to a "
    "group's timeline from an event. A reorg that takes the event back takes the card with it."
)
class Message(Node):
    view: strawberry.Private[View]
    viewer: strawberry.Private[Address]
    key: strawberry.Private[bytes]
    row: strawberry.Private[Any]
    conversation: strawberry.Private[int]
    sender: Address
    kind: MessageKind
    encryption: str | None
    at: strawberry.Private[datetime | None]
    edited_at: datetime | None
    deleted_at: datetime | None
    seq: BigInt | None = strawberry.field(
        description="Counts what people wrote in the conversation, from 1 and without gaps; null "
        "for a card."
    )
    block: int = strawberry.field(
        description="Where the index stood when it was checked that the sender may write; the "
        "block of a card's event. Messages stand behind the cards of that block."
    )
    card: Card | None = strawberry.field(description="What a card tells; null for a message.")
    event: Event | None = strawberry.field(description="The event behind a card.")

    @field
    async def group(self) -> AGroup | None:
        from api.types.groups import group_by_key

        key = group_of(self.key)
        return None if key is None else await group_by_key(self.view, key)

    @field
    def recipient(self) -> Address | None:
        """Set for a direct message."""
        return None if group_of(self.key) else other_of(self.key, self.sender)

    @field
    def sent_at(self) -> datetime:
        """Of a card, when its block was made."""
        return self.at or later(self._mined())

    async def _mined(self) -> datetime:
        known = None if self.event is None else self.event.known_block
        if known is not None:
            return known.timestamp
        row: Any = await chain.BLOCK.row(self.view, self.block)
        return row.timestamp  # type: ignore[no-any-return]

    @field
    def content(self) -> str:
        """Plain text, or base64 ciphertext where encryption is not null; empty once deleted."""
        return later(self._whole()) if self.row.has_more else str(self.row.content)

    async def _whole(self) -> str:
        parts = await self._parts()
        rest = "" if parts is None or parts.rest is None else parts.rest
        return str(self.row.content) + rest

    @field
    def reply_to(self) -> "Message | None":
        """The message that this one answers, unless it is gone or was before your time."""
        if self.event is not None or self.row.reply_to is None:
            return None
        return later(self._answered())

    async def _answered(self) -> "Message | None":
        row = await reads.A_MESSAGE.row(self.view, (self.conversation, self.row.reply_to))
        may = await reads.readable(self.view, self.key, self.viewer)
        if row is None or not may.contains(row.block_number):
            return None
        return Message.of(self.view, self.viewer, self.key, row)

    @field
    async def epoch(self) -> str | None:
        """The epoch of the group's key under which the content is encrypted."""
        parts = await self._parts()
        return None if parts is None else parts.epoch

    @field
    async def mentions(self) -> list[Address]:
        """Who is named in the message, as its sender says."""
        parts = await self._parts()
        return [] if parts is None else [Address(one) for one in parts.mentions or ()]

    @field
    async def attachments(self) -> list[File]:
        """The files that hang on the message and are still there."""
        parts = await self._parts()
        ids = () if parts is None else parts.files or ()
        rows = await gather(*(FILE.row(self.view, id_) for id_ in ids))
        return [File.of(self.view, row) for row in rows if row is not None]

    @field
    async def forwarded_from(self) -> Address | None:
        """Who wrote the message that was forwarded."""
        parts = await self._parts()
        return None if parts is None or parts.forwarded_from is None else parts.forwarded_from

    @field
    async def reactions(self) -> list[Reaction]:
        """By emoji, who reacted first comes first. At most 1000 of them."""
        if self.event is not None:
            return []
        return _by_emoji(await reads.reactions_to(self.view, self._place))

    @field
    async def pinned_at(self) -> datetime | None:
        """Since when it is pinned in its conversation."""
        row = None if self.event is not None else await reads.PIN.row(self.view, self._place)
        return None if row is None else row.pinned_at

    @field
    async def read_by(
        self, first: int | None = None, after: str | None = None
    ) -> Connection[Receipt]:
        """Who has got or read it, but for its sender, in the order of their addresses."""
        args = Args(first=first, after=after)
        rows: Sequence[Any] = ()
        if self.event is None:
            told = await receipts.of_message(self.view, self._place)
            rows = [row for row in told if row.reader != self.sender]
        return listed(self.view, receipts.BY_READER, rows, Receipt.of, args)

    @property
    def _place(self) -> tuple[int, datetime]:
        return self.conversation, self.row.sent_at

    async def _parts(self) -> Any:
        if self.event is not None or not self.row.has_more:
            return None
        return await reads.PARTS.row(self.view, self._place)

    @classmethod
    def of(cls, view: View, viewer: Address, key: bytes, row: Any) -> Self:
        """What somebody wrote."""
        return cls(
            id=strawberry.ID(str(MessageId(row.conversation, row.sent_at))),
            view=view,
            viewer=viewer,
            key=key,
            row=row,
            conversation=row.conversation,
            sender=Address(row.sender),
            kind=MessageKind(row.kind),
            encryption=row.encryption,
            at=row.sent_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            seq=BigInt(row.seq),
            block=int32(row.block_number),
            card=None,
            event=None,
        )

    @classmethod
    def fresh(cls, view: View, viewer: Address, key: bytes, columns: Mapping[str, Any]) -> Self:
        """What was sent just now, from what was written."""
        row = SimpleNamespace(**{**columns, "edited_at": None, "deleted_at": None})
        return cls.of(view, viewer, key, row)

    @classmethod
    async def find(cls, view: View, viewer: Address, key: bytes, id_: MessageId) -> Self:
        """A message that is known to be there."""
        row = await reads.A_MESSAGE.row(view, (id_.conversation, id_.sent_at))
        return cls.of(view, viewer, key, row)

    @classmethod
    def of_event(
        cls, view: View, viewer: Address, event: Event, deleted_at: datetime | None = None
    ) -> Self:
        """The card of an event. `deleted_at`: when a reorg took it back."""
        row = event.row
        told = card_of(row)
        assert told is not None
        return cls(
            id=strawberry.ID(f"Message:{row.block_number}-{row.log_index}"),
            view=view,
            viewer=viewer,
            key=told.group,
            row=_Words(told.words),
            conversation=0,
            sender=told.who,
            kind=MessageKind(told.kind.value),
            encryption=None,
            at=None,
            edited_at=None,
            deleted_at=deleted_at,
            seq=None,
            block=int32(row.block_number),
            card=told.card,
            event=event,
        )


class _Words:
    """The row of a card: the text that the event carries."""

    def __init__(self, content: str) -> None:
        self.content, self.has_more = content, False


def _by_emoji(rows: Sequence[Any]) -> list[Reaction]:
    found: dict[str, list[Address]] = {}
    for row in rows:
        found.setdefault(row.emoji, []).append(Address(row.address))
    return [Reaction(emoji=emoji, count=len(users), users=users) for emoji, users in found.items()]


def message_of(view: View, viewer: Address, key: bytes, entry: Entry) -> Message:
    """What an entry of the timeline is to clients."""
    if entry.message is not None:
        return Message.of(view, viewer, key, entry.message)
    return Message.of_event(view, viewer, Event.of(view, entry.event))
