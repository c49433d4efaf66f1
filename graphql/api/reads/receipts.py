"""How far people have got and read, and how much they have not."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, case, func, literal_column, select
from sqlalchemy.dialects.postgresql import BIGINT

from api.paging import Key, Kind, Sort
from api.reads.messages import MESSAGE, NONE
from api.reads.view import View
from indexer.db import types as t
from indexer.db.models import messages, receipts
from indexer.units import Address

MOST: Final = 1000
BY_READER: Final = Sort("receipts", (Key("name", Kind.TEXT),))


async def of_message(view: View, message: tuple[int, Any]) -> Sequence[Row[Any]]:
    """Who has got or read a message: who said so of it or of a later one. Served by the primary
    key.
    """

    def inner(keys: Any) -> Select[Any]:
        r = receipts.c
        delivered = func.least(func.min(r.delivered_at), func.min(r.read_at))
        found = select(
            r.reader,
            func.encode(r.reader, "hex").label("name"),
            delivered.label("delivered_at"),
            func.min(r.read_at).label("read_at"),
        )
        since = (r.conversation == keys.c.key0, r.sent_at >= keys.c.key1)
        return found.where(*since).group_by(r.reader).order_by(r.reader).limit(MOST)

    return await view.batched("receipts", inner, list, NONE, MESSAGE, form="receipts")(message)


async def read_until(view: View, conversation: int, reader: Address) -> Any:
    """When the last message was sent that the reader has read; served by the primary key."""

    def inner(keys: Any) -> Select[Any]:
        return select(func.max(receipts.c.sent_at).label("at")).where(*_mine(keys, reader))

    rows = await view.batched(("readUntil", reader), inner, list, NONE, (BIGINT(),))(conversation)
    return rows[0].at if rows else None


async def unread(view: View, conversation: int, reader: Address, since: int) -> int:
    """How many messages of others came after what the reader has read, from a block on; at most
    1000. Served by messages_shown_idx alone.
    """

    def inner(keys: Any) -> Select[Any]:
        m = messages.c
        read = select(func.max(receipts.c.sent_at)).where(*_mine(keys, reader)).correlate(keys)
        floor = func.message_floor(keys.c.key0, keys.c.key1) - literal_column(
            "interval '1 microsecond'"
        )
        never: Any = literal_column("'-infinity'::timestamptz")
        begin = case((keys.c.key1 > 0, floor), else_=never)
        seen = func.coalesce(read.scalar_subquery(), begin)
        later = (m.conversation == keys.c.key0, m.sent_at > seen, m.block_number >= keys.c.key1)
        theirs = (m.sender != reader, m.deleted_at.is_(None))
        few = select(m.seq).where(*later, *theirs).limit(MOST).correlate(keys).subquery()
        return select(func.count().label("n")).select_from(few)

    types = (BIGINT(), t.Height())
    rows = await view.batched(("unread", reader), inner, list, NONE, types)((conversation, since))
    return int(rows[0].n) if rows else 0


def _mine(keys: Any, reader: Address) -> Sequence[Any]:
    r = receipts.c
    return (r.conversation == keys.c.key0, r.reader == reader, r.read_at.is_not(None))
