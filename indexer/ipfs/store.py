"""Blocks on disk, each in a file that is named by its hash.

A block appears whole or not at all: it is written beside, flushed to the disk, then renamed. It is
verified whenever it is read. Any number of processes of one machine (or of a shared disk that
knows locks) may use one store.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from indexer.errors import BlockMissing, CorruptBlock, StorageFull
from indexer.ipfs import bases
from indexer.ipfs.cid import Cid, Hash
from indexer.ipfs.reading import check_size

NO_ROOM: Final = {28, 122}
"""ENOSPC and EDQUOT."""


class BlockStore:
    """`blocks/<two characters>/<multihash>`; two CIDs of one hash share a file.

    The folder is made by whoever writes first.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._blocks = root / "blocks"
        self._new = root / "new"

    def put(self, cid: Cid, block: bytes) -> None:
        """Keeps a block; what is kept already counts as new again for those who sweep.

        Raises CorruptBlock, TooLarge or StorageFull; then nothing was kept.
        """
        check_size(cid, block)
        cid.verify(block)
        if cid.hash == Hash.IDENTITY:
            return
        with self.shared():
            if not self._touch(cid):
                self._write(self._path(cid), block)

    def refresh(self, cid: Cid) -> bool:
        """Makes a block count as new for those who sweep; False where it is not stored."""
        with self.shared():
            return self._touch(cid)

    def get(self, cid: Cid) -> bytes:
        """The verified block. Raises BlockMissing, or CorruptBlock, which sets the file aside."""
        if cid.hash == Hash.IDENTITY:
            return cid.digest
        path = self._path(cid)
        try:
            block = path.read_bytes()
        except FileNotFoundError:
            raise BlockMissing(f"block {cid} is not stored here") from None
        try:
            cid.verify(block)
        except CorruptBlock:
            self._set_aside(path)
            raise
        return block

    def has(self, cid: Cid) -> bool:
        return cid.hash == Hash.IDENTITY or self._path(cid).exists()

    def delete(self, key: str, *, before: float) -> int | None:
        """Removes a block by its key if it was put before then (Unix seconds).

        Returns its bytes, or None where it stays or is gone already.
        """
        path = self._blocks / key[-3:-1] / key
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        if found.st_mtime >= before:
            return None
        path.unlink(missing_ok=True)
        return found.st_size

    def keys(self) -> Iterator[tuple[str, float]]:
        """The key of each block, and when it was last put (Unix seconds)."""
        for folder in self._blocks.glob("*"):
            for entry in os.scandir(folder):
                yield entry.name, entry.stat().st_mtime

    def unfinished(self) -> Iterator[Path]:
        """What writers have begun, or left behind when they were killed."""
        return self._new.glob("*")

    @staticmethod
    def key(cid: Cid) -> str:
        """What a block's file is called."""
        return bases.BASES["b"].encode(cid.multihash)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Keeps sweepers out."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps writers and sweepers out."""
        with self._locked(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        for folder in (self._blocks, self._new):
            folder.mkdir(parents=True, exist_ok=True)
        file = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, how)
            yield
        finally:
            os.close(file)

    def _touch(self, cid: Cid) -> bool:
        try:
            os.utime(self._path(cid))
        except FileNotFoundError:
            return False
        return True

    def _path(self, cid: Cid) -> Path:
        key = self.key(cid)
        return self._blocks / key[-3:-1] / key

    def _write(self, path: Path, block: bytes) -> None:
        unfinished = self._new / uuid4().hex
        try:
            _flushed(unfinished, block)
            if not path.parent.exists():
                path.parent.mkdir(exist_ok=True)
                sync(self._blocks)
            unfinished.replace(path)
            sync(path.parent)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            if error.errno in NO_ROOM:
                raise StorageFull(f"the disk of {self.root} is full: free some room") from error
            raise

    def _set_aside(self, path: Path) -> None:
        """Moves a rotten file away, so that the block can be had anew."""
        path.replace(self._new / f"corrupt-{path.name}-{uuid4().hex}")


def _flushed(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
