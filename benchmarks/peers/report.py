"""What was measured of dchat and its peers, as a table and as a file."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.peers.run import Outcome
from benchmarks.results import middle
from benchmarks.run import Result

DCHAT: Final = "dchat"


class Report(msgspec.Struct, kw_only=True):
    """Every run that counts; `missing` says why others do not."""

    events: int
    dchat: list[Result]
    peers: list[Outcome]
    missing: dict[str, str]


class Line(NamedTuple):
    """The run of one of them whose speed is the median, the lower one of an even number."""

    name: str
    seconds: float
    rate: float
    peak_mb: float
    cpu: float
    node_cpu: float
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
        one = middle(report.dchat)
        yield _line(DCHAT, one, one.cpu["indexer"])
    for name in dict.fromkeys(map(label, report.peers)):
        found = middle([peer for peer in report.peers if label(peer) == name])
        yield _line(name, found, found.cpu["peer"])


def _line(name: str, one: Result | Outcome, cpu: float) -> Line:
    return Line(
        name=name,
        seconds=one.seconds,
        rate=one.events_per_second,
        peak_mb=one.peak_mb,
        cpu=cpu,
        node_cpu=one.cpu["node"],
        requests=one.requests / one.events * 1e6,
        sent_mb=one.sent_mb,
        database_mb=one.database_mb,
        load=one.load,
    )


ROWS: Final[dict[str, Callable[[Line], str]]] = {
    "events/s": lambda line: f"{line.rate:,.0f}",
    "s": lambda line: f"{line.seconds:,.1f}",
    "own processor time, s": lambda line: f"{line.cpu:,.1f}",
    "the node's, s": lambda line: f"{line.node_cpu:,.1f}",
    "peak memory, MB": lambda line: f"{line.peak_mb:,.0f}",
    "requests per 1,000,000 events": lambda line: f"{line.requests:,.0f}",
    "downloaded, MB": lambda line: f"{line.sent_mb:,.0f}",
    "database, MB": lambda line: f"{line.database_mb:,.0f}",
    "load before": lambda line: f"{line.load:.1f}",
}


def show(report: Report, console: Console) -> None:
    """Prints one column for each, and how many times faster dchat is."""
    found = lines(report)
    ours = next((line.rate for line in found if line.name == DCHAT), None)
    table = Table(title=f"{report.events:,} events, the run in the middle of each")
    for head in ("", *(line.name for line in found)):
        table.add_column(head, justify="right" if head else "left")
    for name, text in ROWS.items():
        table.add_row(name, *map(text, found))
    others = ("" if line.name == DCHAT or not ours else f"{ours / line.rate:.1f}" for line in found)
    table.add_row("dchat is faster by", *others)
    console.print(table)
    for one in report.dchat[:1]:
        console.print(", ".join(f"{name} {words}" for name, words in one.machine.items()))
    for name, reason in report.missing.items():
        console.print(f"not measured: {name}: {reason}", markup=False)
