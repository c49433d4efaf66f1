"""`dchat replay`: the projections derived again from the stored facts, and put in place."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import indexer.db.models
import indexer.events
import indexer.projections
from indexer.db import schema, side
from indexer.db.side_notes import Notes
from indexer.errors import ConfigError, Overtaken, Retryable
from indexer.log import get_logger
from indexer.sync.late import AT_ONCE
from indexer.sync.patience import Patience
from indexer.sync.progress import Progress
from indexer.sync.shadow import Shadow
from indexer.sync.store import Store
from indexer.sync.takeover import refuse_attached, take_over
from indexer.sync.verdict import Verdict, verdict
from indexer.units import keccak

T = TypeVar("T")
log = get_logger(__name__)

FOLDERS: Final = (indexer.db.models, indexer.events, indexer.projections)
"""What decides how facts become rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Replay from block `first` up to `last` (None: the newest); `compare` with what is served,
    `swap` the outcome in; `fresh`: do not go on with what an earlier run has left.

    `fetch` fetches the events up to `last` into the side schema, which are replayed then.
    """

    first: int
    last: int | None = None
    compare: bool = False
    swap: bool = True
    fresh: bool = False
    fetch: Callable[[Shadow, int], None] | None = None


class Replay:
    """One run, on top of what an interrupted one has left."""

    def __init__(
        self, url: str, asked: Asked, progress: Progress, *, patience: float = 300.0
    ) -> None:
        self._url = url
        self._asked = asked
        self._progress = progress
        self._seconds = patience
        self._shadow = Shadow(url)

    def close(self) -> None:
        """Ends the connection; what was derived stays for another run, unless it was put in."""
        self._shadow.close()

    def run(self) -> Verdict | None:
        """Derives, compares and puts in place, as asked; the verdict, if one was asked for.

        Raises Busy, Fatal, or Retryable when patience ends. Interrupted anywhere, another run with
        the same first block goes on from there.
        """
        schema.check(self._url, patience=self._seconds)
        self._patiently(self._check)
        while True:
            try:
                return self._once()
            except Overtaken as error:
                log.warning("the replay starts over", cause=str(error))
                self._patiently(self._shadow.drop)

    def _once(self) -> Verdict | None:
        self._prepare()
        if self._asked.fetch is not None and self._asked.last is not None:
            self._asked.fetch(self._shadow, self._asked.last)
        self._derive()
        if self._asked.swap:
            self._index()
            self._derive()
        told = self._compare() if self._asked.compare else None
        if self._asked.swap:
            block = self._patiently(
                lambda: take_over(self._url, self._shadow, patience=self._seconds)
            )
            log.info("the replayed tables are served", block=block)
        elif told is not None and told.equal:
            self._patiently(self._shadow.drop)
        return told

    def _check(self) -> None:
        store = Store(self._url)
        try:
            at, origins = store.cursor(), store.origins()
        finally:
            store.close()
        if at is None:
            raise ConfigError("nothing is indexed yet: run `dchat index`")
        start = min(origin.start_block for origin in origins)
        self._asked = replace(self._asked, first=max(self._asked.first, start))
        if self._asked.first > at.block_number + 1:
            raise ConfigError(
                f"--from-block {self._asked.first}: the index stands at block {at.block_number}"
            )
        if self._asked.fetch is not None:
            last = min(self._asked.last or at.block_number, at.block_number)
            self._asked = replace(self._asked, last=last)
        if self._asked.swap:
            refuse_attached(self._url)
            if self._asked.last is not None and self._asked.last < at.block_number:
                raise ConfigError(
                    f"--to-block {self._asked.last}: the index stands at {at.block_number}, and its"
                    " projections can't end before its facts; compare there with --shadow, or go"
                    " back with `dchat rewind`"
                )

    def _prepare(self) -> None:
        left = self._patiently(self._shadow.begun)
        if left is not None and (cause := self._unfit(left)) is None:
            log.info("going on with an earlier replay", block=left.block_number)
            return
        if left is not None:
            log.warning("dropping what an earlier replay has left", cause=cause)
        first, fetching = self._asked.first, self._asked.fetch is not None
        self._patiently(lambda: self._shadow.begin(first, version(), fetching=fetching))

    def _unfit(self, left: Notes) -> str | None:
        """Why this run can't go on with what is left; None where it can."""
        if self._asked.fresh:
            return "--fresh"
        if left.version != version():
            return "it was made by another version of dchat"
        if left.first_block != self._asked.first:
            return f"it began at block {left.first_block}"
        if (left.fetched_block is not None) != (self._asked.fetch is not None):
            return "it took its facts from elsewhere"
        if self._asked.last is not None and left.block_number > self._asked.last:
            return f"it is at block {left.block_number} already"
        return None

    def _derive(self) -> None:
        """Follows the served index until there is nothing left to fold."""
        begun = False
        while True:
            step = self._patiently(lambda: self._shadow.step(self._asked.last))
            if not begun:
                self._progress.begin(step.goal - step.first + 1)
            begun = True
            if step.last >= step.first:
                self._progress.took(step.first, step.last, step.events, step.goal)
            if step.level:
                return

    def _index(self) -> None:
        """Builds the indexes that readers need; they cost least once the rows are in."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            tasks = [pool.submit(self._finish, name) for name in side.NAMES]
            try:
                for task in tasks:
                    task.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _finish(self, table: str) -> None:
        log.info("building indexes", table=table)
        self._patiently(lambda: self._shadow.finish(table))

    def _compare(self) -> Verdict:
        while (told := self._patiently(self._compared)) is None:
            pass
        return told

    def _compared(self) -> Verdict | None:
        """The verdict, in the transaction that brings the side schema level; None if it is not."""
        with self._shadow.transaction() as db:
            step = self._shadow.follow(db, self._asked.last)
            if not step.level:
                return None
            newest = step.last == step.served
            return verdict(db, self._shadow.live, step.last, newest=newest)

    def _patiently(self, do: Callable[[], T]) -> T:
        """What `do` returns; tried again, with growing pauses, while Postgres is away."""
        patience = Patience(self._seconds)
        while True:
            try:
                return do()
            except Overtaken:
                raise
            except Retryable as error:
                pause = patience.pause(error)
                log.warning("trying again", cause=str(error), pause=pause)
                time.sleep(pause)


@cache
def version() -> str:
    """Names the code that decodes and folds: rows that another code made are not gone on with."""
    files = sorted(file for folder in FOLDERS for file in Path(folder.__path__[0]).rglob("*.py"))
    return keccak(b"\0".join(file.read_bytes() for file in files)).hex()
