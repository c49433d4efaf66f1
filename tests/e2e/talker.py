"""Node programs that chat: lines to them, and what they tell."""

import json
import subprocess
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

from indexer.settings import Settings
from indexer.units import address
from tests.e2e.stack import Stack
from tests.integration.accounts.wallets import token_of

ROOT: Final = Path(__file__).parents[2]
NODE: Final = ROOT / ".venv/bin/node"


def token_for(stack: Stack, who: str) -> str:
    """An access token of somebody."""
    settings = Settings(database_url=stack.database_url, home=stack.home.path)
    return token_of(settings, address(who))


class Talker:
    """A Node program that reads lines, and prints objects; what it told is kept by kind."""

    def __init__(self, script: str, *words: str) -> None:
        self._process = subprocess.Popen(
            [str(NODE), str(ROOT / "tests" / script), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._told: dict[str, Queue[Any]] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def queue(self, kind: str) -> "Queue[Any]":
        return self._told.setdefault(kind, Queue())

    def _read(self) -> None:
        for line in self._process.stdout or ():
            for kind, value in json.loads(line).items():
                self.queue(kind).put(value)

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def next(self, kind: str) -> Any:
        """The next thing that it told of this kind."""
        try:
            return self.queue(kind).get(timeout=60)
        except Empty:
            raise AssertionError(
                (kind, {k: list(q.queue) for k, q in self._told.items()})
            ) from None

    def close(self) -> None:
        self._process.kill()
        self._process.wait(timeout=30)
        self._reader.join(timeout=30)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
