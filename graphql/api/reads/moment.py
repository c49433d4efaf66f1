"""Which state of the index is read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, select
from sqlalchemy.sql.expression import FromClause

from indexer.db.models import Projection, blocks, cursor


@dataclass(frozen=True, slots=True)
class Moment:
    """Right after `block`; None: the newest state."""

    block: int | None = None

    def rows(self, projection: Projection) -> FromClause:
        """The rows of the projection that stand at this moment."""
        return projection.at(self.block)

    @property
    def clock(self) -> ScalarSelect[datetime | None]:
        """The time of the newest block that the index has at this moment."""
        if self.block is None:
            return select(cursor.c.block_timestamp).scalar_subquery()
        stored = select(blocks.c.timestamp).where(blocks.c.number <= self.block)
        return stored.order_by(blocks.c.number.desc()).limit(1).scalar_subquery()


NOW = Moment()
