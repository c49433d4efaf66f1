"""Payments of all three kinds, who takes part, who gave what, and what can be claimed back."""

from sqlalchemy import Index

from indexer.db import types as t
from indexer.db.models.base import projection
from indexer.db.types import col

PAYMENTS = projection(
    "payments",
    col("payment_id", t.Bytes, pk=True),
    col("kind", t.Enum),
    col("group_key", t.Bytes),
    col("group_id", t.String, null=True),
    col("initiator", t.Bytes),
    col("target_amount", t.Uint256),
    col("collected_amount", t.Uint256),
    col("per_person_amount", t.Uint256, null=True),
    col("min_contribution", t.Uint256, null=True),
    col("title", t.String, null=True),
    col("description", t.String),
    col("deadline_seconds", t.Uint256),
    col("status", t.Enum),
    col("funds_withdrawn", t.Flag),
    col("sources", t.Sources),
    col("created_at", t.Time),
    col("created_block", t.Height),
    col("created_log", t.Index),
    col("updated_block", t.Height),
    Index(None, "created_block", "created_log"),
    Index(None, "updated_block", "created_block", "created_log"),
    Index(None, "deadline_seconds", "created_block", "created_log"),
    Index(None, "target_amount", "created_block", "created_log"),
    Index(None, "collected_amount", "created_block", "created_log"),
    Index(None, "group_key", "created_block", "created_log"),
    Index(None, "initiator", "created_block", "created_log"),
    changing=("collected_amount", "status", "funds_withdrawn", "updated_block"),
)

PARTICIPANTS = projection(
    "participants",
    col("payment_id", t.Bytes, pk=True),
    col("position", t.Index, pk=True),
    col("address", t.Bytes),
    col("created_block", t.Height),
    Index(None, "address", "payment_id"),
    Index(None, "created_block"),
)

CONTRIBUTIONS = projection(
    "contributions",
    col("payment_id", t.Bytes, pk=True),
    col("contributor", t.Bytes, pk=True),
    col("amount", t.Uint256),
    col("contributed_at", t.Time),
    col("created_block", t.Height),
    col("created_log", t.Index),
    col("updated_block", t.Height),
    Index(None, "payment_id", "created_block", "created_log"),
    Index(None, "contributor", "payment_id"),
    Index(None, "created_block"),
    Index(None, "updated_block"),
    changing=("amount", "contributed_at", "updated_block"),
)

REFUND_BALANCES = projection(
    "refund_balances",
    col("address", t.Bytes, pk=True),
    col("amount", t.Uint256),
    col("created_block", t.Height),
    col("updated_block", t.Height),
    Index(None, "created_block"),
    Index(None, "updated_block"),
    changing=("amount", "updated_block"),
)
