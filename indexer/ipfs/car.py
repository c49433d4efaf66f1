"""CAR files: a tree of blocks in one stream. https://ipld.io/specs/transport/car/carv1."""

from collections.abc import Iterable, Iterator
from typing import IO, Final

from indexer.errors import NotACid, Unsupported
from indexer.ipfs.cid import Cid
from indexer.ipfs.nodes import LARGEST_BLOCK
from indexer.ipfs.wire import LONGEST, read_varint, varint

LARGEST: Final = LARGEST_BLOCK + 128
"""Bytes of a section: a block and its CID."""
VERSION_1: Final = b"\x67version\x01"
"""How the header ends: DAG-CBOR sorts the shorter key, `roots`, before it."""


def encode(root: Cid, blocks: Iterable[tuple[Cid, bytes]]) -> Iterator[bytes]:
    """The stream with its header; blocks go parents first."""
    named = b"\0" + bytes(root)
    header = b"\xa2\x65roots\x81\xd8\x2a\x58" + bytes([len(named)]) + named + VERSION_1
    yield varint(len(header)) + header
    for cid, block in blocks:
        yield varint(len(bytes(cid)) + len(block)) + bytes(cid) + block


def decode(file: IO[bytes]) -> Iterator[tuple[Cid, bytes]]:
    """The blocks, each verified. Raises Unsupported, NotACid or CorruptBlock."""
    header = _section(file)
    if header is None or not header.endswith(VERSION_1):
        raise Unsupported("this is no CAR of version 1")
    while (section := _section(file)) is not None:
        cid, end = Cid.read(section)
        cid.verify(section[end:])
        yield cid, section[end:]


def _section(file: IO[bytes]) -> bytes | None:
    size = _size(file)
    if size is None:
        return None
    section = file.read(size)
    if len(section) != size:
        raise Unsupported("the CAR ends within a block")
    return section


def _size(file: IO[bytes]) -> int | None:
    read = b""
    while len(read) < LONGEST:
        byte = file.read(1)
        if not byte and read:
            raise Unsupported("the CAR ends within a length")
        if not byte:
            return None
        read += byte
        if byte < b"\x80":
            break
    try:
        size, _ = read_varint(read, 0)
    except ValueError as error:
        raise NotACid(f"this is no CAR: {error}") from None
    if size > LARGEST:
        raise Unsupported(f"the CAR has a section of {size} bytes; at most {LARGEST} are read")
    return size
