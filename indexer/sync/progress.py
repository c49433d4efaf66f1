"""How far, how fast, how long still: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections import deque
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from indexer.chain.head import Heads
from indexer.db.cursor import SLACK, Cursor
from indexer.log import get_logger
from indexer.sync.batch import Batch

log = get_logger(__name__)

EVERY: Final = 5.0
"""Seconds between two lines."""
MEMORY: Final = 30.0
"""Seconds over which rates are averaged."""


class Rates:
    """Blocks and events a second over the last half minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int, int]] = deque()
        self._began = time.monotonic()

    def add(self, blocks: int, events: int) -> None:
        now = time.monotonic()
        self._seen.append((now, blocks, events))
        while self._seen[0][0] < now - MEMORY:
            self._seen.popleft()

    def now(self) -> tuple[float, float]:
        """(blocks, events) a second."""
        span = max(0.1, min(MEMORY, time.monotonic() - self._began))
        blocks = sum(blocks for _, blocks, _ in self._seen)
        return blocks / span, sum(events for _, _, events in self._seen) / span


class Progress:
    """Tells people; `to_block` is where the index is to stop, if anywhere."""

    def __init__(
        self, to_block: int | None = None, *, bar: bool | None = None, doing: str = "indexing"
    ) -> None:
        self._to_block = to_block
        self._doing = doing
        self._rates = Rates()
        self._told = 0.0
        self._live = False
        self._lagging: int | None = None
        terminal = sys.stderr.isatty() if bar is None else bar
        self._bar = _bar() if terminal else None
        self._task: TaskID | None = None
        self._events = 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def at(self, cursor: Cursor, heads: Heads) -> None:
        """The index stands at `cursor`."""
        self._events = cursor.event_count
        behind = self._target(heads) - cursor.block_number
        if behind <= 0:
            self._arrive(cursor.block_number, heads)
        elif behind > SLACK:
            self._live = False
            self.begin(behind)

    def begin(self, blocks: int) -> None:
        """So many blocks lie ahead."""
        if self._bar is not None and self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(self._doing, total=blocks, info="")

    def wrote(self, batch: Batch, heads: Heads) -> None:
        """`batch` is in the index."""
        self.took(batch.first, batch.last.number, len(batch.events), heads.latest)

    def took(self, first: int, last: int, events: int, head: int) -> None:
        """The blocks `first` to `last` are done, with so many events."""
        blocks = last - first + 1
        self._rates.add(blocks, events)
        self._events += events
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=blocks, info=self._line(last))
        elif time.monotonic() - self._told > EVERY and not self._live:
            self._say(last, head)

    def behind(self, block: int, heads: Heads) -> None:
        """The node's head is below the index."""
        if self._lagging != heads.latest:
            self._lagging = heads.latest
            log.warning("the node is behind the index: waiting", head=heads.latest, block=block)

    def _target(self, heads: Heads) -> int:
        return self._goal(heads.latest)

    def _goal(self, head: int) -> int:
        return head if self._to_block is None else min(head, self._to_block)

    def _arrive(self, block: int, heads: Heads) -> None:
        if not self._live:
            self._close()
            log.info("up to date", block=block, head=heads.latest, events=self._events)
        self._live = True

    def _say(self, block: int, head: int) -> None:
        self._told = time.monotonic()
        blocks, events = self._rates.now()
        left = self._goal(head) - block
        log.info(
            self._doing,
            block=block,
            head=head,
            events=self._events,
            blocks_per_second=round(blocks, 1),
            events_per_second=round(events, 1),
            seconds_left=round(left / blocks) if blocks else None,
        )

    def _line(self, block: int) -> str:
        blocks, events = self._rates.now()
        return f"block {block:,}  {blocks:,.0f} blocks/s  {events:,.0f} events/s"

    def _close(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.stop()
            self._bar, self._task = _bar(), None


def _bar() -> Bar:
    return Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>5.1f} %  {task.fields[info]} "),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
