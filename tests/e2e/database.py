"""A Postgres that a test can break."""

import signal
import time
from contextlib import suppress
from subprocess import Popen

import psycopg

from indexer.dev.home import Home
from indexer.dev.ports import free_port
from indexer.dev.postgres import DATABASE, PostgresServer
from indexer.dev.process import spawn, stop


class Database:
    """One server on one port, without the keeper that would look after it."""

    def __init__(self, home: Home) -> None:
        self._server = PostgresServer(home=home)
        self._log = home.log("postgres")
        self._identity = self._server.prepare()
        self._port = free_port()
        self._process: Popen[bytes] | None = None
        password = (home.room("postgres") / "password").read_text()
        self.url = f"postgresql://postgres:{password}@127.0.0.1:{self._port}/{DATABASE}"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._process = spawn(
            self._server.command(self._port),
            log=self._log,
            env=self._server.environment(),
            identity=self._identity,
            death_signal=signal.SIGINT,
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline, self._log
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url).close()
            return True
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends connections and all; SIGQUIT is a crash."""
        if self._process is not None:
            stop(self._process, how=how)
            self._process = None
