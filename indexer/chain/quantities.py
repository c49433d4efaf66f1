"""Hex of JSON-RPC → integers and bytes. What is not exactly that raises ValueError.

Quantities may have leading zeros ("0x00"), which some nodes send; "0x", decimals, signs, spaces,
underscores and an upper-case prefix are refused.
"""

import re
from binascii import unhexlify
from typing import Final

_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,80}", re.ASCII)

INT4_MAX: Final = 2**31 - 1
INT8_MAX: Final = 2**63 - 1


def quantity(text: str, most: int = INT8_MAX) -> int:
    """The integer of a 0x quantity that is at most `most`."""
    if not _QUANTITY.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a 0x quantity")
    value = int(text, 16)
    if value > most:
        raise ValueError(f"{text} is more than {most}")
    return value


def blob(text: str) -> bytes:
    """The bytes of 0x data of any length."""
    if text[:2] != "0x":
        raise ValueError(f"{text[:80]!r} does not begin with 0x")
    try:
        return unhexlify(text[2:])
    except ValueError:
        raise ValueError(f"{text[:80]!r} is not an even number of hex digits") from None


def blobs(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    """The bytes of several 0x data; written out, because logs have most of their hex in topics."""
    found = []
    for text in texts:
        if text[:2] != "0x":
            raise ValueError(f"{text[:80]!r} does not begin with 0x")
        found.append(unhexlify(text[2:]))
    return tuple(found)


def fixed(text: str, size: int) -> bytes:
    """The `size` bytes of 0x data."""
    value = blob(text)
    if len(value) != size:
        raise ValueError(f"{text[:80]!r} has {len(value)} bytes in place of {size}")
    return value


class FixedTable(dict[str, bytes]):
    """The bytes of each text that was looked up; in one answer most of them repeat."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __missing__(self, text: str) -> bytes:
        value = self[text] = fixed(text, self.size)
        return value


class QuantityTable(dict[str, int]):
    """The integer of each text that was looked up."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __missing__(self, text: str) -> int:
        value = self[text] = quantity(text, self.most)
        return value
