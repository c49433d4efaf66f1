"""What is known of one embedded server, in a small file under the home."""

import json
import os
from pathlib import Path
from typing import TypedDict, cast


class State(TypedDict, total=False):
    """`server` is a process id; `port` outlives it; `error` says why it did not start."""

    server: int
    port: int
    ready: bool
    error: str


def read(path: Path) -> State:
    """The state; empty where the file is missing or unreadable."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return State()
    return cast(State, found) if isinstance(found, dict) else State()


def write(path: Path, state: State) -> None:
    """Replaces the file as a whole: a reader sees the old or the new one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(state))
    fresh.replace(path)
