"""Content that is kept: what refers to it, and how far its pinning is."""

from sqlalchemy import Column, Index, Table, func, text
from sqlalchemy.dialects.postgresql import BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

pins = Table(
    "pins",
    metadata,
    col("cid", t.Bytes, pk=True),
    col("state", t.Enum),
    col("size", BIGINT, null=True),
    col("attempts", t.Index),
    col("last_error", t.String, null=True),
    col("next_try", t.Time, null=True),
    Column("queued_at", t.Time, nullable=False, server_default=func.now()),
    col("pinned_at", t.Time, null=True),
    col("verified_at", t.Time, null=True),
    col("unreferenced_since", t.Time, null=True),
    Index("pins_next_try_idx", "next_try", postgresql_where=text("next_try IS NOT NULL")),
    Index(None, "state", "queued_at"),
    comment="Content that is pinned or shall be; `cid` in version 1, `size` of all its blocks.",
)

pin_references = Table(
    "pin_references",
    metadata,
    col("kind", t.Enum, pk=True),
    col("key", t.Bytes, pk=True),
    col("cid", t.Bytes, null=True),
    col("digest", t.Bytes),
    Index("pin_references_cid_idx", "cid", postgresql_where=text("cid IS NOT NULL")),
    comment="What refers to content, and the SHA-256 of the text that does; null: to none.",
)

pin_requests = Table(
    "pin_requests",
    metadata,
    col("id", t.Bytes, pk=True),
    col("cid", t.Bytes),
    col("asked", t.String),
    col("name", t.String, null=True),
    col("origins", t.Json),
    col("meta", t.Json),
    col("created_at", t.Time),
    Index(None, "created_at", unique=True),
    comment="What is asked of our pinning service; `cid` in version 1, `asked` as it was written.",
)
