"""`python -m benchmarks.growth`: what a million events cost, and how the rate changes with them."""

import argparse

from rich.console import Console
from rich.table import Table

from benchmarks.chain import Recipe, arguments, chain
from benchmarks.program import ending, events
from benchmarks.results import told
from benchmarks.run import Result, run

ABOUT = """\
Indexes one long chain and tells the rate of each part of it: of each million from 4,000,000 events
on, else of each quarter. A chain takes 1.3 GB of disk for each million events and its index 1.5 GB;
making it takes little memory, whatever its length. Writes benchmarks/results/growth-<time>.json."""


def last_share(one: Result) -> float | None:
    """The rate of the last part against that of the first; None where one was too short to see."""
    first, last = one.parts[0].events_per_second, one.parts[-1].events_per_second
    return last / first if first and last else None


def show(one: Result, console: Console) -> None:
    """Prints the rate of each part, and what a million events cost."""
    first = one.parts[0].events_per_second
    table = Table(title=f"{one.events:,} events")
    for head in ("up to event", "events/s", "of the first part", "peak memory so far, MB"):
        table.add_column(head, justify="right")
    for part in one.parts:
        share = f"{part.events_per_second / first:.0%}" if first else ""
        rate, memory = f"{part.events_per_second:,.0f}", f"{part.peak_mb:,.0f}"
        table.add_row(f"{part.events:,}", rate, share, memory)
    console.print(table)
    millions = one.events / 1e6
    console.print(
        f"a million events: {one.requests / millions:,.0f} requests, "
        f"{sum(one.calls.values()) / millions:,.0f} calls, {one.sent_mb / millions:,.0f} MB "
        f"downloaded, {one.database_mb / millions:,.0f} MB on disk, {one.seconds / millions:,.1f} s"
    )
    last = last_share(one)
    share = (
        "too short for a rate of its parts"
        if last is None
        else f"the last part at {last:.0%} of the first"
    )
    console.print(f"{share}, load before {one.load:.1f}")
    console.print(f"then indexes, and the newest blocks: {one.ending:.1f} s")
    console.print(", ".join(f"{name} {words}" for name, words in one.machine.items()))


def main() -> None:
    """Measures what the command line asks for; ends with 1 when the run does not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=ABOUT)
    parser.add_argument("--events", type=events, default=10_000_000, help="default: 10000000")
    arguments(parser)
    folder = chain(Recipe(**vars(parser.parse_args())))
    told("growth", lambda: run(folder), show)


if __name__ == "__main__":
    with ending():
        main()
