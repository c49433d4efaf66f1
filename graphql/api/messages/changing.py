"""What happens to messages after they were sent: each change in one transaction with its check.

The conversation's row is locked, so changes there are numbered in the order in which they happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from api.accounts.epochs import require_current
from api.authorization import Act
from api.errors import ApiError, Code, bad_input
from api.messages.batch import cut
from api.messages.names import MessageId
from api.messages.notices import CHANNEL, Change, notice
from api.messages.standing import Seat, seats
from api.writes import Transaction
from indexer.units import Address

MOST_EMOJIS: Final = 20
"""Different reactions to one message."""
LONGEST_EMOJI: Final = 64
"""Bytes."""
MOST_PINS: Final = 100

FIND: Final = text("""
SELECT m.*, c.key FROM conversations AS c
JOIN messages AS m ON m.conversation = c.id AND m.sent_at = :sent_at
WHERE c.id = :conversation
""")
"""Served by the primary key and messages_shown_idx."""
CLAIM: Final = text("SELECT 1 FROM conversations WHERE id = :conversation FOR UPDATE")
REVISE: Final = text("""
WITH moved AS (
    UPDATE conversations SET revision = revision + 1 WHERE id = :conversation RETURNING revision)
UPDATE messages AS m SET revision = moved.revision, content = :content, encryption = :encryption,
    has_more = :has_more, edited_at = coalesce(:edited, m.edited_at),
    deleted_at = coalesce(:deleted, m.deleted_at)
FROM moved WHERE m.conversation = :conversation AND m.sent_at = :sent_at
""")
REST: Final = text("""
INSERT INTO message_parts (conversation, sent_at, rest, epoch)
VALUES (:conversation, :sent_at, :rest, :epoch)
ON CONFLICT (conversation, sent_at) DO UPDATE SET rest = excluded.rest, epoch = excluded.epoch
""")
STRIP: Final = (
    text("DELETE FROM message_parts WHERE conversation = :conversation AND sent_at = :sent_at"),
    text("DELETE FROM reactions WHERE conversation = :conversation AND sent_at = :sent_at"),
    text("DELETE FROM file_uses WHERE conversation = :conversation AND sent_at = :sent_at"),
    text("DELETE FROM message_pins WHERE conversation = :conversation AND sent_at = :sent_at"),
)
REACT: Final = text("""
INSERT INTO reactions (conversation, sent_at, emoji, address)
SELECT :conversation, :sent_at, :emoji, :address
WHERE (SELECT count(DISTINCT emoji) FROM reactions WHERE conversation = :conversation
    AND sent_at = :sent_at AND emoji <> :emoji) < :most
ON CONFLICT DO NOTHING
""")
REACTED: Final = text("""
SELECT 1 FROM reactions WHERE conversation = :conversation AND sent_at = :sent_at
    AND emoji = :emoji AND address = :address
""")
UNREACT: Final = text("""
DELETE FROM reactions WHERE conversation = :conversation AND sent_at = :sent_at
    AND emoji = :emoji AND address = :address
""")
PIN: Final = text("""
INSERT INTO message_pins (conversation, sent_at, pinned_by)
SELECT :conversation, :sent_at, :address
WHERE (SELECT count(*) FROM message_pins WHERE conversation = :conversation) < :most
ON CONFLICT DO NOTHING
""")
PINNED: Final = text("""
SELECT 1 FROM message_pins WHERE conversation = :conversation AND sent_at = :sent_at
""")
TELL: Final = text("SELECT pg_notify(:channel, :notice)")


@dataclass(slots=True, kw_only=True)
class Message:
    """A message that somebody is about to change, or to refer to."""

    db: Transaction
    id: MessageId
    row: Row[Any]
    seat: Seat

    @property
    def place(self) -> Mapping[str, Any]:
        return {"conversation": self.id.conversation, "sent_at": self.id.sent_at}

    @property
    def own(self) -> bool:
        return bool(self.row.sender == self.seat.address)

    async def require(self, act: Act) -> None:
        """Raises FORBIDDEN with the reason on chain."""
        await self.seat.require(self.db, act)

    async def edit(self, content: str, encryption: str | None, epoch: str | None) -> None:
        """Gives it another content. Raises FORBIDDEN (EPOCH_OVER)."""
        if epoch is not None:
            await require_current(self.db, bytes(self.row.key), epoch)
        inline, rest = cut(content)
        has_more = bool(self.row.has_more) or rest is not None or epoch is not None
        now = (await self._now()).now
        values = {"content": inline, "encryption": encryption, "has_more": has_more}
        await self.db.do(REVISE, {**self.place, **values, "edited": now, "deleted": None})
        if has_more:
            await self.db.do(REST, {**self.place, "rest": rest, "epoch": epoch})
        await self.tell()

    async def delete(self) -> None:
        """Leaves nothing of it but its place."""
        for statement in STRIP:
            await self.db.do(statement, self.place)
        now = (await self._now()).now
        values = {"content": "", "encryption": None, "has_more": False}
        await self.db.do(REVISE, {**self.place, **values, "edited": None, "deleted": now})
        await self.tell()

    async def react(self, emoji: str) -> None:
        """Adds a reaction, once. Raises LIMIT_EXCEEDED for too many different ones."""
        asked = {**self.place, "emoji": emoji, "address": self.seat.address}
        if await self.db.do(REACT, {**asked, "most": MOST_EMOJIS}):
            return await self.tell()
        if not await self.db.rows(REACTED, asked):
            told = f"a message has at most {MOST_EMOJIS} different reactions"
            raise ApiError(Code.LIMIT_EXCEEDED, told, measure="reactions", limit=MOST_EMOJIS)

    async def unreact(self, emoji: str) -> None:
        """Takes a reaction of one's own back."""
        asked = {**self.place, "emoji": emoji, "address": self.seat.address}
        if await self.db.do(UNREACT, asked):
            await self.tell()

    async def pin(self) -> None:
        """Keeps it at hand. Raises LIMIT_EXCEEDED where too many are."""
        asked = {**self.place, "address": self.seat.address, "most": MOST_PINS}
        if await self.db.do(PIN, asked):
            return await self.tell()
        if not await self.db.rows(PINNED, self.place):
            told = f"a conversation has at most {MOST_PINS} pinned messages"
            raise ApiError(Code.LIMIT_EXCEEDED, told, measure="pins", limit=MOST_PINS)

    async def unpin(self) -> None:
        """Keeps it at hand no more."""
        if await self.db.do(STRIP[-1], self.place):
            await self.tell()

    async def _now(self) -> Row[Any]:
        row = await self.db.row(text("SELECT clock_timestamp() AS now"))
        assert row is not None
        return row

    async def tell(self) -> None:
        """Tells whoever listens that it has changed."""
        told = notice(Change.UPDATED, [(self.id.conversation, self.id.sent_at)])
        await self.db.do(TELL, {"channel": CHANNEL, "notice": told})


async def found(
    db: Transaction, id_: MessageId, who: Address, act: Act, *, lock: bool = True
) -> Message:
    """The message, if it stands and `who` may do that where it was sent; its conversation is
    locked if it is to be changed.

    Raises BAD_USER_INPUT or FORBIDDEN. To others, a direct message that is there and one that is
    not look alike.
    """
    asked = {"conversation": id_.conversation, "sent_at": id_.sent_at}
    if lock:
        await db.do(CLAIM, asked)
    row = await db.row(FIND, asked)
    if row is None:
        raise bad_input("id", "no such message, or none that you may read")
    [seat] = await seats(db, [(bytes(row.key), who)])
    await seat.require(db, act)
    if row.deleted_at is not None:
        raise bad_input("id", "this message was deleted")
    return Message(db=db, id=id_, row=row, seat=seat)


def check_emoji(emoji: str) -> str:
    """The reaction; raises BAD_USER_INPUT for what is long, empty or no text."""
    if not emoji.strip() or len(emoji.encode("utf-8", "replace")) > LONGEST_EMOJI:
        problem = f"give 1 to {LONGEST_EMOJI} bytes of UTF-8, such as an emoji"
        raise bad_input("emoji", problem, limit=LONGEST_EMOJI)
    if any(ord(c) < 32 or "\ud800" <= c <= "\udfff" for c in emoji):
        raise bad_input("emoji", "it holds a control character")
    return emoji
