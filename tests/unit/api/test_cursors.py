"""Cursors come back as what they were made of, and nothing else passes for one."""

import base64
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from api.paging import Args, Key, Kind, Sort
from indexer.units import UINT256_MAX

SORT = Sort(
    "things.all",
    (
        Key("text", Kind.TEXT),
        Key("amount", Kind.UINT256),
        Key("time", Kind.TIME),
        Key("block", Kind.INT),
    ),
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=64)
times = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
rows = st.builds(
    SimpleNamespace,
    text=texts,
    amount=st.integers(0, UINT256_MAX),
    time=times,
    block=st.integers(0, 2**63 - 1),
)


@given(rows)
def test_a_cursor_says_exactly_where_its_row_stands(row: Any) -> None:
    cursor = SORT.cursor(row)
    assert SORT.position("after", cursor) == (row.text, row.amount, row.time, row.block)
    assert cursor.isascii() and not set(cursor) & set("+/= ")


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_was_never_a_cursor_is_refused_by_name(text: str) -> None:
    with pytest.raises(GraphQLError, match="`before`") as caught:
        SORT.position("before", text)
    assert caught.value.extensions is not None
    assert caught.value.extensions["code"] == "BAD_USER_INPUT"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | texts,
    st.lists,
    max_leaves=4,
)


@given(st.lists(json_values, max_size=6))
def test_values_that_no_row_has_are_refused(values: list[Any]) -> None:
    raw = orjson.dumps(["things.all", *values])
    cursor = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    try:
        position = SORT.position("after", cursor)
    except GraphQLError as error:
        assert error.extensions is not None
        assert error.extensions["argument"] == "after"
    else:
        names = ("text", "amount", "time", "block")
        row = SimpleNamespace(**dict(zip(names, position, strict=True)))
        assert SORT.position("after", SORT.cursor(row)) == position


def test_a_cursor_of_another_order_is_told_so() -> None:
    other = Sort("things.newest", (Key("block"),))
    cursor = other.cursor(SimpleNamespace(block=1))
    with pytest.raises(GraphQLError, match=r"'things\.newest'; this list has 'things\.all'"):
        SORT.position("after", cursor)


@pytest.mark.parametrize(
    ("args", "size", "backward"),
    [
        (Args(), 20, False),
        (Args(first=0), 0, False),
        (Args(first=200), 200, False),
        (Args(last=7), 7, True),
    ],
)
def test_pages_have_the_size_asked_for(args: Args, size: int, backward: bool) -> None:
    page = args.page(SORT, descending=True)
    assert (page.size, page.backward, page.descending) == (size, backward, True)
