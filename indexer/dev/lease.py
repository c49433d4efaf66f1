"""Sharing one embedded server among several commands.

Each user holds the file `users` as one of many. The first one starts a keeper, a process of its own
session that runs the server and waits to hold `users` alone: which it does when the last user has
gone, however it went. Then it stops the server and ends. `lock` orders coming and going; `alive` is
held by the keeper from birth to death.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.dev import state
from indexer.dev.home import Home
from indexer.dev.locks import Lock, held, is_held, opened
from indexer.dev.process import last_lines, open_log, wait_until
from indexer.errors import PartDied

START_SECONDS: Final = 300.0
"""A server may have much to recover after a crash."""
STOP_SECONDS: Final = 120.0
ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One server of one home: its files, and whether it runs."""

    home: Home
    name: str

    @property
    def lock(self) -> Path:
        return self.home.run(f"{self.name}.lock")

    @property
    def users(self) -> Path:
        return self.home.run(f"{self.name}.users")

    @property
    def alive(self) -> Path:
        return self.home.run(f"{self.name}.alive")

    @property
    def state(self) -> Path:
        return self.home.run(f"{self.name}.json")

    @property
    def log(self) -> Path:
        return self.home.log(self.name)

    def runs(self) -> bool:
        """Whether the keeper lives and its server takes connections."""
        return is_held(self.alive) and bool(state.read(self.state).get("ready"))

    @contextmanager
    def held(self) -> Iterator[int]:
        """The server's port; the server runs while anybody is inside."""
        with opened(self.users) as users:
            try:
                with held(self.lock):
                    users.shared()
                    port = self._attach() or self._start()
                yield port
            finally:
                self._leave(users)

    def _attach(self) -> int | None:
        """The port of the server that runs already; None where no keeper lives."""
        return self._await_port(start=0) if is_held(self.alive) else None

    def _start(self) -> int:
        before = state.read(self.state)
        state.write(self.state, {**before, "ready": False, "error": ""})
        start = self.log.stat().st_size if self.log.exists() else 0
        self._start_keeper()
        port = self._await_port(start=start)
        if port is None:
            raise self._failure(start)
        return port

    def _start_keeper(self) -> None:
        """Leaves behind a process that is nobody's child and holds `alive`."""
        with opened(self.alive) as alive, open_log(self.log) as log:
            alive.exclusive()
            subprocess.run(
                ["/bin/sh", "-c", '"$@" &', "sh", *self._keeper(alive)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=keeper_environment(),
                pass_fds=(alive.fd,),
                start_new_session=True,
                check=True,
            )

    def _keeper(self, alive: Lock) -> list[str]:
        words = [sys.executable, "-m", "indexer.dev.keeper"]
        return [*words, self.name, str(self.home.path), str(alive.fd)]

    def _await_port(self, *, start: int) -> int | None:
        """The port once the server is ready; None if its keeper ended before."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            lives = is_held(self.alive)
            found = state.read(self.state)
            if lives and found.get("ready"):
                return found["port"]
            if not lives:
                return None
            time.sleep(0.02)
        raise self._failure(start)

    def _failure(self, start: int) -> PartDied:
        reason = state.read(self.state).get("error") or " | ".join(last_lines(self.log, 3, start))
        return PartDied(f"embedded {self.name} did not start: {reason} (log: {self.log})")

    def _leave(self, users: Lock) -> None:
        """Lets go; the last one out waits until the server has stopped."""
        with held(self.lock):
            last = users.try_exclusive()
            users.close()
            if last:
                wait_until(lambda: not is_held(self.alive), seconds=STOP_SECONDS, pause=0.01)


def keeper_environment() -> dict[str, str]:
    """Our environment, in which this very package is found."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}
