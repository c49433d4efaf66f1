"""What was measured of dchat and its peers, as a table and as a file."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.chain import HERE
from benchmarks.peers.run import Outcome
from benchmarks.run import Result

RESULTS: Final = HERE / "results"
DCHAT: Final = "dchat"
Run = TypeVar("Run", Result, Outcome)


class Report(msgspec.Struct, kw_only=True):
    """Every run that counts; `missing` says why others do not."""

    events: int
    dchat: list[Result]
    peers: list[Outcome]
    missing: dict[str, str]


class Line(NamedTuple):
    """The run of one of them whose speed is the median."""

    name: str
    seconds: float
    rate: float
    peak_mb: float
    cpu: float
    requests: float
    sent_mb: float
    database_mb: float
    load: float


def label(outcome: Outcome) -> str:
    """Its name, and what its cache held."""
    cache = {"none": "", "cold": ", cold cache", "warm": ", warm cache"}[outcome.cache]
    return f"{outcome.name} {outcome.version}{cache}"


def lines(report: Report) -> list[Line]:
    """One line for each, the fastest first."""
    return sorted(_lines(report), key=lambda line: -line.rate)


def _lines(report: Report) -> Iterator[Line]:
    if report.dchat:
        one = _middle(report.dchat)
        yield _line(DCHAT, one, one.cpu["indexer"])
    for name in dict.fromkeys(map(label, report.peers)):
        found = _middle([peer for peer in report.peers if label(peer) == name])
        yield _line(name, found, found.cpu["peer"])


def _line(name: str, one: Result | Outcome, cpu: float) -> Line:
    return Line(
        name=name,
        seconds=one.seconds,
        rate=one.events_per_second,
        peak_mb=one.peak_mb,
        cpu=cpu,
        requests=one.requests / one.events * 1e6,
        sent_mb=one.sent_mb,
        database_mb=one.database_mb,
        load=one.load,
    )


def _middle(runs: Sequence[Run]) -> Run:
    speed = statistics.median_low(one.events_per_second for one in runs)
    return next(one for one in runs if one.events_per_second == speed)


COLUMNS: Final[dict[str, Callable[[Line], str]]] = {
    "events/s": lambda line: f"{line.rate:,.0f}",
    "s": lambda line: f"{line.seconds:,.1f}",
    "processor, s": lambda line: f"{line.cpu:,.1f}",
    "peak MB": lambda line: f"{line.peak_mb:,.0f}",
    "requests per 1M events": lambda line: f"{line.requests:,.0f}",
    "down, MB": lambda line: f"{line.sent_mb:,.0f}",
    "disk, MB": lambda line: f"{line.database_mb:,.0f}",
    "load before": lambda line: f"{line.load:.1f}",
}


def show(report: Report, console: Console) -> None:
    """Prints one line for each, and how many times faster dchat is."""
    found = lines(report)
    ours = next((line.rate for line in found if line.name == DCHAT), None)
    table = Table(title="one chain, one node, one Postgres; median of all runs")
    table.add_column("indexer")
    for head in (*COLUMNS, "dchat is faster by"):
        table.add_column(head, justify="right")
    for line in found:
        faster = f"{ours / line.rate:.1f}" if ours and line.name != DCHAT else ""
        table.add_row(line.name, *(text(line) for text in COLUMNS.values()), faster)
    console.print(table)
    for name, reason in report.missing.items():
        console.print(f"not measured: {name}: {reason}", markup=False)


def save(report: Report) -> Path:
    """Writes the report; returns its file."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"peers-{time.strftime('%Y%m%dT%H%M%S')}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    return file
