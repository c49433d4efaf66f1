"""What the index can do without is asked for, but never insisted on."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from indexer.chain.endpoint import TooSlow
from indexer.errors import NodeBehind, NodeUnavailable, Unserved
from indexer.sync import spare
from indexer.sync.spare import Spare

Answers = list[int | None]


class Nodes:
    """Answers a number by its double; `wrong` may raise instead."""

    def __init__(self, wrong: Callable[[Sequence[int]], None]) -> None:
        self.asked: list[list[int]] = []
        self._wrong = wrong

    async def ask(self, numbers: Sequence[int]) -> Answers:
        self.asked.append(list(numbers))
        await asyncio.sleep(0)
        self._wrong(numbers)
        return [2 * number for number in numbers]


def unserved(_: Sequence[int]) -> None:
    raise Unserved("the method does not exist")


async def test_all_is_asked_for_in_groups_and_comes_back_in_order() -> None:
    nodes = Nodes(lambda _: None)
    assert await Spare("doubles", nodes.ask, group=4).ask(range(10)) == list(range(0, 20, 2))
    assert nodes.asked == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert await Spare("doubles", nodes.ask, group=4).ask([]) == []


async def test_nodes_that_lack_it_are_asked_again_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nodes = Nodes(unserved)
    one = Spare("doubles", nodes.ask, group=4)
    assert await one.ask(range(100)) == [None] * 100
    assert await one.ask(range(100)) == [None] * 100
    assert nodes.asked == [[0, 1, 2, 3], [0]]
    monkeypatch.setattr(spare, "REST", 0.0)
    one._until = 0.0
    assert await one.ask([1]) == await one.ask([1]) == [None]
    assert len(nodes.asked) == 4


async def test_one_question_that_cannot_be_answered_costs_the_others_nothing() -> None:
    def slow(numbers: Sequence[int]) -> None:
        if 2 in numbers:
            raise Unserved("too slow") from TooSlow("no answer within 30 s")

    one = Spare("doubles", Nodes(slow).ask, group=4)
    assert await one.ask(range(6)) == [0, 2, None, 6, 8, 10]
    assert await one.ask([5]) == [10]


async def test_a_node_that_is_behind_is_given_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spare, "PAUSES", (0.0, 0.0))
    left = 2

    def behind(_: Sequence[int]) -> None:
        nonlocal left
        if left:
            left -= 1
            raise NodeBehind("unknown block")

    assert await Spare("doubles", Nodes(behind).ask, group=4).ask([1]) == [2]
    left = 99
    assert await Spare("doubles", Nodes(behind).ask, group=4).ask([1]) == [None]


async def test_nodes_that_are_down_are_waited_for_by_whoever_asked() -> None:
    def down(_: Sequence[int]) -> None:
        raise NodeUnavailable("connection refused")

    with pytest.raises(NodeUnavailable):
        await Spare("doubles", Nodes(down).ask, group=4).ask([1, 2])
