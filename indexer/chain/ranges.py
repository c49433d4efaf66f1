"""How many blocks to ask for at once: more on small answers, fewer on refusals, limits learnt."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from indexer.units import BlockNumber

MOST_PATIENCE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """A planner that never changes: each answer and each refusal gives the next one.

    `size` blocks are asked for now; `ceiling` is the most that the node is known to allow. The
    ceiling is tried again only after `patience` good answers, twice as many after each refusal.
    `target` is how many logs an answer should have: more of them only cost memory.
    """

    size: int = 1_000
    most: int = 100_000
    target: int = 20_000
    ceiling: int | None = None
    patience: int = 16
    streak: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.size <= self.limit:
            object.__setattr__(self, "size", max(1, min(self.size, self.limit)))

    @property
    def limit(self) -> int:
        """The most blocks that may be asked for now."""
        return self.most if self.ceiling is None else max(1, min(self.most, self.ceiling))

    def answered(self, *, blocks: int, logs: int) -> Self:
        """The planner after an answer of `logs` logs for `blocks` blocks."""
        return replace(self, size=self._fitting(blocks, logs), streak=self.streak + 1)._tried()

    def refused(self, *, blocks: int, suggested: int | None = None, certain: bool = True) -> Self:
        """The planner after a node refused `blocks` blocks and perhaps named a limit of its own.

        Where it is not `certain` that there were too many, no limit was learnt.
        """
        believed = suggested is not None and 1 <= suggested < blocks
        size = suggested if believed and suggested is not None else max(1, blocks // 2)
        if not certain:
            return replace(self, size=min(size, self.size), streak=0)
        return replace(
            self,
            size=min(size, self.size),
            ceiling=min(size, self.limit),
            patience=min(self.patience * 2, MOST_PATIENCE),
            streak=0,
        )

    def _fitting(self, blocks: int, logs: int) -> int:
        """The size that would bring about `target` logs; at most twice of what was asked."""
        if logs > self.target:
            return max(1, min(self.size, blocks * self.target // logs))
        if blocks < self.size:
            return self.size
        room = self.target // logs if logs else 2
        return min(self.size * max(1, min(2, room)), self.limit)

    def _tried(self) -> Self:
        """Lifts the ceiling when it held for long."""
        if self.ceiling is None or self.streak < self.patience or self.size < self.ceiling:
            return self
        lifted = self.ceiling * 2
        return replace(self, ceiling=None if lifted >= self.most else lifted, streak=0)


def cut(
    first: BlockNumber, last: BlockNumber, size: int
) -> Iterator[tuple[BlockNumber, BlockNumber]]:
    """The blocks `first` to `last` (both included) in ranges of at most `size`."""
    for start in range(first, last + 1, size):
        yield BlockNumber(start), BlockNumber(min(start + size - 1, last))
