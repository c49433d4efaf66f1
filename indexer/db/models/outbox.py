"""What the index leads to: effects that are to happen, what people were told, who else is."""

from sqlalchemy import Column, Identity, Index, Integer, Table, func, text
from sqlalchemy.dialects.postgresql import BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

UNFINISHED = text("state < 2")

outbox = Table(
    "outbox",
    metadata,
    Column("id", BIGINT, Identity(always=True), primary_key=True),
    col("key", t.Bytes),
    col("kind", t.Enum),
    col("webhook", BIGINT),
    col("payload", t.Json),
    col("block_number", t.Height),
    col("block_hash", t.Bytes),
    col("log_index", t.Index),
    col("finality", t.Enum),
    Column("state", t.Enum, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try", t.Time, nullable=False, server_default=func.now()),
    col("busy_until", t.Time, null=True),
    col("last_error", t.String, null=True),
    col("retracts", BIGINT, null=True),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    col("finished_at", t.Time, null=True),
    Index(None, "key", unique=True),
    Index(
        "outbox_effect_idx",
        "block_hash",
        "log_index",
        "kind",
        "webhook",
        unique=True,
        postgresql_where=text("retracts IS NULL"),
    ),
    Index("outbox_unfinished_idx", "finality", "block_number", postgresql_where=UNFINISHED),
    Index(None, "block_number"),
    Index(None, "state", "id"),
    Index(None, "retracts", postgresql_where=text("retracts IS NOT NULL")),
    Index(None, "webhook", "id", postgresql_where=text("webhook > 0")),
    comment="Effects of events, written with them; `webhook` 0: people are told.",
)

notifications = Table(
    "notifications",
    metadata,
    col("recipient", t.Bytes, pk=True),
    col("key", t.Bytes, pk=True),
    col("kind", t.Enum),
    col("arguments", t.Json),
    col("block_number", t.Height),
    col("block_hash", t.Bytes),
    col("log_index", t.Index),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    col("read_at", t.Time, null=True),
    Column("number", BIGINT, Identity(always=True), nullable=False),
    col("mail", BIGINT, null=True),
    Index(None, "recipient", "number", unique=True),
    Index(
        "notifications_unread_idx", "recipient", "kind", postgresql_where=text("read_at IS NULL")
    ),
    Index(
        "notifications_mail_idx",
        "recipient",
        "mail",
        postgresql_where=text("mail IS NOT NULL"),
    ),
    Index(None, "block_number"),
    Index(None, "created_at"),
    comment="What people were told; `key` is that of the effect.",
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", BIGINT, Identity(always=True), primary_key=True),
    col("url", t.String),
    col("secret", t.String),
    col("kinds", t.Json, null=True),
    col("address", t.Bytes, null=True),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    col("failing_since", t.Time, null=True),
    col("rests_until", t.Time, null=True),
    col("last_error", t.String, null=True),
    col("disabled_at", t.Time, null=True),
    Column("channel", t.Enum, nullable=False, server_default=text("3")),
    col("p256dh", t.Bytes, null=True),
    col("auth", t.Bytes, null=True),
    col("owner", t.Bytes, null=True),
    Index(None, "address", "channel"),
    Index("webhooks_browser_idx", "url", unique=True, postgresql_where=text("channel = 1")),
    comment="Endpoints that are told, and browsers; `kinds`, `address` null: of all; "
    "`owner` null: ours.",
)
