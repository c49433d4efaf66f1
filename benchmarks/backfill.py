"""`python -m benchmarks.backfill`: how fast `dchat index` takes a whole chain into Postgres."""

import argparse
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.chain import Recipe, arguments, chain
from benchmarks.pace import Pace, pace
from benchmarks.program import count, ending, events
from benchmarks.results import middle, told
from benchmarks.run import Replayed, Result, run
from benchmarks.server import served

ABOUT: Final = """\
Makes a synthetic chain (kept in benchmarks/.chains), serves it from a process of its own, and lets
`dchat index --once` index it into an embedded Postgres with its durable defaults; then
`dchat replay --from-block 0` derives all projections again. A run counts only when rows and sums of
every table are, both times, those that the chain's generator knows. Several lengths show whether
memory grows with the chain. Writes benchmarks/results/backfill-<time>.json."""

LINES: Final[dict[str, Callable[[Result], str]]] = {
    "seconds": lambda one: f"{one.seconds:,.1f}",
    "events/s": lambda one: f"{one.events_per_second:,.0f}",
    "events/s by quarter": lambda one: " ".join(
        f"{part.events_per_second:,.0f}" for part in one.parts
    ),
    "peak memory, MB": lambda one: f"{one.peak_mb:,.0f}",
    "… up to each quarter": lambda one: " ".join(f"{part.peak_mb:,.0f}" for part in one.parts),
    "processor, s: indexer": lambda one: f"{one.cpu['indexer']:,.1f}",
    "processor, s: Postgres": lambda one: f"{one.cpu['postgres']:,.1f}",
    "processor, s: node": lambda one: f"{one.cpu['node']:,.1f}",
    "HTTP requests": lambda one: f"{one.requests:,}",
    "JSON-RPC calls": lambda one: f"{sum(one.calls.values()):,}",
    "downloaded, MB": lambda one: f"{one.sent_mb:,.0f}",
    "database, MB": lambda one: f"{one.database_mb:,.0f}",
    "requests per 1,000,000 events": lambda one: f"{one.requests / one.events * 1e6:,.0f}",
    "database bytes per event": lambda one: f"{one.database_mb * 1e6 / one.events:,.0f}",
    "machine's load before": lambda one: f"{one.load:.1f}",
}
REPLAYED: Final[dict[str, Callable[[Replayed], str]]] = {
    "replay, s": lambda one: f"{one.seconds:,.1f}",
    "replay, events/s": lambda one: f"{one.events_per_second:,.0f}",
    "replay, peak memory, MB": lambda one: f"{one.peak_mb:,.0f}",
    "replay, processor, s: indexer": lambda one: f"{one.cpu['indexer']:,.1f}",
    "replay, processor, s: Postgres": lambda one: f"{one.cpu['postgres']:,.1f}",
}


class Report(msgspec.Struct, kw_only=True):
    """What is written to a file: every run, and how fast the node alone is."""

    pace: Pace
    runs: list[Result]


def measured(recipes: Sequence[Recipe], times: int, console: Console) -> Report:
    """Runs each recipe so many times. Raises Failed, Wrong."""
    folders = [chain(recipe) for recipe in recipes]
    with served(folders[-1]) as node:
        report = Report(pace=pace(node, folders[-1]), runs=[])
    for turn in range(times):
        for folder in folders:
            result = run(folder, replay=True)
            report.runs.append(result)
            rate = f"{result.events_per_second:,.0f} events/s, {result.peak_mb:,.0f} MB"
            console.print(f"run {turn + 1}: {result.events:,} events, {rate}, verified")
    return report


def show(report: Report, console: Console) -> None:
    """Prints the runs that are in the middle, one column for each length."""
    lengths = sorted({one.events for one in report.runs})
    chosen = [middle([one for one in report.runs if one.events == length]) for length in lengths]
    times = len(report.runs) // len(lengths)
    table = Table(title=f"backfill, median of {times}" if times > 1 else "backfill, one run")
    table.add_column("events")
    for one in chosen:
        table.add_column(f"{one.events:,}", justify="right")
    for name, text in LINES.items():
        table.add_row(name, *map(text, chosen))
    replays = [one.replay for one in chosen if one.replay is not None]
    for name, told_of in REPLAYED.items():
        table.add_row(name, *map(told_of, replays))
    console.print(table)
    sizes = Table(title=f"tables after {chosen[-1].events:,} events")
    for name in ("table", "rows", "MB", "indexes, MB"):
        sizes.add_column(name, justify="left" if name == "table" else "right")
    for name, size in chosen[-1].tables.items():
        sizes.add_row(name, f"{size.rows:,}", f"{size.table_mb:,.1f}", f"{size.indexes_mb:,.1f}")
    console.print(sizes)
    console.print(f"the node alone: {report.pace.logs_per_second:,.0f} logs/s downloaded")
    console.print(", ".join(f"{name} {words}" for name, words in chosen[-1].machine.items()))


def main() -> None:
    """Measures what the command line asks for; ends with 1 when a run does not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backfill", description=ABOUT)
    parser.add_argument(
        "--events",
        type=events,
        nargs="+",
        default=[50_000, 100_000, 200_000],
        help="lengths of the chains (default: 50000 100000 200000)",
    )
    parser.add_argument("--runs", type=count, default=3, help="how often (default: 3)")
    arguments(parser)
    given = vars(parser.parse_args())
    lengths, times = given.pop("events"), given.pop("runs")
    recipes = [Recipe(events=n, **given) for n in sorted(lengths)]
    told("backfill", lambda: measured(recipes, times, Console()), show)


if __name__ == "__main__":
    with ending():
        main()
