"""What one step of the engine can come to."""

from dataclasses import dataclass

from indexer.units import BlockNumber


@dataclass(frozen=True, slots=True)
class Advanced:
    """The index moved on, up to `block`."""

    block: BlockNumber


@dataclass(frozen=True, slots=True)
class Reverted:
    """Blocks after `fork` had left the chain; the index now follows the new ones up to `block`."""

    fork: int
    block: BlockNumber


@dataclass(frozen=True, slots=True)
class Idle:
    """The index is at the head."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The nodes' head is lower than the index: they lag, or their chain is about to be replaced."""

    head: BlockNumber


@dataclass(frozen=True, slots=True)
class Finished:
    """The index is where it was told to stop."""


Outcome = Advanced | Reverted | Idle | Behind | Finished
