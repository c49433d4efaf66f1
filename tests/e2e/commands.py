"""`dchat` as a process of its own, and whoever it starts."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import psutil

from indexer.dev.lease import keeper_environment

PROGRAM: Final = (sys.executable, "-m", "indexer.cli")


def eventually(condition: Callable[[], bool], seconds: float = 60, pause: float = 0.05) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(pause)
    return condition()


def environment(**settings: object) -> dict[str, str]:
    """Ours without any DCHAT_ setting but these; None leaves one out."""
    kept = {k: v for k, v in keeper_environment().items() if not k.startswith("DCHAT_")}
    given = {k.upper(): str(v) for k, v in settings.items() if v is not None}
    return {**kept, **{f"DCHAT_{name}": value for name, value in given.items()}}


def dchat(
    *words: str, env: Mapping[str, str], cwd: Path, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """What a command came to that ends by itself."""
    return subprocess.run(
        [*PROGRAM, *words],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def family(home: Path) -> list[psutil.Process]:
    """Every process that was started for this home: children, keepers and their servers."""
    return [process for process in psutil.process_iter() if _is_of(process, home)]


def _is_of(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("DCHAT_HOME") == str(home) and process.is_running()
    except psutil.Error:
        return False


def running(home: Path, verb: str) -> list[psutil.Process]:
    """The processes of `dchat <verb>` among them; others may come and go meanwhile."""
    return [process for process in family(home) if _words(process)[-1:] == [verb]]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
