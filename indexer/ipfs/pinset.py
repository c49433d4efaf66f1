"""What is kept, by whom, and the sweep of everything else.

A pin is a folder named by its CID with an empty file for each holder, so pins are counted by what
is there: no two writers can miscount, and no crash can.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.errors import BlockMissing, CorruptBlock, NotACid, Unsupported
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.reading import Walk
from indexer.ipfs.store import BlockStore, sync

GRACE: Final = 3600.0
"""Seconds that a block stays after it was put: its pin may still be on its way."""
ANY_SIZE: Final = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed."""

    blocks: int
    size: int


class PinSet:
    """The pins of a store, under `pins/`."""

    def __init__(self, store: BlockStore) -> None:
        self.store = store
        self._root = store.root / "pins"

    def pin(self, cid: Cid, holder: str, *, most: int = ANY_SIZE) -> int:
        """Keeps all blocks below `cid` for `holder`; returns their bytes.

        Raises BlockMissing or CorruptBlock unless each is there and verified; then no pin is left.
        """
        fresh = holder not in self.holders(cid)
        self.hold(cid, holder)
        try:
            return self.verify(cid, most=most)
        except BaseException:
            if fresh:
                self.unpin(cid, holder)
            raise

    def hold(self, cid: Cid, holder: str) -> None:
        """Keeps what is below `cid` for `holder`, also what is still to come."""
        if not holder.isalnum():
            raise NotACid(f"{holder!r} cannot hold a pin: letters and digits only")
        with self.store.shared():
            folder = self._folder(cid)
            while True:
                folder.mkdir(parents=True, exist_ok=True)
                with suppress(FileNotFoundError):
                    (folder / holder).touch()
                    return sync(folder)

    def unpin(self, cid: Cid, holder: str) -> None:
        """Gives a pin up; without holders the content is swept one day."""
        folder = self._folder(cid)
        (folder / holder).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()

    def verify(self, cid: Cid, *, most: int = ANY_SIZE) -> int:
        """Reads and verifies every block below `cid`; returns their bytes."""
        course = Walk(root=cid, most=most)
        while (wanted := course.next()) is not None:
            self.store.refresh(wanted)
            course.take(self.store.get(wanted))
        return course.size

    def holders(self, cid: Cid) -> set[str]:
        """Who keeps it: as many as it has references."""
        try:
            return {entry.name for entry in self._folder(cid).iterdir()}
        except FileNotFoundError:
            return set()

    def all(self) -> Iterator[Cid]:
        """Every CID that somebody keeps."""
        for folder in self._root.glob("*"):
            cid = Cid.parse(folder.name)
            if self.holders(cid):
                yield cid

    def sweep(self, *, grace: float = GRACE) -> Swept:
        """Removes blocks below no pin that were put more than `grace` seconds ago.

        Marks while others write; only the removal keeps them out, and looks again at pins that are
        new by then. What a killed writer left behind goes as well.
        """
        before = time.time() - grace
        kept: set[str] = set()
        marked = self._mark(set(), kept)
        doomed = [key for key, at in self.store.keys() if at < before and key not in kept]
        with self.store.alone():
            self._mark(marked, kept)
            found = [self.store.delete(key, before=before) for key in doomed if key not in kept]
        self._sweep_unfinished(before)
        sizes = [size for size in found if size is not None]
        return Swept(blocks=len(sizes), size=sum(sizes))

    def _mark(self, marked: set[Cid], kept: set[str]) -> set[Cid]:
        """Adds the keys of what is below each pin that is not marked yet; returns all pins."""
        pins = set(self.all())
        for cid in pins - marked:
            kept.update(self._below(cid))
        return pins

    def _below(self, root: Cid) -> Iterator[str]:
        """The keys of the stored blocks below a root; nothing is known of what is not stored."""
        course = Walk(root=root, most=ANY_SIZE)
        while (cid := course.next()) is not None:
            yield self.store.key(cid)
            if cid.codec == Codec.RAW:
                course.drop()
                continue
            try:
                course.take(self.store.get(cid))
            except (BlockMissing, CorruptBlock, Unsupported):
                course.drop()

    def _sweep_unfinished(self, before: float) -> None:
        for path in self.store.unfinished():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _folder(self, cid: Cid) -> Path:
        return self._root / str(cid.v1)
