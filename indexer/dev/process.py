"""Child processes that never outlive us: a session of their own, ended as a group."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from indexer.errors import MissingTool

PR_SET_PDEATHSIG: Final = 1
LOG_LIMIT: Final = 16 << 20
"""Bytes; a longer log is put aside as <name>.log.1 at the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who runs a program: a numeric user, or a command that changes the user; both unset: we."""

    uid: int | None = None
    prefix: tuple[str, ...] = ()


OURSELVES: Final = Identity()


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path = Path("/"),
    identity: Identity = OURSELVES,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """The started child, its output appended to `log`. On Linux it gets `death_signal` when the
    thread that called us ends, however it ends: so call it from the main thread."""
    with open_log(log) as output:
        try:
            return subprocess.Popen(
                [*identity.prefix, *map(str, argv)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_die_with_parent(death_signal),
                user=identity.uid,
                group=identity.uid,
                extra_groups=None if identity.uid is None else [],
            )
        except FileNotFoundError as error:
            raise MissingTool(f"{error.filename} is not there; run `make setup`") from None


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def stop(
    process: subprocess.Popen[bytes],
    *,
    how: signal.Signals = signal.SIGTERM,
    grace: float = 10.0,
) -> int:
    """The exit status once the group has ended: asked first, killed after `grace` seconds."""
    ask(process, how)
    return reap(process, grace=grace)


def ask(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """Sends the signal to the group of a child that still runs."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, how)


def reap(process: subprocess.Popen[bytes], *, grace: float) -> int:
    """The exit status; what is left of the group after `grace` seconds is killed."""
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        pass
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def open_log(path: Path) -> BinaryIO:
    """An append-only log file for a child; a long one is put aside first."""
    with suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def last_lines(path: Path, count: int = 12, since: int = 0) -> list[str]:
    """The last non-empty lines of a log, of what was written after byte `since`."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(since if since <= size else 0, size - (64 << 10)))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.02) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
