"""What people do with messages, one verb each: checked, done in one transaction, told of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text

from api.authorization import Act
from api.errors import ApiError, Code, bad_input
from api.messages import drafts
from api.messages.batch import Sent
from api.messages.changing import TELL, Message, check_emoji, found
from api.messages.drafts import Draft, Kind
from api.messages.names import MessageId
from api.messages.notices import CHANNEL, Change, notice
from api.messages.sending import Sender
from api.writes import Writer
from indexer.units import Address

PARTS: Final = text("""
SELECT rest, forwarded_from, ARRAY(SELECT f.id FROM unnest(p.files) WITH ORDINALITY AS a (id, n)
    JOIN files AS f ON f.id = a.id ORDER BY a.n) AS files
FROM message_parts AS p WHERE conversation = :conversation AND sent_at = :sent_at
""")
"""With the files that are still there. Served by the primary keys."""
MARK: Final = text("""
INSERT INTO receipts AS r (conversation, reader, sent_at, delivered_at, read_at)
SELECT :conversation, :reader, :sent_at, now(), CASE WHEN :read THEN now() END
WHERE NOT EXISTS (SELECT FROM receipts WHERE conversation = :conversation AND reader = :reader
    AND sent_at >= :sent_at AND (read_at IS NOT NULL OR NOT :read))
ON CONFLICT (conversation, reader, sent_at)
    DO UPDATE SET read_at = coalesce(r.read_at, excluded.read_at)
""")
"""Served by the primary key. What is behind an earlier mark is not marked again."""
FORGET: Final = text("""
DELETE FROM receipts WHERE conversation = :conversation AND reader = :reader AND sent_at < :sent_at
    AND greatest(delivered_at, read_at) < now() - interval '30 days' AND (:read OR read_at IS NULL)
""")
"""What the new mark says too, but for the time. Served by the primary key."""
AUTHORS: Final = text("""
SELECT max(sent_at) AS at FROM (
    SELECT sender, sent_at FROM messages
    WHERE conversation = :conversation AND sent_at <= :sent_at AND deleted_at IS NULL
        AND sent_at > coalesce((SELECT max(sent_at) FROM receipts
            WHERE conversation = :conversation AND reader = :reader AND sent_at < :sent_at
                AND (read_at IS NOT NULL OR NOT :read)), '-infinity')
    ORDER BY sent_at DESC LIMIT :most) AS newest
WHERE sender <> :reader GROUP BY sender
""")
"""The last message of each author among what is new to the reader; served by messages_shown_idx
alone, and the primary key.
"""
MOST_RECEIPTS: Final = 20
"""So many of a group's messages, the newest ones, have their authors told that they were read."""


@dataclass(slots=True, kw_only=True)
class Messenger:
    """The verbs. Each raises FORBIDDEN with the reason on chain, or BAD_USER_INPUT."""

    writer: Writer
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        self.sender = Sender(writer=self.writer)

    async def send(self, draft: Draft) -> Sent:
        """Sends a message; one that was sent under the same client's id is found again."""
        return await self.sender.send(draft)

    async def edit(
        self,
        who: Address,
        id_: MessageId,
        content: str,
        encryption: str | None,
        epoch: str | None,
    ) -> Message:
        """Gives a message of one's own another content."""
        async with self.writer.transaction() as db:
            message = await found(db, id_, who, Act.EDIT_OWN_MESSAGE)
            if not message.own:
                raise _not_yours("edit")
            drafts.check_content(content, encryption, empty=message.row.kind != Kind.TEXT)
            key = bytes(message.row.key)
            await message.edit(content, encryption, drafts.check_epoch(epoch, encryption, key))
        return message

    async def delete(self, who: Address, id_: MessageId) -> Message:
        """Takes a message back: of one's own always, of others where one is an admin."""
        async with self.writer.transaction() as db:
            message = await found(db, id_, who, Act.DELETE_OWN_MESSAGE)
            if not message.own:
                if message.seat.standing is None:
                    raise _not_yours("delete")
                await message.require(Act.DELETE_ANY_MESSAGE)
            await message.delete()
        return message

    async def react(self, who: Address, id_: MessageId, emoji: str, *, to: bool) -> Message:
        """Adds a reaction, or takes it back."""
        emoji = check_emoji(emoji)
        async with self.writer.transaction() as db:
            message = await found(db, id_, who, Act.REACT)
            await (message.react(emoji) if to else message.unreact(emoji))
        return message

    async def pin(self, who: Address, id_: MessageId, *, to: bool) -> Message:
        """Keeps a message at hand, or no more: admins in groups, both in direct conversations."""
        async with self.writer.transaction() as db:
            message = await found(db, id_, who, Act.PIN_MESSAGE)
            await (message.pin() if to else message.unpin())
        return message

    async def forward(self, who: Address, id_: MessageId, key: bytes, client_id: str) -> Sent:
        """Sends a message of others once more, somewhere else, with the name of who wrote it."""
        async with self.writer.transaction() as db:
            message = await found(db, id_, who, Act.READ_MESSAGES, lock=False)
            parts = await db.row(PARTS, message.place)
        if message.row.encryption is not None:
            problem = "an encrypted message is sent anew by its reader, not forwarded"
            raise bad_input("id", problem)
        draft = _forwarded(message, parts, who, key, client_id)
        if draft.kind is not Kind.TEXT and not draft.files:
            raise bad_input("id", "the files of this message were given up: nothing to forward")
        return await self.sender.send(draft)

    async def mark(self, who: Address, id_: MessageId, *, read: bool) -> Message:
        """Notes that everything up to a message was got, or read too."""
        async with self.writer.transaction() as db:
            message = await found(db, id_, who, Act.MARK_READ, lock=False)
            asked = {**message.place, "reader": who, "read": read}
            if await db.do(MARK, asked):
                await db.do(FORGET, asked)
                await self._tell_of_mark(message, asked)
        return message

    async def _tell_of_mark(self, message: Message, asked: Mapping[str, Any]) -> None:
        """Both hear it of two people; in a group each author does, of what is his own."""
        if message.seat.standing is None:
            return await message.tell()
        rows = await message.db.rows(AUTHORS, {**asked, "most": MOST_RECEIPTS})
        named = [(message.id.conversation, row.at) for row in rows]
        if named:
            told = {"channel": CHANNEL, "notice": notice(Change.RECEIPT, named)}
            await message.db.do(TELL, told)


def _forwarded(message: Message, parts: Any, who: Address, key: bytes, client_id: str) -> Draft:
    author = message.row.sender if parts is None else parts.forwarded_from or message.row.sender
    files: Sequence[int] = () if parts is None else parts.files or ()
    return Draft(
        sender=who,
        key=key,
        client_id=client_id,
        kind=Kind(message.row.kind),
        content=message.row.content + ("" if parts is None else parts.rest or ""),
        files=files,
        forwarded_from=author,
    )


def _not_yours(verb: str) -> ApiError:
    told = f"you may {verb} only what you wrote yourself"
    return ApiError(Code.FORBIDDEN, told, reason="NOT_YOURS")
