"""RLP and tries, against other implementations of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chain import rlp, trie
from tests.unit.chain import patricia


def encoded(item: Any) -> bytes:
    return rlp.string(item) if isinstance(item, bytes) else rlp.sequence(map(encoded, item))


@given(st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=6)))
def test_bytes_and_lists_are_encoded_as_another_library_does(item: Any) -> None:
    assert encoded(item) == patricia.encode(item)


@pytest.mark.parametrize("size", [0, 1, 55, 56, 255, 256, 65_535, 65_536])
def test_lengths_are_encoded_as_another_library_does(size: int) -> None:
    for item in (b"\x00" * size, b"\x80" * size, [b"a"] * size):
        assert encoded(item) == patricia.encode(item)


@given(st.integers(0, 2**256 - 1) | st.integers(0, 300))
def test_integers_are_encoded_as_another_library_does(number: int) -> None:
    assert rlp.integer(number) == patricia.encode(number)


@given(st.lists(st.binary(min_size=1, max_size=80), max_size=300))
def test_a_root_is_what_the_yellow_paper_defines(values: list[bytes]) -> None:
    assert trie.root(values) == patricia.root(values)


@pytest.mark.parametrize(
    ("count", "size", "root"),
    [
        (0, 1, "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"),
        (1, 1, "ac92bc8d02906a87a573c32c72bb427036f0e43d7a7375c5c491ebba064add15"),
        (2, 30, "4f599554c870efcc4221f205bbad14b3714150c3c872c081f9f9ef910a89f79e"),
        (16, 3, "f00d3b19489ebf39d0c5370968f3a189f27cd46b2f9efc08c1e712cb2c867d3e"),
        (17, 40, "4eeee0711bdd6701487db39388540c7f8a6187f5700493ab513f54911247d62d"),
        (127, 1, "19f04690e34240656ac4e46fb05891a3a0ac81e1925bf48fb872f5d481be0ae9"),
        (128, 33, "ce261694663e43a69d47cdf435b41c1516057d2177fe13ef21ac8f2e5ceed221"),
        (129, 700, "675b1fb1f4645f535dbb32d9e9e8349ef6a5f4efba024a3c348278cf0f749d15"),
        (256, 2, "511f79598bc21a645f1bbb347427c522ac00e3396f3cd8086ba14b72150ea5c5"),
        (257, 300, "f5d10ee1c98a073d6629b9b244d574aaad69b49cc9c248537ff491a6bbd33b28"),
        (1000, 20, "7d9569a6bcfaa9a699fd7e07049a0309c3fec4006b0f5e8d54d988745be02b04"),
    ],
)
def test_a_root_is_what_another_library_finds(count: int, size: int, root: str) -> None:
    """The roots were computed by py-trie 4.0."""
    values = [bytes([1 + place % 255]) * size for place in range(count)]
    assert trie.root(values).hex() == patricia.root(values).hex() == root
