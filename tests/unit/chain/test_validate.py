"""What must hold before an answer is believed."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chain.blocks import Log
from indexer.chain.validate import check_block, check_links, check_logs, check_number, may_miss
from indexer.errors import BadAnswer
from indexer.units import Address, BlockNumber
from tests.unit.chain.samples import OURS, TOPIC, h32, header, log

FOREIGN = Address(b"\x99" * 20)


def check(logs: list[Log]) -> None:
    check_logs(logs, BlockNumber(5), BlockNumber(9), {OURS})


def test_logs_of_a_chain_pass() -> None:
    check([])
    check([log(5, 0), log(5, 1), log(5, 4, turn=2), log(6, 0), log(9, 3)])


@dataclass(frozen=True)
class Lie:
    logs: list[Log]
    reason: str


@pytest.mark.parametrize(
    "lie",
    [
        Lie([log(4), log(5)], "blocks 4 to 5 when asked for 5 to 9"),
        Lie([log(9), log(10)], "blocks 9 to 10 when asked for 5 to 9"),
        Lie([log(5), log(10), log(6)], "log 0 of block 6 comes after a log of block 10"),
        Lie([log(5), log(6, address=FOREIGN)], "log 0 of block 6 is of 0x9999"),
        Lie([log(6), log(5)], "log 0 of block 5 comes after a log of block 6"),
        Lie([log(5, 1), log(5, 1)], "log 1 of block 5 comes after log 1"),
        Lie([log(5, 2), log(5, 1)], "log 1 of block 5 comes after log 2"),
        Lie([log(5, 0), log(5, 1, block_hash=h32(77))], "another block hash"),
        Lie([log(5, 0, turn=2), log(5, 1, turn=1)], "does not fit"),
        Lie([log(5, 0), log(5, 1, transaction=h32(77))], "does not fit"),
        Lie([log(5, 0, transaction=h32(7)), log(5, 1, turn=1, transaction=h32(7))], "does not fit"),
    ],
    ids=lambda lie: lie.reason,
)
def test_logs_that_contradict_themselves_or_the_question_are_refused(lie: Lie) -> None:
    with pytest.raises(BadAnswer, match=lie.reason):
        check(lie.logs)


@given(st.integers(2, 30), st.randoms(use_true_random=False))
def test_any_other_order_of_the_same_logs_is_refused(count: int, dice: random.Random) -> None:
    logs = [log(5 + place // 7, place % 7, turn=place % 7) for place in range(count)]
    check(logs)
    shuffled = dice.sample(logs, count)
    if shuffled != logs:
        with pytest.raises(BadAnswer):
            check(shuffled)


def test_headers_are_linked_from_parent_to_child() -> None:
    check_links([])
    check_links([header(1), header(2), header(3)])
    with pytest.raises(BadAnswer, match="block 3 names parent 0x0"):
        check_links([header(1), header(2), header(3, fork=1)])
    with pytest.raises(BadAnswer, match="block 3 follows block 1"):
        check_links([header(1), header(3)])


def test_a_header_of_another_number_is_refused() -> None:
    check_number(header(3), BlockNumber(3))
    with pytest.raises(BadAnswer, match="block 3 when asked for block 4"):
        check_number(header(3), BlockNumber(4))


def test_logs_of_a_block_have_its_hash_its_time_and_are_in_its_bloom() -> None:
    block = header(5, items=(OURS, TOPIC))
    check_block(block, [log(5), log(5, 1, time=block.timestamp)])
    lies: list[tuple[Callable[[], Log], str]] = [
        (lambda: log(5, block_hash=h32(77)), "is of block hash"),
        (lambda: log(5, time=7), "another time"),
        (lambda: log(5, address=FOREIGN), "not in the bloom"),
    ]
    for lie, reason in lies:
        with pytest.raises(BadAnswer, match=reason):
            check_block(block, [lie()])


def test_a_bloom_that_names_us_without_a_log_is_worth_a_second_question() -> None:
    assert may_miss(header(5, items=(OURS,)), [], {OURS})
    assert not may_miss(header(5, items=(OURS,)), [log(5)], {OURS})
    assert not may_miss(header(5, items=(FOREIGN,)), [], {OURS})


def test_an_empty_bloom_is_not_held_against_the_logs_of_its_block() -> None:
    check_block(header(5, items=()), [log(5)])
    with pytest.raises(BadAnswer, match="is of block hash"):
        check_block(header(5, items=()), [log(5, block_hash=h32(77))])
