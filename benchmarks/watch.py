"""The indexer while it works: its memory, and how much of the chain is committed."""

import threading
import time
from types import TracebackType
from typing import Final, NamedTuple, Self

import psutil
import psycopg

MEMORY_EVERY: Final = 0.02
"""Seconds between two looks at the memory."""
EVENTS_EVERY: Final = 5
"""Looks at the memory between two looks at the cursor."""
COUNT: Final = "SELECT event_count FROM cursor"


class Sample(NamedTuple):
    """At `time` (wall clock) so many `events` were committed; `rss` in bytes, `cpu` in seconds."""

    time: float
    rss: int
    cpu: float
    events: int


class Watch:
    """Samples a process, without its children, from a thread until it ends or the context does."""

    def __init__(self, pid: int, database_url: str) -> None:
        self._process = psutil.Process(pid)
        self._url = database_url
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples: list[Sample] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as database:
            looks, events = 0, 0
            while not self._over.wait(MEMORY_EVERY):
                try:
                    with self._process.oneshot():
                        rss = self._process.memory_info().rss
                        cpu = sum(self._process.cpu_times()[:2])
                except psutil.Error:
                    return
                if looks % EVENTS_EVERY == 0:
                    events = sum(count for (count,) in database.execute(COUNT))
                looks += 1
                self.samples.append(Sample(time.time(), rss, cpu, events))

    def peak(self) -> int:
        """The most memory that was seen, in bytes."""
        return max((sample.rss for sample in self.samples), default=0)

    def cpu(self) -> float:
        """The seconds of processor time used, as far as was seen."""
        return max((sample.cpu for sample in self.samples), default=0.0)
