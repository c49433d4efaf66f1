"""The process that runs one embedded server for as long as anybody holds its lease."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final, Protocol

from indexer.dev import orphan, state
from indexer.dev.home import Home
from indexer.dev.lease import START_SECONDS, STOP_SECONDS, Lease
from indexer.dev.locks import Lock
from indexer.dev.ports import free_port, is_free
from indexer.dev.postgres import PostgresServer
from indexer.dev.process import Identity, last_lines, spawn
from indexer.dev.redis import RedisServer
from indexer.errors import DchatError, PartDied

STARTS: Final = 10
START_PAUSE: Final = 0.5


class Server(Protocol):
    """What the keeper has to know of a server."""

    stop_signal: ClassVar[signal.Signals]

    def prepare(self) -> Identity:
        """Makes the data folder; who the server runs as."""

    def command(self, port: int) -> Sequence[str | Path]:
        """Its command line, which names its data folder."""

    def environment(self) -> dict[str, str]:
        """Its whole environment."""

    def data(self) -> Path:
        """Its data folder."""

    def ready(self, pid: int, port: int) -> bool:
        """Whether it takes connections."""


def server_of(name: str, home: Home) -> Server:
    """The server of that name."""
    return PostgresServer(home=home) if name == "postgres" else RedisServer(home=home)


class Keeper:
    """Runs the server of one lease, in the main thread."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.server = server_of(lease.name, lease.home)
        self.port = state.read(lease.state).get("port", 0)
        self.asked = threading.Event()
        self.ended = threading.Event()

    def run(self) -> int:
        """0 when the server was stopped because nobody needs it, 1 when it ended by itself."""
        orphan.end(state.read(self.lease.state), self.server.data(), self.server.stop_signal)
        process = self._start(self.server.prepare())
        signal.signal(signal.SIGTERM, lambda *_: self._stop(process))
        threading.Thread(target=self._await_users, args=(process,), daemon=True).start()
        self._note(process, ready=True)
        status = process.wait()
        self.ended.set()
        error = "" if self.asked.is_set() else f"it ended by itself with status {status}"
        with suppress(OSError):
            state.write(self.lease.state, {"port": self.port, "ready": False, "error": error})
        return 1 if error else 0

    def _start(self, identity: Identity) -> subprocess.Popen[bytes]:
        """The ready server; a port or data folder that is still in use is tried again."""
        for _ in range(STARTS):
            if not (self.port and is_free(self.port)):
                self.port = free_port()
            process = self._spawn(identity)
            if self._becomes_ready(process):
                return process
            self.ended.wait(START_PAUSE)
        last = " ".join(last_lines(self.lease.log, 2))
        raise PartDied(f"it ended with status {process.returncode}: {last}")

    def _spawn(self, identity: Identity) -> subprocess.Popen[bytes]:
        process = spawn(
            self.server.command(self.port),
            log=self.lease.log,
            env=self.server.environment(),
            identity=identity,
            death_signal=self.server.stop_signal,
        )
        self._note(process, ready=False)
        return process

    def _note(self, process: subprocess.Popen[bytes], *, ready: bool) -> None:
        state.write(self.lease.state, {"server": process.pid, "port": self.port, "ready": ready})

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        for _ in range(int(START_SECONDS / 0.02)):
            if process.poll() is not None:
                return False
            if self.server.ready(process.pid, self.port):
                return True
            self.ended.wait(0.02)
        process.kill()
        return False

    def _await_users(self, process: subprocess.Popen[bytes]) -> None:
        """Stops the server once no user is left; the hold ends with this process."""
        Lock(self.lease.users).exclusive()
        self._stop(process)
        if not self.ended.wait(STOP_SECONDS / 2):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        """Asks the server to end; that its folder may be gone by now is no reason not to."""
        self.asked.set()
        with suppress(OSError):
            self._note(process, ready=False)
        process.send_signal(self.server.stop_signal)


def main(argv: Sequence[str]) -> int:
    """The exit status. Takes the server's name, the home and the descriptor that holds `alive`."""
    name, home, alive = argv
    os.set_inheritable(int(alive), False)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    lease = Lease(home=Home(path=Path(home)), name=name)
    try:
        return Keeper(lease).run()
    except DchatError as error:
        state.write(lease.state, {**state.read(lease.state), "ready": False, "error": str(error)})
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
