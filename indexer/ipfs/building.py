"""Files as trees of blocks, exactly as `ipfs add` makes them.

Chunks of 256 KiB; a balanced tree whose nodes have 174 links; leaves are raw blocks for version 1
and dag-pb nodes for version 0. So a file has the CID here that it has everywhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.nodes import Kind, Link, Node, encode

CHUNK: Final = 262_144
WIDTH: Final = 174

Keep = Callable[[Cid, bytes], object]
"""Takes each block as it is made, leaves before what links to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """`size`: bytes of the file; `tsize`: of its blocks."""

    cid: Cid
    size: int
    tsize: int


def build(file: BinaryIO, keep: Keep, *, version: int = 1, raw_leaves: bool | None = None) -> Tree:
    """Makes the blocks of a file in one pass; memory holds one chunk and the links above it."""
    raw = version == 1 if raw_leaves is None else raw_leaves
    builder = Builder(keep, version=version, raw_leaves=raw)
    for chunk in chunks(file):
        builder.add(chunk)
    return builder.finish()


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """Pieces of CHUNK bytes each but the last; none of an empty file."""
    rest = b""
    while piece := file.read(CHUNK - len(rest)):
        rest += piece
        if len(rest) == CHUNK:
            yield rest
            rest = b""
    if rest:
        yield rest


class Builder:
    """`_levels[n]` holds what has no parent yet at height n, fewer than WIDTH each."""

    def __init__(self, keep: Keep, *, version: int, raw_leaves: bool) -> None:
        self._keep = keep
        self._version = version
        self._raw_leaves = raw_leaves
        self._levels: list[list[Tree]] = [[]]

    def add(self, chunk: bytes) -> None:
        self._push(0, self._leaf(chunk))

    def finish(self) -> Tree:
        """The root, once everything was added; a single leaf is the root itself."""
        if self._levels == [[]]:
            return self._leaf(b"")
        for height, level in enumerate(self._levels):
            if height + 1 == len(self._levels) and len(level) == 1:
                return level[0]
            if level:
                self._lift(height)
        raise AssertionError("the topmost level holds one tree in the end")

    def _push(self, height: int, tree: Tree) -> None:
        if height == len(self._levels):
            self._levels.append([])
        self._levels[height].append(tree)
        if len(self._levels[height]) == WIDTH:
            self._lift(height)

    def _lift(self, height: int) -> None:
        trees = self._levels[height]
        self._levels[height] = []
        self._push(height + 1, self._parent(trees))

    def _leaf(self, chunk: bytes) -> Tree:
        if not self._raw_leaves:
            return self._kept(Node(kind=Kind.FILE, size=len(chunk), data=chunk))
        cid = Cid.of(chunk, Codec.RAW)
        self._keep(cid, chunk)
        return Tree(cid=cid, size=len(chunk), tsize=len(chunk))

    def _parent(self, trees: list[Tree]) -> Tree:
        sizes = tuple(tree.size for tree in trees)
        links = tuple(Link(cid=tree.cid, tsize=tree.tsize) for tree in trees)
        return self._kept(Node(kind=Kind.FILE, size=sum(sizes), sizes=sizes, links=links))

    def _kept(self, node: Node) -> Tree:
        block = encode(node)
        cid = Cid.of(block, Codec.DAG_PB, self._version)
        self._keep(cid, block)
        below = sum(link.tsize for link in node.links)
        return Tree(cid=cid, size=node.size, tsize=len(block) + below)
