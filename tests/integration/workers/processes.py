"""A Redis and workers as processes of their own, to be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis

from indexer.dev.redis import binary


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(slots=True)
class Broker:
    """A Redis that keeps nothing: killed, it has lost everything."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        words = [str(binary()), "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [*words, "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with redis.Redis.from_url(self.url) as server:
            for _ in range(200):
                with suppress(redis.ConnectionError):
                    if server.ping():
                        return
                time.sleep(0.05)
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Worker:
    """`dchat worker`: the process that relays, and those that work."""

    database_url: str
    redis_url: str
    log: Path
    lease: float = 5.0
    words: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["worker", "--database-url", self.database_url, "--redis-url", self.redis_url]
        more = ["--concurrency", "2", "--effects-lease", str(self.lease), *self.words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "indexer.cli", *words, *more, "--webhook-private", "true"],
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            )

    def children(self) -> list[psutil.Process]:
        """Those that do tasks."""
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def kill_child(self, place: int) -> None:
        """Kills one that does tasks; the relay goes on and a new one takes its place."""
        if children := self.children():
            with suppress(psutil.NoSuchProcess):
                children[place % len(children)].kill()

    def kill(self) -> None:
        """Kills the relay, and with it the consumer."""
        children = self.children()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.send_signal(signal.SIGKILL)
