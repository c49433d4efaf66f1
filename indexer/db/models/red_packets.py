"""Red packets, whom they are for, and who took which share."""

from sqlalchemy import Index

from indexer.db import types as t
from indexer.db.models.base import projection
from indexer.db.types import col

RED_PACKETS = projection(
    "red_packets",
    col("packet_id", t.Bytes, pk=True),
    col("kind", t.Enum),
    col("group_key", t.Bytes),
    col("group_id", t.String, null=True),
    col("sender", t.Bytes),
    col("message", t.String),
    col("total_amount", t.Uint256),
    col("remaining_amount", t.Uint256),
    col("total_count", t.Uint256),
    col("remaining_count", t.Uint256),
    col("fixed_amount", t.Uint256, null=True),
    col("status", t.Enum),
    col("created_at", t.Time),
    col("expires_at", t.Time),
    col("sources", t.Sources),
    col("created_block", t.Height),
    col("created_log", t.Index),
    col("updated_block", t.Height),
    Index(None, "created_block", "created_log"),
    Index(None, "updated_block", "created_block", "created_log"),
    Index(None, "expires_at", "created_block", "created_log"),
    Index(None, "total_amount", "created_block", "created_log"),
    Index(None, "group_key", "created_block", "created_log"),
    Index(None, "sender", "created_block", "created_log"),
    changing=("remaining_amount", "remaining_count", "status", "updated_block"),
)

RECIPIENTS = projection(
    "recipients",
    col("packet_id", t.Bytes, pk=True),
    col("position", t.Index, pk=True),
    col("address", t.Bytes),
    col("created_block", t.Height),
    Index(None, "created_block"),
)

CLAIMS = projection(
    "claims",
    col("packet_id", t.Bytes, pk=True),
    col("claimer", t.Bytes, pk=True),
    col("amount", t.Uint256),
    col("claim_order", t.Uint256),
    col("claimed_at", t.Time),
    col("created_block", t.Height),
    col("created_log", t.Index),
    Index(None, "packet_id", "created_block", "created_log"),
    Index(None, "claimer", "created_block", "created_log"),
    Index(None, "created_block"),
)
