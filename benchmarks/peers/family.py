"""A process and all that it started: their memory, their processor time, their end."""

import subprocess
from contextlib import suppress
from typing import Final

import psutil

PATIENCE: Final = 10
"""Seconds that a process has to end when it is asked to."""
CENSUS_EVERY: Final = 10
"""Looks between two searches for new children: all processes of the machine are read for it, on
the processors that the peer works on."""


class Family:
    """A process of ours with its children. `peak` in bytes, `cpu` in seconds."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._parent = psutil.Process(process.pid)
        self._spent: dict[int, float] = {}
        self._seen: dict[int, psutil.Process] = {process.pid: self._parent}
        self._looks = 0
        self.peak = 0

    @property
    def cpu(self) -> float:
        """What all of them used, those included that have ended."""
        return sum(self._spent.values())

    def look(self) -> int | None:
        """Takes memory and processor time; the exit code where the process has ended."""
        size = 0
        if self._looks % CENSUS_EVERY == 0:
            self._census()
        self._looks += 1
        for member in self._seen.values():
            with suppress(psutil.Error):
                size += member.memory_info().rss
                self._spent[member.pid] = sum(member.cpu_times()[:2])
        self.peak = max(self.peak, size)
        return self._process.poll()

    def end(self) -> None:
        """Ends all of them, the stubborn ones by force, and those whose parent has ended."""
        self._census()
        members = list(self._seen.values())
        for member in members:
            with suppress(psutil.Error):
                member.terminate()
        _, stubborn = psutil.wait_procs(members, timeout=PATIENCE)
        for member in stubborn:
            with suppress(psutil.Error):
                member.kill()
        self._process.wait()

    def _census(self) -> None:
        """Gets to know new children: those of all members where the first of them has ended."""
        known = list(self._seen.values())
        for member in [self._parent] if self._parent.is_running() else known:
            with suppress(psutil.Error):
                for child in member.children(recursive=True):
                    self._seen.setdefault(child.pid, child)
