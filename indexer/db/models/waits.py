"""What the index waits for, for people who look."""

from sqlalchemy import Table

from indexer.db import types as t
from indexer.db.models.base import metadata
from indexer.db.types import col

waits = Table(
    "waits",
    metadata,
    col("subject", t.String, pk=True),
    col("cause", t.String),
    col("since", t.Time),
    comment="What the leading indexer waits for (subject ''), and which nodes rest, and why.",
)
