"""A process whose keeper was killed: found again by what its command line says, and ended."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from indexer.dev.process import wait_until
from indexer.dev.state import State


def end(state: State, sign: Path | str, how: signal.Signals, grace: float = 30.0) -> None:
    """Ends the server that `state` names, if its command line bears the sign: its data folder."""
    pid = state.get("server", 0)
    for attempt in (how, signal.SIGKILL):
        if not runs_on(pid, sign):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, attempt)
        wait_until(lambda: not runs_on(pid, sign), seconds=grace)


def runs_on(pid: int, sign: Path | str) -> bool:
    """Whether that process lives and its command line bears the sign: numbers are used again."""
    return pid > 1 and str(sign) in command_line(pid)


def command_line(pid: int) -> str:
    """The process's arguments, separated by blanks; empty where it does not live."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        with suppress(FileNotFoundError, ProcessLookupError):
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    asked = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
