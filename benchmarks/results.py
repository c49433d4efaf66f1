"""What was measured: printed, and kept as JSON in benchmarks/results."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from rich.console import Console

from benchmarks.chain import HERE
from benchmarks.program import Failed
from benchmarks.verify import Wrong

R = TypeVar("R", bound=msgspec.Struct)
RESULTS: Final = HERE / "results"


def told(kind: str, measure: Callable[[], R], show: Callable[[R, Console], None]) -> R:
    """What was measured, once it is printed and kept; ends the program where it does not count."""
    console = Console()
    try:
        result = measure()
    except (Failed, Wrong) as error:
        sys.exit(f"this run does not count: {error}")
    show(result, console)
    console.print(f"written to {save(kind, result).relative_to(HERE.parent)}")
    return result


def save(kind: str, result: msgspec.Struct) -> Path:
    """Writes a result; returns its file."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{kind}-{time.strftime('%Y%m%dT%H%M%S')}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2))
    return file
