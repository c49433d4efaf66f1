"""Unsigned varints, and the fields of protobuf messages: as much as CIDs and UnixFS need."""

from collections.abc import Iterator
from typing import Final

from indexer.errors import Unsupported

LONGEST: Final = 9
"""Bytes of a varint, at most, as multiformats has it: 63 bits."""
VARINT, BYTES = 0, 2
"""Protobuf's wire types that are read."""


def varint(number: int) -> bytes:
    """The shortest LEB128 form."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at this place, and the place after it. Raises ValueError unless it is minimal."""
    number = 0
    for count in range(LONGEST):
        if at + count >= len(data):
            raise ValueError("the bytes end within a varint")
        byte = data[at + count]
        number |= (byte & 127) << 7 * count
        if byte < 128:
            if byte == 0 and count:
                raise ValueError("a varint is longer than it need be")
            return number, at + count + 1
    raise ValueError("a varint has more than 9 bytes")


def field(number: int, value: int | bytes) -> bytes:
    """One field of a message."""
    if isinstance(value, int):
        return varint(number << 3 | VARINT) + varint(value)
    return varint(number << 3 | BYTES) + varint(len(value)) + value


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message in their order, by number. Raises Unsupported (no such message)."""
    at = 0
    while at < len(data):
        try:
            tag, at = read_varint(data, at)
            value, at = read_varint(data, at)
        except ValueError as error:
            raise Unsupported(f"a block is no protobuf message: {error}") from None
        if tag & 7 == VARINT:
            yield tag >> 3, value
        elif tag & 7 == BYTES and at + value <= len(data):
            yield tag >> 3, data[at : at + value]
            at += value
        else:
            raise Unsupported("a block is no protobuf message that UnixFS knows")
