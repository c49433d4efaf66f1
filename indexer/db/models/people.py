"""How people want to be told of what happens, and what is on its way to them by e-mail."""

from sqlalchemy import Column, Identity, Index, Integer, Table, func, text
from sqlalchemy.dialects.postgresql import BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

notification_settings = Table(
    "notification_settings",
    metadata,
    col("address", t.Bytes, pk=True),
    Column("locale", t.String, nullable=False, server_default=text("'en'")),
    Column("zone", t.String, nullable=False, server_default=text("'UTC'")),
    col("quiet_from", t.Enum, null=True),
    col("quiet_until", t.Enum, null=True),
    comment="How people want to be told; quiet from a minute of their day until another.",
)

notification_choices = Table(
    "notification_choices",
    metadata,
    col("address", t.Bytes, pk=True),
    col("channel", t.Enum, pk=True),
    col("kind", t.Enum, pk=True),
    comment="What people do not want to hear of, by channel.",
)

mailboxes = Table(
    "mailboxes",
    metadata,
    col("address", t.Bytes, pk=True),
    col("email", t.String),
    Column("pause", Integer, nullable=False, server_default=text("60")),
    col("token", t.Bytes),
    col("code", t.Bytes),
    Column("asked_at", t.Time, nullable=False, server_default=func.now()),
    col("verified_at", t.Time, null=True),
    col("mailed_at", t.Time, null=True),
    Index(None, "code", unique=True),
    Index(None, "token", unique=True),
    comment="E-mail addresses; `code` verifies, `token` unsubscribes; `pause` in minutes.",
)

mails = Table(
    "mails",
    metadata,
    Column("id", BIGINT, Identity(always=True), primary_key=True),
    col("address", t.Bytes),
    col("email", t.String),
    col("verifies", t.Flag),
    Column("state", t.Enum, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try", t.Time, nullable=False, server_default=func.now()),
    col("last_error", t.String, null=True),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    col("finished_at", t.Time, null=True),
    Index("mails_due_idx", "next_try", postgresql_where=text("state < 2")),
    Index(None, "address", "created_at"),
    Index(None, "email", "created_at"),
    comment="E-mails to be sent: of the notifications that name them, or to verify an address.",
)
