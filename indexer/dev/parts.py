"""The parts of `dchat up`: started, watched, and ended in order."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Final
from urllib.parse import urlsplit

from indexer.dev import orphan
from indexer.dev.home import Home
from indexer.dev.lease import Lease
from indexer.dev.process import last_lines, reap, spawn, stop
from indexer.errors import PartDied

PROGRAM: Final = [sys.executable, "-m", "indexer.cli"]
GRACE: Final = 15.0
"""Seconds that a part may take to end before it is killed."""
LINES: Final = 12


@dataclass(slots=True, kw_only=True)
class Part:
    """One line of the screen. `state` is a word; `where` an address or a log."""

    name: str
    state: str = "waiting"
    where: str = ""
    log: Path | None = None
    begun: int = 0
    """Where this run begins in the log."""
    process: Popen[bytes] | None = None
    lease: Lease | None = None
    entered: "asyncio.Task[str] | None" = None
    context: AbstractContextManager[str] | None = None

    def last_lines(self) -> list[str]:
        """What it said last."""
        return last_lines(self.log, LINES, self.begun) if self.log else []

    def failure(self) -> PartDied | None:
        """Why it is not running, if it should be."""
        if self.process is not None and (status := self.process.poll()) is not None:
            return self.died(f"ended with {_named(status)}")
        if self.lease is not None and self.state == "ready" and not self.lease.runs():
            return self.died("ended")
        return None

    def died(self, how: str) -> PartDied:
        """One sentence with the last thing that the part said."""
        last = self.last_lines()[-1:] or ["it said nothing"]
        return PartDied(f"{self.name} {how}: {last[0].strip()} (log: {self.log})")


@dataclass(slots=True, kw_only=True)
class Parts:
    """All of them, by name, in the order in which they are shown; they end in the reverse one."""

    home: Home
    all: dict[str, Part] = field(default_factory=dict)
    failed: Part | None = None

    def plan(self, *names: str) -> None:
        """Names the parts before any of them runs."""
        for name in names:
            self.all[name] = Part(name=name)

    def give(self, name: str, *urls: str) -> None:
        """Says that a part comes from elsewhere; of an address only its host is shown."""
        self.all[name].state = "given"
        self.all[name].where = ", ".join(urlsplit(url).hostname or url for url in urls)

    async def serve(self, name: str, context: AbstractContextManager[str]) -> str:
        """Enters an embedded server's context, in a thread; its URL."""
        part = self.all[name]
        part.state, part.log = "starting", self.home.log(name)
        part.context = context
        part.entered = asyncio.create_task(asyncio.to_thread(context.__enter__))
        url = await asyncio.shield(part.entered)
        part.lease = Lease(home=self.home, name=name)
        part.state, part.where = "ready", _without_password(url)
        return url

    def adopt(self, name: str, process: Popen[bytes], where: str = "") -> Part:
        """Takes a started child among the parts."""
        part = self.all[name]
        part.process, part.state, part.log = process, "running", self.home.log(name)
        part.where = where or str(part.log)
        self._note()
        return part

    def command(self, name: str, verb: str, env: Mapping[str, str], where: str = "") -> Part:
        """Runs `dchat <verb>`, or a verb with its flags, as a part."""
        log = self.home.log(name)
        self.all[name].begun = log.stat().st_size if log.exists() else 0
        process = spawn([*PROGRAM, *verb.split()], log=log, env=env, cwd=Path.cwd())
        return self.adopt(name, process, where)

    async def finished(self, part: Part) -> None:
        """Waits for a part that has an end; raises PartDied if it ended badly."""
        assert part.process is not None
        while (status := part.process.poll()) is None:
            await asyncio.sleep(0.05)
        if status != 0:
            self.failed = part
            raise part.died(f"ended with {_named(status)}")
        part.process, part.state = None, "done"

    async def watch(self) -> None:
        """Raises PartDied as soon as a part has ended that should run."""
        while True:
            for part in self.all.values():
                if failure := part.failure():
                    self.failed = part
                    raise failure
            await asyncio.sleep(0.2)

    async def end(self, before: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        """Ends all parts, last started first; `before` holds what is done before one ends."""
        for name, part in reversed(self.all.items()):
            if part.process is not None and part.process.poll() is None and name in before:
                await before[name]()
            if part.state in ("ready", "running", "starting"):
                part.state = "ending"
            await _end(part)
        self.home.run("parts.json").unlink(missing_ok=True)

    def _note(self) -> None:
        """Writes down who runs, for the next start after a crash."""
        running = {p.process.pid: p.name for p in self.all.values() if p.process is not None}
        self.home.run("parts.json").write_text(json.dumps(running))


async def _end(part: Part) -> None:
    if part.process is not None:
        if part.process.poll() is None:
            await asyncio.to_thread(stop, part.process, grace=GRACE)
        else:
            await asyncio.to_thread(reap, part.process, grace=0)
    if part.entered is not None and part.context is not None:
        await asyncio.wait([part.entered])
        if not part.entered.cancelled() and part.entered.exception() is None:
            await asyncio.to_thread(part.context.__exit__, None, None, None)
    if part.state == "ending":
        part.state = "ended"


def sweep(home: Home) -> None:
    """Ends parts of an earlier `dchat up` that was killed, where the system did not do it."""
    file = home.run("parts.json")
    try:
        found = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return
    for pid, name in found.items():
        sign = str(home.room("chain")) if name == "chain" else PROGRAM[-1]
        orphan.end({"server": int(pid)}, sign, signal.SIGTERM)
    file.unlink(missing_ok=True)


async def until(ready: Callable[[], Awaitable[bool]], part: Part, *, seconds: float) -> None:
    """Waits for it; raises PartDied if the part ends before, or takes longer."""
    deadline = time.monotonic() + seconds
    while not await ready():
        if failure := part.failure():
            raise failure
        if time.monotonic() > deadline:
            raise part.died(f"was not ready within {seconds:.0f} s")
        await asyncio.sleep(0.05)
    part.state = "ready"


def _named(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
