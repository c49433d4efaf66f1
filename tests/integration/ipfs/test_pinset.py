"""What somebody keeps stays whole; what nobody keeps goes, but not at once."""

import io
import os
import random
import threading
import time
from pathlib import Path

import pytest

from indexer.errors import BlockMissing, CorruptBlock, NotACid, TooLarge
from indexer.ipfs.building import CHUNK, build
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.pinset import PinSet
from indexer.ipfs.reading import read, walk
from indexer.ipfs.store import BlockStore

HOUR = 3600
MOST = 1 << 30


@pytest.fixture
def pins(tmp_path: Path) -> PinSet:
    return PinSet(BlockStore(tmp_path / "ipfs"))


def add(pins: PinSet, seed: int, size: int = 3 * CHUNK) -> Cid:
    """The root of a random file."""
    data = random.Random(seed).randbytes(size)
    return build(io.BytesIO(data), pins.store.put).cid


def age(pins: PinSet, seconds: float) -> None:
    """Makes all that is stored so much older."""
    for path in [*pins.store.root.glob("blocks/*/*"), *pins.store.unfinished()]:
        at = path.stat().st_mtime - seconds
        os.utime(path, (at, at))


def whole(pins: PinSet, root: Cid) -> bool:
    try:
        return len(b"".join(read(root, pins.store.get))) > 0
    except BlockMissing:
        return False


def test_a_pin_keeps_every_block_as_long_as_it_has_a_holder(pins: PinSet) -> None:
    kept, lost = add(pins, 1), add(pins, 2)
    assert pins.pin(kept, "index") == 3 * CHUNK + len(pins.store.get(kept))
    pins.pin(kept, "hand")
    age(pins, 2 * HOUR)
    swept = pins.sweep()
    assert (swept.blocks, whole(pins, kept), whole(pins, lost)) == (4, True, False)
    pins.unpin(kept, "index")
    assert pins.holders(kept) == {"hand"}
    assert pins.sweep().blocks == 0
    pins.unpin(kept, "hand")
    assert list(pins.all()) == []
    assert pins.sweep().blocks == 4


def test_blocks_that_two_pins_share_outlive_one_of_them(pins: PinSet) -> None:
    data = random.Random(3).randbytes(3 * CHUNK)
    one = build(io.BytesIO(data), pins.store.put).cid
    two = build(io.BytesIO(data + b"more"), pins.store.put).cid
    pins.pin(one, "index")
    pins.pin(two, "index")
    pins.unpin(one, "index")
    age(pins, 2 * HOUR)
    assert pins.sweep().blocks == 1, "the root of the other"
    assert whole(pins, two)


def test_young_blocks_are_spared_and_putting_them_again_makes_them_young(pins: PinSet) -> None:
    root = add(pins, 4)
    assert pins.sweep().blocks == 0
    age(pins, 2 * HOUR)
    add(pins, 4)
    assert pins.sweep().blocks == 0
    assert pins.sweep(grace=-1).blocks == 4
    assert not whole(pins, root)


def test_what_is_not_all_there_is_not_pinned(pins: PinSet) -> None:
    root = add(pins, 5)
    leaf = list(walk(root, pins.store.get, most=MOST))[-1][0]
    pins.store.delete(pins.store.key(leaf), before=time.time() + 1)
    with pytest.raises(BlockMissing):
        pins.pin(root, "index")
    with pytest.raises(TooLarge):
        pins.pin(root, "index", most=1000)
    assert pins.holders(root) == set()


def test_a_pin_that_was_there_survives_a_failed_verification(pins: PinSet) -> None:
    root = add(pins, 6)
    pins.pin(root, "index")
    leaf = list(walk(root, pins.store.get, most=MOST))[-1][0]
    next(pins.store.root.glob(f"blocks/*/{pins.store.key(leaf)}")).write_bytes(b"rotten")
    with pytest.raises(CorruptBlock):
        pins.pin(root, "index")
    assert pins.holders(root) == {"index"}


def test_a_pin_of_an_incomplete_tree_keeps_what_there_is(pins: PinSet) -> None:
    root = add(pins, 7)
    pins.pin(root, "index")
    leaf = list(walk(root, pins.store.get, most=MOST))[-1][0]
    pins.store.delete(pins.store.key(leaf), before=time.time() + 1)
    age(pins, 2 * HOUR)
    assert pins.sweep().blocks == 0


def test_leftovers_of_killed_writers_go(pins: PinSet) -> None:
    add(pins, 8)
    (pins.store.root / "new" / "torn").write_bytes(b"t")
    pins.sweep()
    assert len(list(pins.store.unfinished())) == 1
    age(pins, 2 * HOUR)
    pins.sweep()
    assert list(pins.store.unfinished()) == []


def test_a_holder_is_a_word(pins: PinSet) -> None:
    for holder in ("", "..", "a/b"):
        with pytest.raises(NotACid, match="cannot hold a pin"):
            pins.pin(Cid.of(b"", Codec.RAW), holder)


def test_no_sweep_takes_what_is_being_put_and_pinned(pins: PinSet) -> None:
    """Old garbage is swept while writers put and pin the very same blocks."""
    done = threading.Event()
    failures: list[BaseException] = []
    roots = [add(pins, seed, CHUNK + 1) for seed in range(8)]
    age(pins, 2 * HOUR)

    def sweep() -> None:
        while not done.is_set():
            pins.sweep()

    def write(order: int) -> None:
        try:
            for seed in sorted(range(8), reverse=bool(order)):
                root = add(pins, seed, CHUNK + 1)
                pins.pin(root, f"writer{order}")
                assert whole(pins, root)
        except BaseException as error:
            failures.append(error)

    sweeper = threading.Thread(target=sweep)
    writers = [threading.Thread(target=write, args=[order]) for order in (0, 1)]
    for thread in (sweeper, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    sweeper.join()
    assert failures == []
    age(pins, 2 * HOUR)
    assert pins.sweep().blocks == 0
    assert all(whole(pins, root) for root in roots)
