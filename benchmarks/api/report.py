"""What was measured, as tables on the screen and as JSON."""

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.api.client import Measured
from benchmarks.api.live import Heard


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One server's answers to one question; `cpu_ms`: the server's processor time for each."""

    server: str
    question: str
    measured: Measured
    cpu_ms: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`load` is how busy the machine was before."""

    groups: int
    clients: int
    load: float
    answered: list[Answered]
    heard: list[Heard]
    machine: dict[str, str]


def show(report: Report, console: Console) -> None:
    table = Table(
        "server", "question", "req/s", "p50 ms", "p95 ms", "p99 ms", "KB", "server's CPU ms"
    )
    for one in report.answered:
        figures = one.measured
        table.add_row(
            one.server,
            one.question,
            f"{figures.per_second:,.0f}",
            f"{figures.p50_ms:.1f}",
            f"{figures.p95_ms:.1f}",
            f"{figures.p99_ms:.1f}",
            f"{figures.bytes_each / 1000:.1f}",
            f"{one.cpu_ms:.2f}",
        )
    if report.answered:
        console.print(table)
    for told in report.heard:
        console.print(
            f"{told.subscribers:,} subscribers: the last one heard after {told.median_ms:,.0f} ms "
            f"(worst of {len(told.events_ms)} events: {told.worst_ms:,.0f} ms)"
        )
    console.print(
        f"{report.groups:,} groups, {report.clients} clients; load before: {report.load:.1f}"
    )
