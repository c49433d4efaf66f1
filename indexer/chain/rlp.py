"""Ethereum's serialization, in the one direction that proofs need (Yellow Paper, appendix B)."""

from collections.abc import Iterable


def string(data: bytes) -> bytes:
    """The encoding of bytes."""
    if len(data) == 1 and data[0] < 0x80:
        return data
    return _head(0x80, len(data)) + data


def integer(number: int) -> bytes:
    """The encoding of an integer that is not negative: big-endian, without leading zeros."""
    return string(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def sequence(items: Iterable[bytes]) -> bytes:
    """The encoding of a list, whose items are encoded already."""
    body = b"".join(items)
    return _head(0xC0, len(body)) + body


def _head(kind: int, length: int) -> bytes:
    if length < 56:
        return bytes((kind + length,))
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((kind + 55 + len(size),)) + size
