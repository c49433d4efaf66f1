"""Where a subscriber stands in the stream of events."""

import re
from dataclasses import dataclass
from typing import Final, Self

from api.errors import bad_input
from api.paging import BIGINT_MAX
from api.reads.reversals import Place

INDEX_MAX: Final = 2**31 - 1
MARK: Final = re.compile(r"(-?[0-9]{1,19})-([0-9]{1,10})@([0-9]{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything up to `place` was seen, on the chain as it was after that many reversals."""

    place: Place
    reversal: int

    def __str__(self) -> str:
        block, index = self.place
        return f"{block}-{index}@{self.reversal}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what is no mark (an event's id has no @); raises BAD_USER_INPUT."""
        if "@" not in text:
            return None
        match = MARK.fullmatch(text)
        block, index, reversal = map(int, match.groups()) if match else (-2, 0, 0)
        if not (-1 <= block <= BIGINT_MAX and index <= INDEX_MAX and reversal <= BIGINT_MAX):
            raise bad_input(
                "after", "not a cursor of this stream; pass one exactly as it was given"
            )
        return cls((block, index), reversal)


def end_of(block: int) -> Place:
    """Behind everything that the block holds."""
    return block, INDEX_MAX


def short_of(place: Place) -> Place:
    """Right before the event at this place."""
    block, index = place
    return (block, index - 1) if index else end_of(block - 1)
