"""What one step brings: a stretch of the chain, fetched, checked and decoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from indexer.db.completeness import Range
from indexer.events.observations import Observation
from indexer.projections.world import Fact
from indexer.units import Address, BlockNumber, Hash32


class Block(NamedTuple):
    """A block as the table `blocks` keeps it; `timestamp` in unix seconds."""

    number: BlockNumber
    hash: Hash32
    timestamp: int


class Sighting(NamedTuple):
    """A transaction that may have changed our contracts, with or without an event.

    It calls one of them, mentions one in its input or access list, or led to an event of one.
    """

    block: BlockNumber
    transaction: Hash32
    sender: Address
    to: Address | None
    input: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The blocks `first` to `last.number`, complete.

    `parent` is the hash that block `first` names as its parent. `blocks` are those that are kept,
    `last` among them; `events` are rows of the table, `facts` the decoded ones, in chain order.
    `observations` are what was asked of the contracts at blocks of the batch.
    `proofs` say how it is known of all the blocks, in ranges, that they have no other events.
    `calls` are what was seen of transactions near the head, in chain order; none of a backfill.
    """

    first: BlockNumber
    parent: Hash32
    last: Block
    blocks: Sequence[Block]
    events: Sequence[tuple[Any, ...]]
    facts: Sequence[Fact]
    observations: Sequence[Observation] = ()
    proofs: Sequence[Range] = ()
    calls: Sequence[Sighting] = ()


def joined(batches: Sequence[Batch]) -> Batch:
    """Batches of history, each of which continues the one before it, as one."""
    if len(batches) == 1:
        return batches[0]
    return Batch(
        first=batches[0].first,
        parent=batches[0].parent,
        last=batches[-1].last,
        blocks=[block for one in batches for block in one.blocks],
        events=[event for one in batches for event in one.events],
        facts=[fact for one in batches for fact in one.facts],
        proofs=[proof for one in batches for proof in one.proofs],
    )
