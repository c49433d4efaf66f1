"""Hex of the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chain.quantities import FixedTable, QuantityTable, blob, blobs, fixed, quantity


@given(st.integers(0, 2**63 - 1), st.integers(0, 10))
def test_a_quantity_is_read_with_any_number_of_leading_zeros(value: int, zeros: int) -> None:
    assert quantity(f"0x{'0' * zeros}{value:x}") == value


@pytest.mark.parametrize(
    "text",
    ["", "0x", "12", "0X12", "-0x1", "0x-1", "0x1_0", " 0x1", "0x1 ", "0xg", "0x\uff11", "0x1\n"],
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a 0x quantity"):
        quantity(text)


def test_a_quantity_beyond_its_type_is_refused() -> None:
    assert quantity("0x7f", 127) == 127
    with pytest.raises(ValueError, match="more than 127"):
        quantity("0x80", 127)
    with pytest.raises(ValueError, match="not a 0x quantity"):
        quantity("0x" + "f" * 1_000_000)


@given(st.binary(max_size=100))
def test_bytes_come_back_from_their_hex(data: bytes) -> None:
    text = "0x" + data.hex()
    assert blob(text) == data
    assert blobs((text, text.replace("a", "A"))) == (data, data)
    assert fixed(text, len(data)) == data


@pytest.mark.parametrize("text", ["", "00", "0x0", "0xzz", "0x 00", "0x00 ", "0X00", "0x0\u0660"])
def test_what_is_no_hex_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        blob(text)
    with pytest.raises(ValueError):
        blobs((text,))


def test_bytes_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="has 3 bytes in place of 2"):
        fixed("0x112233", 2)


def test_tables_remember_what_was_right_and_never_what_was_wrong() -> None:
    sizes, numbers = FixedTable(2), QuantityTable(9)
    assert sizes["0x0102"] is sizes["0x0102"]
    assert numbers["0x09"] == 9
    with pytest.raises(ValueError):
        sizes["0x01"]
    with pytest.raises(ValueError):
        numbers["0xa"]
    assert (len(sizes), len(numbers)) == (1, 1)
