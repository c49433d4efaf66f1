"""Heads of one node and of several."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chain.head import Depths, Heads, agreed, depths_of, read_heads
from indexer.chain.refusals import Refusal
from indexer.chain.wire import Answer
from indexer.errors import BadAnswer, ChainMismatch, NodeBehind, NodeUnavailable
from indexer.units import BlockNumber
from tests.unit.chain.samples import answer, wire_header

DEPTHS = Depths(safe=10, finalized=20)


def heads(latest: int, safe: int, finalized: int) -> Heads:
    return Heads(
        latest=BlockNumber(latest), safe=BlockNumber(safe), finalized=BlockNumber(finalized)
    )


def block(number: int | None) -> Answer:
    return answer(None if number is None else wire_header(number=hex(number)))


def refused(code: int, text: str) -> Answer:
    return Answer(method="eth_x", result=answer(None).result, refusal=Refusal(code=code, text=text))


def read(*blocks: Answer, chain: int = 1) -> Heads:
    return read_heads([answer(hex(chain)), *blocks], 1, DEPTHS).heads


def test_the_tags_of_a_node_are_believed() -> None:
    assert read(block(100), block(70), block(40)) == heads(100, 70, 40)


@pytest.mark.parametrize(
    "missing",
    [
        block(None),
        refused(-39001, "safe block not found"),
        refused(-32602, "invalid block tag"),
        refused(-32601, "method not supported"),
    ],
)
def test_depths_stand_in_for_tags_that_a_node_lacks(missing: Answer) -> None:
    assert read(block(100), missing, missing) == heads(100, 90, 80)
    assert read(block(5), missing, missing) == heads(5, 0, 0)


def test_finalized_is_never_above_safe_nor_safe_above_latest() -> None:
    assert read(block(100), block(120), block(110)) == heads(100, 100, 100)
    assert read(block(100), block(50), block(60)) == heads(100, 50, 50)


def test_a_throttled_tag_is_no_missing_tag() -> None:
    with pytest.raises(NodeUnavailable):
        read(block(100), refused(429, "slow down"), block(40))


def test_a_garbled_newest_block_is_refused_and_a_missing_one_is_behind() -> None:
    with pytest.raises(BadAnswer):
        read(answer(wire_header(number="x")), block(1), block(1))
    with pytest.raises(NodeBehind):
        read(block(None), block(1), block(1))


def test_a_node_that_changed_its_chain_is_noticed() -> None:
    with pytest.raises(ChainMismatch, match="chain 5 now, and was of chain 1"):
        read(block(100), block(70), block(40), chain=5)


@pytest.mark.parametrize(
    ("told", "result"),
    [
        ([heads(10, 5, 1)], heads(10, 5, 1)),
        ([heads(10, 5, 1), heads(12, 7, 3)], heads(10, 5, 1)),
        ([heads(10, 5, 1), heads(12, 7, 3), heads(10**9, 10**9, 10**9)], heads(12, 7, 3)),
        ([heads(0, 0, 0), heads(12, 7, 3), heads(11, 7, 3)], heads(11, 7, 3)),
    ],
)
def test_neither_the_luckiest_nor_the_slowest_of_several_nodes_decides(
    told: list[Heads], result: Heads
) -> None:
    assert agreed(told) == result


NUMBERS = st.lists(st.integers(0, 50), min_size=3, max_size=3).map(
    lambda n: sorted(n, reverse=True)
)


@given(st.lists(NUMBERS.map(lambda n: heads(*n)), min_size=1, max_size=7))
def test_more_than_half_of_the_nodes_reached_what_was_agreed(told: list[Heads]) -> None:
    found = agreed(told)
    assert found.finalized <= found.safe <= found.latest
    assert 2 * sum(one.latest >= found.latest for one in told) > len(told)
    assert 2 * sum(one.finalized >= found.finalized for one in told) > len(told)


def test_every_chain_has_depths() -> None:
    known: Any = [depths_of(chain) for chain in (1, 11155111, 31337, 10**9)]
    assert all(0 < one.safe <= one.finalized for one in known)
