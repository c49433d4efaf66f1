"""Lists, numbers and flags are read as eth_abi writes them, and nothing else is."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from indexer.audit import answers
from indexer.audit.multicall import AGGREGATE, apart, together
from indexer.events.reference import Malformed
from indexer.units import Address

WORDS = st.lists(st.binary(min_size=32, max_size=32), max_size=5)
PEOPLE = st.lists(st.binary(min_size=20, max_size=20), max_size=5)
TEXTS = st.lists(st.binary(max_size=70), max_size=5)
NUMBERS = st.integers(0, 2**256 - 1)
RECORD = "(bytes32,address,uint256,uint256,uint256)[]"


@given(WORDS, PEOPLE, TEXTS, NUMBERS, st.booleans())
def test_what_eth_abi_writes_is_read(
    words: list[bytes], people: list[bytes], texts: list[bytes], number: int, flag: bool
) -> None:
    assert answers.ids(encode(["bytes32[]"], [words])) == tuple(words)
    assert answers.addresses(encode(["address[]"], [people])) == tuple(people)
    assert answers.strings(encode(["bytes[]"], [texts])) == tuple(texts)
    assert answers.number(encode(["uint256"], [number])) == number
    assert answers.flag(encode(["bool"], [flag])) == flag


@given(st.lists(st.tuples(*[st.binary(min_size=32, max_size=32)], NUMBERS, NUMBERS), max_size=4))
def test_claims_are_read_field_by_field(told: list[tuple[bytes, int, int]]) -> None:
    rows = [(key, b"\xad" * 20, amount, 7, order) for key, amount, order in told]
    assert answers.claim_records(encode([RECORD], [rows])) == tuple(map(tuple, rows))


@pytest.mark.parametrize(
    "read",
    [
        answers.ids,
        answers.addresses,
        answers.strings,
        answers.flag,
        answers.claim_records,
    ],
)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x20",
        (2**256 - 1).to_bytes(32),
        (32).to_bytes(32),
        (32).to_bytes(32) + (2**255).to_bytes(32),
    ],
)
def test_what_goes_beyond_the_end_is_refused(read: Callable[[bytes], Any], data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


def test_a_number_has_32_bytes() -> None:
    with pytest.raises(Malformed):
        answers.number(bytes(31))


@given(st.lists(st.tuples(st.binary(min_size=20, max_size=20), st.binary(max_size=70)), max_size=5))
def test_calls_are_put_together_as_multicall3_takes_them(calls: list[tuple[bytes, bytes]]) -> None:
    made = [(Address(to), data) for to, data in calls]
    wanted = encode(["(address,bool,bytes)[]"], [[(to, True, data) for to, data in calls]])
    assert together(made) == AGGREGATE + wanted
    assert AGGREGATE.hex() == "82ad56cb"


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=70)), max_size=5))
def test_its_results_are_taken_apart(results: list[tuple[bool, bytes]]) -> None:
    told = encode(["(bool,bytes)[]"], [results])
    assert apart(told, len(results)) == results
    with pytest.raises(Malformed):
        apart(told, len(results) + 1)
    with pytest.raises(Malformed):
        apart(told[:40], 0)
