"""Facts: the blocks we stand on, the raw logs they carried, and how far we are."""

from sqlalchemy import CheckConstraint, Index, Table, text
from sqlalchemy.dialects.postgresql import BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

blocks = Table(
    "blocks",
    metadata,
    col("number", t.Height, pk=True),
    col("hash", t.Bytes),
    col("timestamp", t.Time),
    Index(None, "hash", postgresql_using="hash"),
    comment="Blocks that carry facts, that end a batch, or that are near the head.",
)

events = Table(
    "events",
    metadata,
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
    col("input", t.Bytes, null=True),
    col("input_source", t.Enum, null=True),
    Index(None, "topic0", "contract", "block_number", "log_index"),
    Index(None, "topic1", "block_number", "log_index"),
    Index(None, "topic2", "block_number", "log_index"),
    Index(
        None,
        "topic3",
        "block_number",
        "log_index",
        postgresql_where=text("topic3 IS NOT NULL"),
    ),
    Index(None, "transaction_hash", postgresql_using="hash"),
    Index(
        "events_undecoded_idx",
        "block_number",
        "log_index",
        postgresql_where=text("NOT decoded"),
    ),
    postgresql_partition_by="RANGE (block_number)",
    comment="Every log of the contracts as it was; `input` is what was found of its cause.",
)

contracts = Table(
    "contracts",
    metadata,
    col("contract", t.Enum, pk=True),
    col("address", t.Bytes),
    col("start_block", t.Height),
    comment="The deployment that this database indexes.",
)

cursor = Table(
    "cursor",
    metadata,
    col("one", t.Flag, pk=True),
    col("chain_id", BIGINT),
    col("block_number", t.Height),
    col("block_hash", t.Bytes, null=True),
    col("block_timestamp", t.Time, null=True),
    col("head_block", t.Height, null=True),
    col("safe_block", t.Height, null=True),
    col("finalized_block", t.Height, null=True),
    col("synced", t.Flag),
    col("event_count", BIGINT),
    col("undecoded_count", BIGINT),
    col("reorg_count", BIGINT),
    CheckConstraint("one", name="single_row"),
    comment="How far the index is: one row, moved by each batch in the batch's own transaction.",
)
