"""What people write to each other: conversations, and messages with what hangs on them.

Messages, and what is kept beside them, are partitioned by the month in which they were sent, so
that old months can be taken away whole. Within a conversation `sent_at` grows strictly, so it names
a message there, and a page of history is a stretch of one index that holds all that it shows.
"""

from sqlalchemy import Column, Identity, Index, Table, func, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

SHOWN = (
    "seq",
    "sender",
    "kind",
    "content",
    "encryption",
    "reply_to",
    "block_number",
    "edited_at",
    "deleted_at",
    "has_more",
    "revision",
)
"""What a page shows: the index holds it, so that no row is read for a page."""
SEARCHED = text("kind = 0 AND encryption IS NULL AND deleted_at IS NULL")
BY_MONTH = "RANGE (sent_at)"

conversations = Table(
    "conversations",
    metadata,
    Column("id", BIGINT, Identity(always=True), primary_key=True),
    col("key", t.Bytes),
    Column("last_seq", BIGINT, nullable=False, server_default=text("0")),
    Column("last_at", t.Time, nullable=False, server_default=func.now()),
    Column("last_block", t.Height, nullable=False, server_default=text("'-1'::integer")),
    Column("revision", BIGINT, nullable=False, server_default=text("0")),
    Index(None, "key", unique=True),
    comment="`key`: a group's, or the two addresses of a direct one in order. `last_block`: the"
    " highest that the index had when something was sent.",
)

parties = Table(
    "parties",
    metadata,
    col("address", t.Bytes, pk=True),
    col("conversation", BIGINT, pk=True),
    comment="The two who are in a direct conversation; those of a group are its members.",
)

messages = Table(
    "messages",
    metadata,
    col("conversation", BIGINT),
    col("sent_at", t.Time),
    col("seq", BIGINT),
    col("sender", t.Bytes),
    col("kind", t.Enum),
    col("content", t.String),
    col("encryption", t.String, null=True),
    col("reply_to", t.Time, null=True),
    col("block_number", t.Height),
    col("edited_at", t.Time, null=True),
    col("deleted_at", t.Time, null=True),
    col("has_more", t.Flag),
    col("revision", BIGINT),
    col("client_id", t.String),
    Index(
        "messages_shown_idx",
        "conversation",
        "sent_at",
        unique=True,
        postgresql_include=SHOWN,
    ),
    Index(None, "sender", "conversation", "client_id"),
    Index(
        "messages_search_idx",
        "conversation",
        text("search_terms(''::text, content)"),
        postgresql_using="gin",
        postgresql_where=SEARCHED,
    ),
    postgresql_partition_by=BY_MONTH,
    comment="`block_number`: where the index stood when it was checked that the sender may write;"
    " `seq` counts within the conversation without gaps.",
)

message_parts = Table(
    "message_parts",
    metadata,
    col("conversation", BIGINT, pk=True),
    col("sent_at", t.Time, pk=True),
    col("rest", t.String, null=True),
    col("mentions", ARRAY(t.Bytes), null=True),
    col("files", ARRAY(BIGINT), null=True),
    col("forwarded_from", t.Bytes, null=True),
    col("epoch", t.String, null=True),
    postgresql_partition_by=BY_MONTH,
    comment="What few messages have: more text than fits beside them, mentions, files, an author,"
    " an epoch of the group's key.",
)

reactions = Table(
    "reactions",
    metadata,
    col("conversation", BIGINT, pk=True),
    col("sent_at", t.Time, pk=True),
    col("emoji", t.String, pk=True),
    col("address", t.Bytes, pk=True),
    Column("at", t.Time, nullable=False, server_default=func.now()),
    postgresql_partition_by=BY_MONTH,
    comment="Who reacted to a message (named by when it was sent), and how.",
)

message_pins = Table(
    "message_pins",
    metadata,
    col("conversation", BIGINT, pk=True),
    col("sent_at", t.Time, pk=True),
    col("pinned_by", t.Bytes),
    Column("pinned_at", t.Time, nullable=False, server_default=func.now()),
    comment="Messages that are kept at hand in their conversation.",
)

receipts = Table(
    "receipts",
    metadata,
    col("conversation", BIGINT, pk=True),
    col("reader", t.Bytes, pk=True),
    col("sent_at", t.Time, pk=True),
    col("delivered_at", t.Time, null=True),
    col("read_at", t.Time, null=True),
    comment="Up to which message somebody had everything, or had read it, and since when.",
)

MONTHLY = (messages, message_parts, reactions)
"""The tables with a partition for each month."""
