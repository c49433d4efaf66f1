"""`python -m benchmarks`: all that is told of the speed of an index, in one run."""

import argparse
import statistics
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks import backfill, floor, growth, latency
from benchmarks.chain import Recipe, arguments, chain
from benchmarks.program import at_least, count, ending, events
from benchmarks.results import middle, told
from benchmarks.run import Result, run

ABOUT: Final = """\
Measures the backfill and the replay of a chain (with memory, requests, bytes and disk), the rate of
a longer one part by part, the floor that any program needs, and how long a block takes to a
subscriber; then prints one table of it all beside what is aimed at. Each part is also a program of
its own. Writes benchmarks/results/<part>-<time>.json and bench-<time>.json."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, and what it should be."""

    what: str
    measured: float
    target: str
    load: float
    machine: dict[str, str]

    def met(self) -> str:
        """Whether it is what it should be; a target is a number, and perhaps "at most"."""
        number, _, most = self.target.partition(" ")
        if not number:
            return ""
        wanted = float(number.replace(",", ""))
        return "met" if (self.measured <= wanted if most else self.measured >= wanted) else "missed"


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """All figures, and what they were measured on."""

    lines: list[Line]


def _backfill(given: Mapping[str, Any], recipe: Callable[..., Recipe]) -> list[Line]:
    recipes = [recipe(events=length) for length in sorted(given["events"])]
    measure = partial(backfill.measured, recipes, given["runs"], Console())
    report = told("backfill", measure, backfill.show)
    one = middle([run for run in report.runs if run.events == report.runs[-1].events])
    assert one.replay is not None
    figures = (
        ("backfill, events/s", one.events_per_second, "50,000"),
        ("replay, events/s", one.replay.events_per_second, "100,000"),
        ("peak memory of the backfill, MB", one.peak_mb, "300 at most"),
        ("requests per 1,000,000 events", one.requests / one.events * 1e6, "3,000 at most"),
    )
    return [_line(what, value, target, one) for what, value, target in figures]


def _growth(given: Mapping[str, Any], recipe: Callable[..., Recipe]) -> list[Line]:
    one = told("growth", lambda: run(chain(recipe(events=given["long"]))), growth.show)
    millions, share = one.events / 1e6, growth.last_share(one)
    figures = (
        *([("rate of the last part, % of the first", 100 * share, "90")] if share else []),
        ("peak memory of a long backfill, MB", one.peak_mb, "300 at most"),
        ("seconds for a million events", one.seconds / millions, ""),
        ("downloaded for a million events, MB", one.sent_mb / millions, ""),
        ("on disk for a million events, MB", one.database_mb / millions, ""),
    )
    return [
        _line(f"{what}, {one.events:,} events", value, target, one)
        for what, value, target in figures
    ]


def _floor(given: Mapping[str, Any], recipe: Callable[..., Recipe]) -> list[Line]:
    folder = chain(recipe(events=max(given["events"])))
    found = told("floor", lambda: floor.measured(folder), floor.show)
    return [_line("share of the floor, %", 100 * found.share, "50", found.backfill)]


def _latency(given: Mapping[str, Any], recipe: Callable[..., Recipe]) -> list[Line]:
    folder = chain(recipe(events=latency.EVENTS))
    asked = {"blocks": given["blocks"], "interval": latency.INTERVAL, "announcements": True}
    found = told("latency", lambda: latency.alone(folder, asked), latency.show)
    cuts = statistics.quantiles(found.told, n=100, method="inclusive")
    return [
        _line(f"a block until subscribers have it, {name}, ms", cuts[at], target, found)
        for name, at, target in (("p50", 49, "20 at most"), ("p99", 98, "100 at most"))
    ]


def _line(what: str, measured: float, target: str, one: Result | latency.Latency) -> Line:
    return Line(
        what=what,
        measured=round(measured, 1),
        target=target,
        load=round(one.load, 1),
        machine=one.machine,
    )


PARTS: Final = {"backfill": _backfill, "growth": _growth, "floor": _floor, "latency": _latency}


def show(bench: Bench, console: Console) -> None:
    """Prints every figure beside its target."""
    table = Table(title="all of it")
    table.add_column("what")
    for name in ("measured", "target", "", "load before"):
        table.add_column(name, justify="right")
    for line in bench.lines:
        table.add_row(
            line.what, f"{line.measured:,.0f}", line.target, line.met(), f"{line.load:.1f}"
        )
    console.print(table)
    machine = bench.lines[0].machine
    console.print(", ".join(f"{name} {words}" for name, words in machine.items()))


def main() -> None:
    """Measures what the command line asks for; ends with 1 when a run does not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=ABOUT)
    parser.add_argument(
        "--parts", nargs="+", choices=PARTS, default=list(PARTS), help="default: all of them"
    )
    parser.add_argument(
        "--events", type=events, nargs="+", default=[200_000, 1_000_000],
        help="lengths of the chains of the backfill; the floor has the longest (200000 1000000)",
    )  # fmt: skip
    parser.add_argument("--runs", type=count, default=1, help="how often each is indexed (1)")
    parser.add_argument("--long", type=events, default=1_000_000, help="length of growth (1000000)")
    parser.add_argument(
        "--blocks", type=at_least(2), default=200, help="blocks of the latency (200)"
    )
    arguments(parser)
    given = vars(parser.parse_args())
    names = ("parts", "events", "runs", "long", "blocks")
    asked = {name: given.pop(name) for name in names}
    recipe = partial(Recipe, **given)
    lines = [line for name in asked["parts"] for line in PARTS[name](asked, recipe)]
    told("bench", lambda: Bench(lines=lines), show)


if __name__ == "__main__":
    with ending():
        main()
