"""A file comes back from its tree as it went in, whole and in part, and no lie is believed."""

import io
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import BlockMissing, CorruptBlock, NotACid, TooLarge, Unsupported
from indexer.ipfs import building, car
from indexer.ipfs.cid import Cid, Codec, Hash
from indexer.ipfs.nodes import Kind, Link, Node, decode, encode
from indexer.ipfs.reading import file_size, read, resolve, walk
from tests.unit.ipfs.forest import Forest

MOST = 1 << 30


def deep(data: bytes, version: int) -> tuple[Forest, Cid]:
    """Chunks of 3 bytes, 4 links a node: a deep tree of few bytes."""
    forest = Forest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "CHUNK", 3)
        patch.setattr(building, "WIDTH", 4)
        return forest, forest.plant(data, version=version).cid


@settings(deadline=None)
@given(
    st.binary(max_size=400),
    st.integers(0, 1),
    st.integers(0, 420),
    st.integers(0, 420),
)
def test_any_part_of_a_file_is_read_from_its_tree(
    data: bytes, version: int, start: int, stop: int
) -> None:
    forest, root = deep(data, version)
    assert file_size(root, forest.get_block) == len(data)
    assert b"".join(read(root, forest.get_block)) == data
    assert b"".join(read(root, forest.get_block, start=start, stop=stop)) == data[start:stop]


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 1))
def test_a_car_brings_every_block(data: bytes, version: int) -> None:
    forest, root = deep(data, version)
    stream = b"".join(car.encode(root, walk(root, forest.get_block, most=MOST)))
    copy = Forest()
    for cid, block in car.decode(io.BytesIO(stream)):
        copy.put(cid, block)
    assert copy == forest


@settings(deadline=None)
@given(st.data())
def test_a_car_that_was_changed_or_cut_is_refused_or_lacks_blocks(data: st.DataObject) -> None:
    forest, root = deep(b"a cup of green tea, please", 1)
    stream = bytearray(b"".join(car.encode(root, walk(root, forest.get_block, most=MOST))))
    place = data.draw(st.integers(0, len(stream) - 1))
    if data.draw(st.booleans()):
        del stream[place:]
    else:
        stream[place] ^= data.draw(st.integers(1, 255))
    copy = Forest()
    with suppress(Unsupported, NotACid, CorruptBlock):
        for cid, block in car.decode(io.BytesIO(stream)):
            copy.put(cid, block)
    assert copy.items() <= forest.items()


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=9), max_size=50), st.integers(1, 7))
def test_a_tree_does_not_depend_on_how_a_file_is_read(pieces: list[bytes], size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, count: Any = -1) -> bytes:
            return super().read(min(count, size))

    forest = Forest()
    data = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "CHUNK", 3)
        slow = building.build(Slow(data), forest.put)
        assert slow == forest.plant(data)


def test_a_part_is_read_from_the_blocks_it_needs() -> None:
    data = random.Random(1).randbytes(3 * building.CHUNK)
    forest = Forest()
    tree = forest.plant(data)
    root = decode(tree.cid, forest.get_block(tree.cid))
    del forest[root.links[0].cid.multihash]
    start = building.CHUNK
    assert b"".join(read(tree.cid, forest.get_block, start=start)) == data[start:]
    with pytest.raises(BlockMissing):
        list(read(tree.cid, forest.get_block))


def test_the_same_chunk_is_walked_once() -> None:
    forest = Forest()
    tree = forest.plant(bytes(10 * building.CHUNK))
    blocks = list(walk(tree.cid, forest.get_block, most=MOST))
    assert blocks[0][0] == tree.cid
    assert len(blocks) == 2 == len(forest)


def test_a_walk_ends_at_its_limit() -> None:
    forest = Forest()
    tree = forest.plant(random.Random(2).randbytes(600_000))
    with pytest.raises(TooLarge, match="more than 500000 bytes"):
        list(walk(tree.cid, forest.get_block, most=500_000))


def test_entries_of_folders_are_found_by_their_path() -> None:
    forest = Forest()
    tea = forest.plant(b"tea").cid
    inner = forest.folder({"my tea.txt": tea})
    outer = forest.folder({"a": inner, "b": tea})
    assert resolve(outer, ["a", "my tea.txt"], forest.get_block) == tea
    assert resolve(outer, [], forest.get_block) == outer
    for path in (["c"], ["b", "x"], ["a", ""]):
        with pytest.raises(NotACid, match="has no entry"):
            resolve(outer, path, forest.get_block)


def test_what_is_no_file_is_not_read_as_one() -> None:
    forest = Forest()
    folder = forest.folder({})
    sharded = forest.keep(Node(kind=Kind.SHARDED))
    with pytest.raises(Unsupported, match="is a directory, not a file"):
        list(read(folder, forest.get_block))
    with pytest.raises(Unsupported, match="sharded"):
        resolve(sharded, ["a"], forest.get_block)


def test_a_parent_that_lies_about_its_child_is_caught() -> None:
    forest = Forest()
    leaf = forest.plant(b"tea").cid
    liar = forest.keep(Node(kind=Kind.FILE, size=9, sizes=(9,), links=(Link(cid=leaf),)))
    with pytest.raises(Unsupported, match="has 3 bytes, its parent says 9"):
        list(read(liar, forest.get_block))


@pytest.mark.parametrize(
    "node",
    [
        Node(kind=Kind.FILE, size=3, sizes=(3,)),
        Node(kind=Kind.FILE, size=4, data=b"tea"),
        Node(kind=Kind.FILE, size=3, links=(Link(cid=Cid.of(b"", Codec.RAW)),)),
    ],
)
def test_sizes_that_do_not_add_up_are_refused(node: Node) -> None:
    block = encode(node)
    with pytest.raises(Unsupported, match="do not add up"):
        decode(Cid.of(block, Codec.DAG_PB), block)


def test_a_tower_of_nodes_is_not_climbed_for_ever() -> None:
    forest = Forest()
    cid = forest.plant(b"tea").cid
    for _ in range(40):
        cid = forest.keep(Node(kind=Kind.FILE, size=3, sizes=(3,), links=(Link(cid=cid),)))
    with pytest.raises(Unsupported, match="more than 32 levels"):
        list(read(cid, forest.get_block))


@given(st.binary(max_size=60))
def test_a_hostile_block_is_read_or_refused(block: bytes) -> None:
    try:
        node = decode(Cid.of(block, Codec.DAG_PB), block)
    except Unsupported:
        return
    assert isinstance(node, Node)


@pytest.mark.parametrize("codec", [Codec.DAG_CBOR, Codec.LIBP2P_KEY])
def test_other_codecs_are_told_apart(codec: Codec) -> None:
    forest = Forest()
    cid = Cid.of(b"\xa0", codec)
    forest.put(cid, b"\xa0")
    with pytest.raises(Unsupported, match="of codec 0x7"):
        list(walk(cid, forest.get_block, most=MOST))


def test_identity_leaves_are_read_from_their_names() -> None:
    forest = Forest()
    leaf = Cid(version=1, codec=Codec.RAW, hash=Hash.IDENTITY, digest=b"tea")
    forest.put(leaf, b"tea")
    root = forest.keep(Node(kind=Kind.FILE, size=3, sizes=(3,), links=(Link(cid=leaf),)))
    assert b"".join(read(root, forest.get_block)) == b"tea"
