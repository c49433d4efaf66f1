"""Files read back from their trees, and trees walked; whoever made the blocks is not believed.

Blocks come from `get`, which verifies them. What they say of sizes is checked as it is read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.errors import NotACid, TooLarge, Unsupported
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.nodes import LARGEST_BLOCK, Kind, Node, decode

Get = Callable[[Cid], bytes]
"""The verified block of a CID; raises BlockMissing or CorruptBlock."""

DEEPEST: Final = 32
"""Levels of a tree; with 174 links each, four hold 200 TB."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """Every block below a root, each once, parents first: `next()` names one, `take()` gets it.

    So the same walk is driven by a disk or by a network. `most`: bytes of all blocks together.
    """

    root: Cid
    most: int
    size: int = 0
    blocks: int = 0
    _open: list[Cid] = field(default_factory=list)
    _seen: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._add(self.root)

    def next(self) -> Cid | None:
        """The next block that is wanted."""
        return self._open[-1] if self._open else None

    def take(self, block: bytes) -> None:
        """Takes the block that is wanted. Raises CorruptBlock, TooLarge or Unsupported."""
        cid = self._open[-1]
        check_size(cid, block)
        cid.verify(block)
        links = self._links(cid, block)
        self._open.pop()
        self.size += len(block)
        self.blocks += 1
        if self.size > self.most:
            raise TooLarge(f"{self.root} has more than {self.most} bytes")
        for link in reversed(links):
            self._add(link)

    def _links(self, cid: Cid, block: bytes) -> list[Cid]:
        if cid.codec in (Codec.RAW, Codec.JSON):
            return []
        return [link.cid for link in decode(cid, block).links]

    def drop(self) -> None:
        """Goes on without the block that is wanted."""
        self._open.pop()

    def _add(self, cid: Cid) -> None:
        key = bytes(cid.v1)
        if key not in self._seen:
            self._seen.add(key)
            self._open.append(cid)


def check_size(cid: Cid, block: bytes) -> None:
    """Raises TooLarge if nobody on the network would exchange this block."""
    if len(block) > LARGEST_BLOCK:
        raise TooLarge(f"block {cid} has {len(block)} bytes; at most {LARGEST_BLOCK} are read")


def walk(root: Cid, get: Get, *, most: int) -> Iterator[tuple[Cid, bytes]]:
    """The blocks below a root, each once, parents first."""
    course = Walk(root=root, most=most)
    while (cid := course.next()) is not None:
        block = get(cid)
        course.take(block)
        yield cid, block


def resolve(root: Cid, path: Sequence[str], get: Get) -> Cid:
    """The CID at a path below folders. Raises NotACid where there is no such entry."""
    for name in path:
        node = decode(root, get(root))
        if node.kind == Kind.SHARDED:
            raise Unsupported(f"{root} is a sharded folder, which is not read here")
        root = _entry(root, node, name)
    return root


def _entry(folder: Cid, node: Node, name: str) -> Cid:
    for link in node.links:
        if node.kind == Kind.DIRECTORY and link.name == name:
            return link.cid
    raise NotACid(f"{folder} has no entry {name[:80]!r}")


def file_size(root: Cid, get: Get) -> int:
    """Bytes of the file. Raises Unsupported where it is none."""
    return _file(root, get).size


def read(root: Cid, get: Get, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from `start` up to, not including, `stop`; only what they need is read.

    Raises Unsupported where the tree is not what its nodes say.
    """
    node = _file(root, get)
    last = node.size if stop is None else min(stop, node.size)
    yield from _read(node, get, start, last, 0)


def _read(node: Node, get: Get, start: int, stop: int, depth: int) -> Iterator[bytes]:
    if depth > DEEPEST:
        raise Unsupported(f"a file has more than {DEEPEST} levels")
    if piece := node.data[max(start, 0) : max(stop, 0)]:
        yield piece
    at = len(node.data)
    for link, size in zip(node.links, node.sizes, strict=True):
        if at < stop and start < at + size:
            child = _file(link.cid, get)
            if child.size != size:
                raise Unsupported(f"{link.cid} has {child.size} bytes, its parent says {size}")
            yield from _read(child, get, start - at, stop - at, depth + 1)
        at += size


def _file(cid: Cid, get: Get) -> Node:
    node = decode(cid, get(cid))
    if node.kind not in (Kind.FILE, Kind.RAW):
        raise Unsupported(f"{cid} is a {node.kind.name.lower()}, not a file")
    return node
