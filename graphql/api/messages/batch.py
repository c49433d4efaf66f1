"""One transaction of messages: who may, what was sent before, and the rows, each asked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from api.accounts.epochs import over, standing
from api.authorization import Act
from api.errors import ApiError, bad_input
from api.messages.drafts import Draft
from api.messages.names import MICROSECOND, MessageId
from api.messages.notices import CHANNEL, Change, notice
from api.messages.standing import Seat, seats
from api.writes import Transaction

INLINE: Final = 1600
"""Bytes of a text that stand beside the message; an index entry holds at most some 2,700."""
AGAIN: Final = timedelta(days=30)
"""How long a client's id of a message is remembered."""

LOCK: Final = text("""
SELECT id, last_seq, last_at, last_block, revision, clock_timestamp() AS now
FROM conversations WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE
""")
"""In the order of their numbers, so that no two senders wait for each other."""
SENT: Final = text("""
SELECT asked.n, m.sent_at
FROM unnest(CAST(:senders AS bytea[]), CAST(:ids AS bigint[]), CAST(:client_ids AS text[]))
    WITH ORDINALITY AS asked (sender, id, client_id, n)
JOIN messages AS m ON m.sender = asked.sender AND m.conversation = asked.id
    AND m.client_id = asked.client_id AND m.sent_at > :since
""")
"""Served by messages_sender_conversation_client_id_idx of at most two months."""
REPLIED: Final = text("""
SELECT asked.id, asked.at FROM unnest(CAST(:ids AS bigint[]), CAST(:ats AS timestamptz[]))
    AS asked (id, at)
CROSS JOIN LATERAL (SELECT FROM messages
    WHERE conversation = asked.id AND sent_at = asked.at AND deleted_at IS NULL) AS found
""")
"""Served by messages_shown_idx."""
ADD: Final = text("""
WITH sent AS (
    INSERT INTO messages (conversation, sent_at, seq, sender, kind, content, encryption, reply_to,
        block_number, has_more, revision, client_id)
    SELECT * FROM unnest(CAST(:conversation AS bigint[]), CAST(:sent_at AS timestamptz[]),
        CAST(:seq AS bigint[]), CAST(:sender AS bytea[]), CAST(:kind AS smallint[]),
        CAST(:content AS text[]), CAST(:encryption AS text[]), CAST(:reply_to AS timestamptz[]),
        CAST(:block_number AS bigint[]), CAST(:has_more AS boolean[]),
        CAST(:revision AS bigint[]), CAST(:client_id AS text[]))
    WHERE (SELECT block_hash FROM cursor) IS NOT DISTINCT FROM :hash
    RETURNING conversation, sent_at, seq, block_number
), moved AS (
    UPDATE conversations AS c SET last_seq = new.seq, last_at = new.at, last_block = new.block
    FROM (SELECT conversation, max(seq), max(sent_at), max(block_number) FROM sent
        GROUP BY conversation) AS new (id, seq, at, block)
    WHERE c.id = new.id
)
SELECT count(*) AS n, pg_notify(:channel, :notice) FROM sent HAVING count(*) > 0
""")
FILES: Final = text("SELECT id, owner FROM files WHERE id = ANY(CAST(:ids AS bigint[]))")
"""Served by the primary key."""
USE: Final = text("""
INSERT INTO file_uses (file, conversation, sent_at)
SELECT unnest(CAST(:files AS bigint[])), :conversation, :sent_at ON CONFLICT DO NOTHING
""")
PARTS: Final = text("""
INSERT INTO message_parts (conversation, sent_at, rest, mentions, files, forwarded_from, epoch)
VALUES (:conversation, :sent_at, :rest, :mentions, :files, :forwarded_from, :epoch)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Where the message is; `row`: its columns, unless it had been sent before."""

    id: MessageId
    row: Mapping[str, Any] | None = None


Told = Sent | ApiError


class Batch:
    """Drafts of some conversations, whose numbers are known."""

    def __init__(self, db: Transaction, drafts: Sequence[Draft], ids: Mapping[bytes, int]) -> None:
        self._db, self._drafts = db, drafts
        self._ids = [ids[draft.key] for draft in drafts]
        self._told: list[Told | None] = [None] * len(drafts)

    async def write(self) -> Sequence[Told] | None:
        """What became of each draft; None where the index moved meanwhile: nothing was written."""
        ends = {row.id: row for row in await self._db.rows(LOCK, {"ids": sorted({*self._ids})})}
        stands = await seats(self._db, [(one.key, one.sender) for one in self._drafts])
        await self._find_sent(next(iter(ends.values())).now - AGAIN)
        await self._check(stands)
        rows = list(self._rows(ends, stands))
        if rows and not await self._add(rows, stands[0]):
            return None
        return [told for told in self._told if told is not None]

    async def _find_sent(self, since: datetime) -> None:
        """Notes what is there already."""
        asked = {
            "senders": [bytes(one.sender) for one in self._drafts],
            "ids": self._ids,
            "client_ids": [one.client_id for one in self._drafts],
            "since": since,
        }
        for row in await self._db.rows(SENT, asked):
            place = row.n - 1
            self._told[place] = Sent(id=MessageId(self._ids[place], row.sent_at))

    async def _check(self, stands: Sequence[Seat]) -> None:
        """Notes what is refused: who may not write, and answers to what is not there."""
        replied, owners = await self._replied(), await self._owners()
        groups = sorted({one.key for one in self._drafts if one.epoch is not None})
        epochs = await standing(self._db, groups)
        for n, draft in enumerate(self._drafts):
            if self._told[n] is not None:
                continue
            try:
                await stands[n].require(self._db, Act.SEND_MESSAGE)
            except ApiError as error:
                self._told[n] = error
                continue
            epoch = epochs.get(draft.key)
            if draft.epoch is not None and (epoch is None or epoch.id != draft.epoch):
                self._told[n] = over(epoch)
            elif draft.reply_to is not None and (self._ids[n], draft.reply_to) not in replied:
                problem = "no such message stands in this conversation"
                self._told[n] = bad_input("replyTo", problem)
            elif not _may_attach(draft, owners):
                problem = "no such file, or none of yours: upload it first"
                self._told[n] = bad_input("attachments", problem)

    async def _replied(self) -> set[tuple[int, MessageId]]:
        """The messages that are answered, as far as they are there, in their conversations."""
        asked = [one.reply_to for one in self._drafts if one.reply_to is not None]
        if not asked:
            return set()
        ids, ats = [one.conversation for one in asked], [one.sent_at for one in asked]
        rows = await self._db.rows(REPLIED, {"ids": ids, "ats": ats})
        return {(row.id, MessageId(row.id, row.at)) for row in rows}

    async def _owners(self) -> Mapping[int, bytes]:
        """Whose the files are that are attached."""
        ids = sorted({id_ for one in self._drafts for id_ in one.files})
        if not ids:
            return {}
        return {row.id: bytes(row.owner) for row in await self._db.rows(FILES, {"ids": ids})}

    def _rows(
        self, ends: Mapping[int, Row[Any]], stands: Sequence[Seat]
    ) -> "Sequence[Mapping[str, Any]]":
        """The rows of what is new, numbered from where each conversation ends."""
        seqs = {id_: row.last_seq for id_, row in ends.items()}
        ats = {id_: row.last_at for id_, row in ends.items()}
        first: dict[tuple[int, bytes, str], int] = {}
        made: list[Mapping[str, Any]] = []
        for n, draft in enumerate(self._drafts):
            if self._told[n] is not None:
                continue
            id_ = self._ids[n]
            same = first.setdefault((id_, draft.sender, draft.client_id), n)
            if same != n:
                self._told[n] = _again(self._told[same])
                continue
            end = ends[id_]
            seqs[id_] += 1
            ats[id_] = max(end.now, ats[id_] + MICROSECOND)
            block = max(0, end.last_block, stands[n].block or 0)
            row = _row(draft, id_, seqs[id_], ats[id_], block)
            made.append(row)
            self._told[n] = Sent(id=MessageId(id_, ats[id_]), row=row)
        return made

    async def _add(self, rows: Sequence[Mapping[str, Any]], at: Seat) -> bool:
        """Writes the rows, if the index stands where it was read who may write."""
        columns = {name: [row[name] for row in rows] for name in rows[0] if name != "parts"}
        told = notice(Change.ADDED, [(row["conversation"], row["sent_at"]) for row in rows])
        there = {"block": at.block, "hash": at.hash, "channel": CHANNEL, "notice": told}
        if await self._db.row(ADD, columns | there) is None:
            return False
        for parts in (row["parts"] for row in rows if row["parts"] is not None):
            await self._db.do(PARTS, parts)
            if parts["files"]:
                await self._db.do(USE, parts)
        return True


def _may_attach(draft: Draft, owners: Mapping[int, bytes]) -> bool:
    """Whether its files are there, and the sender's; what is forwarded was read by him."""
    if draft.forwarded_from is not None:
        return all(id_ in owners for id_ in draft.files)
    return all(owners.get(id_) == draft.sender for id_ in draft.files)


def _again(told: Told | None) -> Told:
    assert told is not None
    return told if isinstance(told, ApiError) else Sent(id=told.id)


def _row(draft: Draft, id_: int, seq: int, at: datetime, block: int) -> Mapping[str, Any]:
    inline, rest = cut(draft.content)
    more = (draft.mentions, draft.files, draft.forwarded_from, draft.epoch)
    has_more = rest is not None or any(more)
    row = {
        "conversation": id_,
        "sent_at": at,
        "seq": seq,
        "sender": bytes(draft.sender),
        "kind": int(draft.kind),
        "content": inline,
        "encryption": draft.encryption,
        "reply_to": None if draft.reply_to is None else draft.reply_to.sent_at,
        "block_number": block,
        "has_more": has_more,
        "revision": 0,
        "client_id": draft.client_id,
    }
    parts = {
        "conversation": id_,
        "sent_at": at,
        "rest": rest,
        "mentions": [bytes(one) for one in draft.mentions] or None,
        "files": list(draft.files) or None,
        "forwarded_from": draft.forwarded_from,
        "epoch": draft.epoch,
    }
    return row | {"parts": parts if has_more else None}


def cut(content: str) -> tuple[str, str | None]:
    """What stands beside the message, and the rest of it, if any."""
    data = content.encode()
    if len(data) <= INLINE:
        return content, None
    inline = data[:INLINE].decode("utf-8", "ignore")
    return inline, content[len(inline) :]
