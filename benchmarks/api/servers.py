"""The servers that are compared, each as its documentation has it for production."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

from benchmarks.chain import HERE
from benchmarks.peers.install import INSTALL
from benchmarks.program import Failed
from indexer.dev.ports import free_port

POSTGRAPHILE: Final = HERE / "api" / "postgraphile"
WORKSHOP: Final = HERE / ".api" / "postgraphile"
PATIENCE: Final = 60.0


class Unavailable(Failed):
    """The server cannot be run here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers at `url`."""

    name: str
    url: str
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of processor time, children included."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)

    def ask(self, body: str) -> Any:
        """The data of one answer."""
        request = urllib.request.Request(
            self.url, body.encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            told = msgspec.json.decode(answer.read())
        if "errors" in told:
            raise Unavailable(f"{self.name}: {told['errors']}")
        return told["data"]


@contextmanager
def dchat(database_url: str, home: Path) -> Iterator[Running]:
    """`dchat serve`, with no limit of requests: one client makes them all."""
    port = free_port()
    settings = {
        "DCHAT_DATABASE_URL": database_url,
        "DCHAT_HOME": str(home),
        "DCHAT_PORT": str(port),
        "DCHAT_RATE_LIMIT": "0",
        "DCHAT_MAX_SUBSCRIPTIONS": "100000",
    }
    command = [sys.executable, "-m", "indexer.cli", "serve"]
    with _running("dchat", command, settings, home, f"http://127.0.0.1:{port}/graphql") as server:
        yield server


@contextmanager
def postgraphile(database_url: str) -> Iterator[Running]:
    """PostGraphile from its lock, on the Node of `make setup`."""
    _install()
    port = free_port()
    settings = {
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }
    command, url = [str(_node()), "server.js"], f"http://127.0.0.1:{port}/graphql"
    with _running("PostGraphile", command, settings, WORKSHOP, url) as server:
        yield server


def _node() -> Path:
    return Path(sys.executable).with_name("node")


def _install() -> None:
    shutil.copytree(POSTGRAPHILE, WORKSHOP, dirs_exist_ok=True)
    wanted = (POSTGRAPHILE / "package-lock.json").read_bytes()
    stamp = WORKSHOP / "node_modules" / ".locked"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    told = os.environ | {"PATH": f"{_node().parent}:{os.environ.get('PATH', '')}"}
    done = subprocess.run(INSTALL, cwd=WORKSHOP, env=told, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(f"PostGraphile: {' '.join(INSTALL)}: {done.stderr[-1000:]}")
    stamp.write_bytes(wanted)


@contextmanager
def _running(
    name: str, command: Sequence[str], settings: Mapping[str, str], folder: Path, url: str
) -> Iterator[Running]:
    log = folder / f"{name.lower()}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | settings, stdout=out, stderr=out
        )
        try:
            made = Running(name=name, url=url, process=psutil.Process(process.pid))
            _await(made, process, log)
            yield made
        finally:
            process.terminate()
            process.wait(30)


def _await(server: Running, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.ask('{"query": "{ __typename }"}')
            return
        except OSError:
            time.sleep(0.1)
    raise Unavailable(f"{server.name} does not answer: {log.read_text()[-2000:]}")
