"""What a node says once may be of the block that it is just making; what it says twice is not."""

from collections.abc import Iterable, Sequence

import pytest

from indexer.chain.settled import TRIES, settled
from indexer.errors import NodeBehind


class Told:
    """Answers each time the next of `states`, and the last one from then on."""

    def __init__(self, states: Iterable[str]) -> None:
        self.states = list(states)
        self.times = 0

    async def ask(self, questions: Sequence[int]) -> list[str]:
        state = self.states[min(self.times, len(self.states) - 1)]
        self.times += 1
        return [f"{state} {number}" for number in questions]


async def test_a_steady_answer_is_asked_for_twice() -> None:
    node = Told(["this block"])
    assert await settled(node.ask, [1, 2]) == ["this block 1", "this block 2"]
    assert node.times == 2


async def test_an_answer_of_the_next_block_is_not_taken() -> None:
    node = Told(["next block", "this block"])
    assert await settled(node.ask, [1]) == ["this block 1"]
    assert node.times == 3


async def test_nothing_is_asked_for_nothing() -> None:
    node = Told([])
    assert await settled(node.ask, []) == ()
    assert node.times == 0


async def test_a_node_that_never_says_the_same_is_waited_for() -> None:
    node = Told(map(str, range(99)))
    with pytest.raises(NodeBehind, match="differently each time"):
        await settled(node.ask, [1])
    assert node.times == TRIES + 1
