"""The indexes that are still to be built."""

from sqlalchemy import Table

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

late_indexes = Table(
    "late_indexes",
    metadata,
    col("name", t.String, pk=True),
    col("table_name", t.String),
    col("definition", t.String),
    comment="Indexes that a first backfill does without; built and forgotten once it is done.",
)
