"""What one step brings: a stretch of the chain, fetched, checked and decoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from indexer.projections.world import Fact
from indexer.units import BlockNumber, Hash32


class Block(NamedTuple):
    """A block as the table `blocks` keeps it; `timestamp` in unix seconds."""

    number: BlockNumber
    hash: Hash32
    timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The blocks `first` to `last.number`, complete.

    `parent` is the hash that block `first` names as its parent. `blocks` are those that are kept,
    `last` among them; `events` are rows of the table, `facts` the decoded ones, in chain order.
    """

    first: BlockNumber
    parent: Hash32
    last: Block
    blocks: Sequence[Block]
    events: Sequence[tuple[Any, ...]]
    facts: Sequence[Fact]
