"""Blocks that files and folders are made of: dag-pb nodes that hold UnixFS.

https://ipld.io/specs/codecs/dag-pb and https://specs.ipfs.tech/unixfs. Written as Kubo writes them:
the links before the data, each link with its name, though it be empty.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from indexer.errors import NotACid, Unsupported
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.wire import field, fields

LARGEST_BLOCK: Final = 2 << 20
"""Bytes of a block, at most; nobody on the network exchanges larger ones."""


class Kind(IntEnum):
    """What a UnixFS node is."""

    RAW = 0
    DIRECTORY = 1
    FILE = 2
    METADATA = 3
    SYMLINK = 4
    SHARDED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`tsize`: bytes of all blocks below, with repetitions, as its maker says."""

    cid: Cid
    name: str = ""
    tsize: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`size`: bytes of the file from here on; `sizes`: the same of each link's."""

    kind: Kind
    size: int = 0
    data: bytes = b""
    sizes: tuple[int, ...] = ()
    links: tuple[Link, ...] = ()


def encode(node: Node) -> bytes:
    """The dag-pb block."""
    links = b"".join(field(2, _link(link)) for link in node.links)
    return links + field(1, _unixfs(node))


def _link(link: Link) -> bytes:
    return field(1, bytes(link.cid)) + field(2, link.name.encode()) + field(3, link.tsize)


def _unixfs(node: Node) -> bytes:
    data = field(2, node.data) if node.data else b""
    size = field(3, node.size) if node.kind == Kind.FILE else b""
    return field(1, node.kind) + data + size + b"".join(field(4, size) for size in node.sizes)


def decode(cid: Cid, block: bytes) -> Node:
    """What a block is that was verified already. Raises Unsupported."""
    if cid.codec in (Codec.RAW, Codec.JSON):
        return Node(kind=Kind.FILE, size=len(block), data=block)
    if cid.codec != Codec.DAG_PB:
        raise Unsupported(f"{cid} is of codec {cid.codec:#x}; files are dag-pb or raw")
    try:
        return _decode(block)
    except (NotACid, Unsupported, ValueError) as error:
        raise Unsupported(f"{cid} is no UnixFS node: {error}") from None


def _decode(block: bytes) -> Node:
    links, data = [], None
    for number, value in fields(block):
        if number == 2 and isinstance(value, bytes):
            links.append(_read_link(value))
        elif number == 1 and isinstance(value, bytes):
            data = value
    if data is None:
        raise Unsupported("it has no UnixFS data")
    return _read_unixfs(data, tuple(links))


def _read_link(data: bytes) -> Link:
    found = dict(fields(data))
    cid, name, tsize = found.get(1), found.get(2, b""), found.get(3, 0)
    if not isinstance(cid, bytes) or not isinstance(name, bytes) or not isinstance(tsize, int):
        raise Unsupported("a link has no CID")
    return Link(cid=Cid.from_bytes(cid), name=name.decode("utf-8", "replace"), tsize=tsize)


def _read_unixfs(data: bytes, links: tuple[Link, ...]) -> Node:
    numbers: dict[int, int] = {}
    content, sizes = b"", []
    for number, value in fields(data):
        if number == 4 and isinstance(value, int):
            sizes.append(value)
        elif number == 2 and isinstance(value, bytes):
            content = value
        elif isinstance(value, int):
            numbers[number] = value
    kind = Kind(numbers.get(1, 0))
    size = numbers.get(3, len(content) + sum(sizes))
    if kind in (Kind.FILE, Kind.RAW):
        _check_sizes(content, sizes, links, size)
    return Node(kind=kind, size=size, data=content, sizes=tuple(sizes), links=links)


def _check_sizes(content: bytes, sizes: list[int], links: tuple[Link, ...], size: int) -> None:
    if len(sizes) != len(links) or len(content) + sum(sizes) != size:
        raise Unsupported("the sizes that it says of its parts do not add up")
