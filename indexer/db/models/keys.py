"""Keys of encryption between clients: who publishes which, and a group's, wrapped for members."""

from sqlalchemy import Column, Table, func

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

public_keys = Table(
    "public_keys",
    metadata,
    col("address", t.Bytes, pk=True),
    col("fingerprint", t.Bytes, pk=True),
    col("algorithm", t.String),
    col("key", t.String),
    col("message", t.String),
    col("signature", t.Bytes),
    Column("registered_at", t.Time, nullable=False, server_default=func.now()),
    col("revoked_at", t.Time, null=True),
    comment="JWKs with the text that their owner's wallet signed; rows stay when a key ends.",
)

key_epochs = Table(
    "key_epochs",
    metadata,
    col("group_key", t.Bytes, pk=True),
    col("block_number", t.Height, pk=True),
    col("log_index", t.Index, pk=True),
    col("block_hash", t.Bytes, pk=True),
    col("key_id", t.Bytes),
    col("opened_by", t.Bytes),
    Column("opened_at", t.Time, nullable=False, server_default=func.now()),
    comment="Named by the event that changed who is in the group, on its fork.",
)

wrapped_keys = Table(
    "wrapped_keys",
    metadata,
    col("group_key", t.Bytes, pk=True),
    col("block_number", t.Height, pk=True),
    col("log_index", t.Index, pk=True),
    col("block_hash", t.Bytes, pk=True),
    col("recipient", t.Bytes, pk=True),
    col("fingerprint", t.Bytes, pk=True),
    col("wrapped", t.Bytes),
    col("sender", t.Bytes),
    Column("created_at", t.Time, nullable=False, server_default=func.now()),
    comment="An epoch's key, encrypted by `sender` for one public key of `recipient`.",
)
