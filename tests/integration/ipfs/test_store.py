"""The store keeps whole, right blocks, whoever writes, dies or tampers meanwhile."""

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.errors import BlockMissing, CorruptBlock, StorageFull, TooLarge
from indexer.ipfs.cid import Cid, Codec, Hash
from indexer.ipfs.nodes import LARGEST_BLOCK
from indexer.ipfs.store import BlockStore

TEA = Cid.of(b"tea", Codec.RAW)
WRITER = """
import sys
from pathlib import Path
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.store import BlockStore
store, number = BlockStore(Path(sys.argv[1])), 0
while True:
    block = number.to_bytes(4) * 65_536
    store.put(Cid.of(block, Codec.RAW), block)
    number += 1
    print(number, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> BlockStore:
    return BlockStore(tmp_path / "ipfs")


def file_of(store: BlockStore, cid: Cid) -> Path:
    return next(store.root.glob(f"blocks/*/{store.key(cid)}"))


def test_a_block_is_read_as_it_was_put_under_any_of_its_names(store: BlockStore) -> None:
    store.put(TEA, b"tea")
    store.put(TEA, b"tea")
    other = Cid(version=1, codec=Codec.DAG_PB, hash=TEA.hash, digest=TEA.digest)
    assert store.get(TEA) == store.get(other) == b"tea"
    assert [key for key, _ in store.keys()] == [store.key(TEA)]


def test_what_was_never_put_is_missing(store: BlockStore) -> None:
    assert not store.has(TEA)
    with pytest.raises(BlockMissing, match=str(TEA)):
        store.get(TEA)


def test_bytes_with_another_hash_are_not_kept(store: BlockStore) -> None:
    with pytest.raises(CorruptBlock):
        store.put(TEA, b"coffee")
    large = bytes(LARGEST_BLOCK + 1)
    with pytest.raises(TooLarge):
        store.put(Cid.of(large, Codec.RAW), large)
    assert list(store.keys()) == [] == list(store.unfinished())


@pytest.mark.parametrize("rotten", [b"", b"te", b"tea ", b"tez"])
def test_a_rotten_block_is_refused_and_can_be_had_anew(store: BlockStore, rotten: bytes) -> None:
    store.put(TEA, b"tea")
    file_of(store, TEA).write_bytes(rotten)
    with pytest.raises(CorruptBlock):
        store.get(TEA)
    assert not store.has(TEA)
    store.put(TEA, b"tea")
    assert store.get(TEA) == b"tea"


def test_an_identity_cid_needs_no_file(store: BlockStore) -> None:
    cid = Cid(version=1, codec=Codec.RAW, hash=Hash.IDENTITY, digest=b"tea")
    store.put(cid, b"tea")
    assert store.has(cid) and store.get(cid) == b"tea"
    assert list(store.keys()) == []


def test_a_full_disk_leaves_nothing_behind(
    store: BlockStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull, match="free some room"):
        store.put(TEA, b"tea")
    assert not store.has(TEA) and list(store.unfinished()) == []


def test_any_number_of_writers_may_put_the_same_blocks(tmp_path: Path) -> None:
    blocks = [random.Random(n).randbytes(50_000) for n in range(20)]

    def write(seed: int) -> None:
        store = BlockStore(tmp_path / "ipfs")
        for block in random.Random(seed).sample(blocks, 20):
            store.put(Cid.of(block, Codec.RAW), block)
            assert store.get(Cid.of(block, Codec.RAW)) == block

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    store = BlockStore(tmp_path / "ipfs")
    assert len(list(store.keys())) == 20
    assert list(store.unfinished()) == []


def test_a_writer_killed_at_any_moment_leaves_whole_blocks_only(tmp_path: Path) -> None:
    kept = 0
    for run in range(5):
        words = [sys.executable, "-c", WRITER, str(tmp_path / "ipfs" / str(run))]
        writer = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        for _ in range(3 + 7 * run):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        said = len(writer.communicate()[0].splitlines()) + 3 + 7 * run
        store = BlockStore(tmp_path / "ipfs" / str(run))
        assert len(list(store.keys())) >= said, "what was told to be kept is kept"
        for number in range(said):
            block = number.to_bytes(4) * 65_536
            assert store.get(Cid.of(block, Codec.RAW)) == block
        kept += said
    assert kept >= 5 * 17


def test_a_write_that_ends_before_its_rename_never_happened(
    store: BlockStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(_path: Path, _target: Path) -> None:
        raise Killed

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(Killed):
        store.put(TEA, b"tea")
    monkeypatch.undo()
    assert not store.has(TEA)
    store.put(TEA, b"tea")
    assert store.get(TEA) == b"tea"
    assert len(list(store.unfinished())) == 1, "the sweep takes it"
