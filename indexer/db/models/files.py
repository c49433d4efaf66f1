"""Files that people attach to what they write: what they are, where they are, how they come."""

from sqlalchemy import Column, Identity, Index, Table, func, text
from sqlalchemy.dialects.postgresql import BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

files = Table(
    "files",
    metadata,
    Column("id", BIGINT, Identity(always=True), primary_key=True),
    col("owner", t.Bytes),
    col("cid", t.Bytes),
    col("name", t.String),
    col("size", BIGINT),
    col("media_type", t.String),
    col("private", t.Flag),
    col("thumbnail", t.Bytes, null=True),
    col("width", t.Index, null=True),
    col("height", t.Index, null=True),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    Index(None, "owner", "cid", "private", "name", unique=True),
    comment="Whole files; `cid` in version 1. A private one is kept where no gateway looks.",
)

file_uses = Table(
    "file_uses",
    metadata,
    col("file", BIGINT, pk=True),
    col("conversation", BIGINT, pk=True),
    col("sent_at", t.Time, pk=True),
    Index(None, "conversation", "sent_at"),
    comment="The messages that a file is attached to: who may read one of them may have it.",
)

uploads = Table(
    "uploads",
    metadata,
    col("id", t.Bytes, pk=True),
    col("owner", t.Bytes),
    col("name", t.String),
    col("declared_type", t.String),
    col("private", t.Flag),
    col("length", BIGINT),
    Column("received", BIGINT, nullable=False, server_default=text("0")),
    col("expires_at", t.Time),
    col("file", BIGINT, null=True),
    Index(None, "owner"),
    Index(None, "expires_at"),
    comment="Files on their way in, piece by piece; `file`: what became of it.",
)
