"""What was measured: printed, and kept as JSON in benchmarks/results."""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec
from rich.console import Console

from benchmarks.chain import HERE
from benchmarks.program import Failed
from benchmarks.verify import Wrong


class Timed(Protocol):
    """A run that has a speed."""

    @property
    def events_per_second(self) -> float: ...


R = TypeVar("R", bound=msgspec.Struct)
Run = TypeVar("Run", bound=Timed)
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


def middle(runs: Sequence[Run]) -> Run:
    """The run whose speed is the median; of an even number the slower one in the middle."""
    speed = statistics.median_low(one.events_per_second for one in runs)
    return next(one for one in runs if one.events_per_second == speed)


def save(kind: str, result: msgspec.Struct) -> Path:
    """Writes a result; returns its file."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{kind}-{time.strftime('%Y%m%dT%H%M%S')}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2))
    return file
