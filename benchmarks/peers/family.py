"""A process and all that it started: their memory, their processor time, their end."""

import subprocess
from typing import Final

import psutil

PATIENCE: Final = 10
"""Seconds that a process has to end when it is asked to."""


class Family:
    """A process of ours with its children. `peak` in bytes, `cpu` in seconds."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._parent = psutil.Process(process.pid)
        self._spent: dict[int, float] = {}
        self.peak = 0

    @property
    def cpu(self) -> float:
        """What all of them used, those included that have ended."""
        return sum(self._spent.values())

    def look(self) -> int | None:
        """Takes memory and processor time; the exit code where the process has ended."""
        size = 0
        for member in self._members():
            try:
                size += member.memory_info().rss
                self._spent[member.pid] = sum(member.cpu_times()[:2])
            except psutil.Error:
                continue
        self.peak = max(self.peak, size)
        return self._process.poll()

    def end(self) -> None:
        """Ends all of them, the stubborn ones by force."""
        members = self._members()
        for member in members:
            _quietly(member.terminate)
        _, stubborn = psutil.wait_procs(members, timeout=PATIENCE)
        for member in stubborn:
            _quietly(member.kill)
        self._process.wait()

    def _members(self) -> list[psutil.Process]:
        try:
            return [self._parent, *self._parent.children(recursive=True)]
        except psutil.Error:
            return []


def _quietly(act: object) -> None:
    assert callable(act)
    try:
        act()
    except psutil.Error:
        pass
