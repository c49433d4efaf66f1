"""Scalars show what they were read from, and refuse what they cannot be."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from graphql import GraphQLError, parse_value
from hypothesis import given
from hypothesis import strategies as st

from api import scalars
from indexer.units import Address, checksum, to_hex


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_shown_with_their_checksum_and_read_in_any_plain_case(raw: bytes) -> None:
    shown = scalars.show_address(Address(raw))
    assert shown == checksum(Address(raw))
    for text in (shown, shown.lower(), "0x" + shown[2:].upper()):
        assert scalars.read_address(text) == raw


@given(st.integers(-(10**99), 10**99))
def test_integers_of_any_size_are_decimal_strings(value: int) -> None:
    assert scalars.read_big_int(scalars.show_big_int(value)) == value
    assert scalars.read_big_int(value) == value
    for literal in (str(value), f'"{value}"'):
        assert scalars.read_big_int_literal(parse_value(literal)) == value


@given(st.binary(max_size=40))
def test_bytes_are_hex(raw: bytes) -> None:
    assert scalars.read_bytes(to_hex(raw)) == raw


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_utc_with_a_z(time: datetime) -> None:
    shown = scalars.show_time(time)
    assert shown.endswith("Z")
    assert scalars.read_time(shown) == time


def test_times_with_another_offset_become_utc() -> None:
    east = datetime(2025, 1, 1, 3, tzinfo=timezone(timedelta(hours=3)))
    assert scalars.show_time(scalars.read_time(east.isoformat())) == "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (scalars.read_address, "0x4F93AEaAE5981fd6C95cFA8096D31D3d92ae2F28"),
        (scalars.read_address, "4f93AEaAE5981fd6C95cFA8096D31D3d92ae2F28"),
        (scalars.read_address, 5),
        (scalars.read_hash, "0x" + "g" * 64),
        (scalars.read_hash, "0x" + "٣" * 64),
        (scalars.read_hash, "0x00"),
        (scalars.read_bytes, "0x0"),
        (scalars.read_bytes, "00"),
        (scalars.read_bytes, "0x0 0 "),
        (scalars.read_big_int, "1e3"),
        (scalars.read_big_int, "٣"),
        (scalars.read_big_int, ""),
        (scalars.read_big_int, "--1"),
        (scalars.read_big_int, True),
        (scalars.read_big_int, 1.0),
        (scalars.read_big_int, "9" * 5000),
        (scalars.read_time, "2025-01-01T00:00:00"),
        (scalars.read_time, "yesterday"),
    ],
)
def test_what_is_none_is_refused(read: Any, value: Any) -> None:
    with pytest.raises(ValueError):
        read(value)


def test_a_big_int_literal_is_an_integer_or_a_string() -> None:
    with pytest.raises(GraphQLError, match="decimal string"):
        scalars.read_big_int_literal(parse_value("1.5"))
