"""Beside the events: what was seen, how it is known that nothing is missing, and the verdicts."""

from sqlalchemy import Column, Identity, Index, Table
from sqlalchemy.dialects.postgresql import BIGINT

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

observations = Table(
    "observations",
    metadata,
    col("key", t.Bytes, pk=True),
    col("kind", t.Enum, pk=True),
    col("address", t.Bytes, pk=True),
    col("block_number", t.Height, pk=True),
    col("block_hash", t.Bytes),
    col("answer", t.Bytes, null=True),
    col("origin", t.Enum),
    Column("number", BIGINT, Identity(always=True), nullable=False),
    Index(None, "block_number"),
    Index(None, "number"),
    comment="What a view answered at the end of a block, where no event tells; null: it refused.",
)

completeness = Table(
    "completeness",
    metadata,
    col("first_block", t.Height, pk=True),
    col("last_block", t.Height),
    col("proof", t.Enum),
    Index(None, "last_block"),
    comment="How it is known of each range of blocks that no log is missing.",
)

audits = Table(
    "audits",
    metadata,
    col("contract", t.Enum, pk=True),
    col("at", t.Time, pk=True),
    col("block_number", t.Height),
    col("block_hash", t.Bytes),
    col("compared", BIGINT),
    col("not_compared", BIGINT),
    col("differences", BIGINT),
    col("repaired", BIGINT),
    col("findings", t.Json),
    comment="Verdicts: the index compared with the contracts' own views.",
)
