"""How far a comparison has come: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from indexer.log import get_logger

log = get_logger(__name__)

EVERY: Final = 5.0
"""Seconds between two lines."""


class Telling:
    """Tells people on stderr; what it was all about is told by the report."""

    def __init__(self, *, bar: bool | None = None) -> None:
        terminal = sys.stderr.isatty() if bar is None else bar
        self._bar = _bar() if terminal else None
        self._task: TaskID | None = None
        self._what = ""
        self._done = self._asked = 0
        self._told = time.monotonic()

    def __enter__(self) -> "Telling":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, what: str, total: int | None) -> None:
        """Now it is about these; `total` of them, where that is known."""
        self._what, self._done = what, 0
        if self._bar is not None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(what, total=total, info="")

    def took(self, done: int, asked: int = 0) -> None:
        """So many more are done, with so many questions to the node."""
        self._done, self._asked = self._done + done, self._asked + asked
        if self._bar is not None and self._task is not None:
            info = f"{self._asked:,} questions"
            self._bar.update(self._task, advance=done, info=info)
        elif time.monotonic() - self._told > EVERY:
            self._told = time.monotonic()
            log.info("verifying", what=self._what, done=self._done, questions=self._asked)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[info]}"),
        console=Console(stderr=True),
        transient=True,
    )
