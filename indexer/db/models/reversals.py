"""What an undo took back: kept for a while, so that subscribers can be told of it."""

from sqlalchemy import Column, Identity, Index, Table, func, text
from sqlalchemy.dialects.postgresql import BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

reversals = Table(
    "reversals",
    metadata,
    Column("number", BIGINT, Identity(always=True), primary_key=True),
    col("first_block", t.Height),
    col("last_block", t.Height),
    Column("at", t.Time, nullable=False, server_default=func.now()),
    col("kept", t.Flag),
    col("retracted", BIGINT),
    Index("reversals_kept_idx", "number", postgresql_where=text("kept")),
    comment="Each time that blocks left the index, in order; `kept`: what they held is known.",
)

retractions = Table(
    "retractions",
    metadata,
    col("reversal", BIGINT, pk=True),
    col("block_number", t.Height, pk=True),
    col("log_index", t.Index, pk=True),
    col("transaction_index", t.Index),
    col("transaction_hash", t.Bytes),
    col("contract", t.Enum),
    col("topic0", t.Bytes, null=True),
    col("topic1", t.Bytes, null=True),
    col("topic2", t.Bytes, null=True),
    col("topic3", t.Bytes, null=True),
    col("data", t.Bytes),
    col("decoded", t.Flag),
    col("block_hash", t.Bytes),
    col("block_timestamp", t.Time),
    comment="Events that a reversal took out of the index, as clients saw them.",
)

setbacks = Table(
    "setbacks",
    metadata,
    col("reversal", BIGINT, pk=True),
    col("contract", t.Enum, pk=True),
    col("key", t.Bytes, pk=True),
    col("row", t.Json, null=True),
    comment="What a reversal set back; `row`: how a thing stood that it took away altogether.",
)
