"""What statistics add up: for ranges of blocks, what began in them less what ended."""

from enum import IntEnum

from sqlalchemy import Column, Index, Numeric, Table
from sqlalchemy.dialects.postgresql import BIGINT, DATE, DOUBLE_PRECISION

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col


class Subject(IntEnum):
    """What a tally counts, and what its columns mean."""

    GROUP = 0
    """status: 1 while active."""
    MEMBER = 1
    """kind: the role; amount: how many joined, without those who left."""
    PAYMENT = 2
    """amount: the target; other: what was collected; due: the day of the deadline while active."""
    RED_PACKET = 3
    """amount: the total; other: what remains; due: the day on which it expires while active."""
    CLAIM = 4
    """kind: the packet's; status: 1 if it emptied the packet; amount; other: seconds since the
    packet was made; best: the largest share of a random packet, in equal shares."""


tallied = Table(
    "tallied",
    metadata,
    col("first_block", t.Height),
    col("last_block", t.Height, pk=True),
    comment="The ranges of blocks that tallies are about; none overlap.",
)

tallies = Table(
    "tallies",
    metadata,
    col("last_block", t.Height),
    col("subject", t.Enum),
    col("day", DATE),
    col("kind", t.Enum),
    col("status", t.Enum),
    Column("due", DATE, nullable=True),
    col("n", BIGINT),
    col("amount", Numeric),
    col("other", Numeric),
    Column("best", DOUBLE_PRECISION, nullable=True),
    Index(None, "subject", "last_block"),
    Index(None, "last_block"),
    comment="What began in a range of blocks less what ended, by day (of the blocks, UTC).",
)
