"""Trees of blocks in memory."""

import io
from collections.abc import Mapping

from indexer.errors import BlockMissing
from indexer.ipfs.building import Tree, build
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.nodes import Kind, Link, Node, encode


class Forest(dict[bytes, bytes]):
    """Blocks by their multihash."""

    def put(self, cid: Cid, block: bytes) -> None:
        self[cid.multihash] = block

    def get_block(self, cid: Cid) -> bytes:
        try:
            block = self[cid.multihash]
        except KeyError:
            raise BlockMissing(str(cid)) from None
        cid.verify(block)
        return block

    def plant(self, data: bytes, *, version: int = 1) -> Tree:
        """The tree of a file."""
        return build(io.BytesIO(data), self.put, version=version)

    def keep(self, node: Node) -> Cid:
        """Any node, also one that lies."""
        block = encode(node)
        cid = Cid.of(block, Codec.DAG_PB)
        self.put(cid, block)
        return cid

    def folder(self, entries: Mapping[str, Cid]) -> Cid:
        links = tuple(Link(cid=cid, name=name) for name, cid in sorted(entries.items()))
        return self.keep(Node(kind=Kind.DIRECTORY, links=links))
