"""Who signed in, and with what programs may ask in somebody's name. Secrets are kept as SHA-256."""

from sqlalchemy import Column, Index, Table, func

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

sessions = Table(
    "sessions",
    metadata,
    col("id", t.Bytes, pk=True),
    col("address", t.Bytes),
    col("client", t.String),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    Column("used_at", t.Time, nullable=False, server_default=func.now()),
    col("expires_at", t.Time),
    col("revoked_at", t.Time, null=True),
    Index(None, "address", "created_at"),
    Index(None, "expires_at"),
    comment="Signed in until `expires_at`, or revoked; `client` is what its program says it is.",
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    col("digest", t.Bytes, pk=True),
    col("session", t.Bytes),
    Column("issued_at", t.Time, nullable=False, server_default=func.now()),
    col("used_at", t.Time, null=True),
    Index(None, "session"),
    comment="Each is good for once; one that comes again revokes its session.",
)

api_keys = Table(
    "api_keys",
    metadata,
    col("id", t.Bytes, pk=True),
    col("digest", t.Bytes),
    col("address", t.Bytes),
    col("name", t.String),
    col("scopes", t.Json),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    col("used_at", t.Time, null=True),
    col("expires_at", t.Time, null=True),
    col("revoked_at", t.Time, null=True),
    Index(None, "digest", unique=True),
    Index(None, "address", "created_at"),
    comment="What programs ask with in the name of `address`.",
)

erasures = Table(
    "erasures",
    metadata,
    col("address", t.Bytes, pk=True),
    col("asked_at", t.Time),
    comment="Accounts that were deleted and of whose messages from before that some still stand.",
)
