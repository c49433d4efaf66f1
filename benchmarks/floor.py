"""`python -m benchmarks.floor`: the least that any program needs for what `dchat index` does.

The same logs and calldata are downloaded and parsed (headers are left out), and the same rows are
sent by COPY into the same tables with the same indexes in the same Postgres. The backfill is told
as a share of both, one after the other, and of the longer of the two, as if they overlapped.
"""

import argparse
import tempfile
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks import run
from benchmarks.chain import Recipe, arguments, chain
from benchmarks.program import ending, events
from benchmarks.reading import Read, read
from benchmarks.results import told
from benchmarks.run import Result
from benchmarks.server import served
from benchmarks.writing import Written, written
from indexer.dev.postgres import embedded_postgres


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """`share`: of reading and then writing. `share_of_longer`: as if both overlapped perfectly."""

    backfill: Result
    read: Read
    written: Written
    share: float
    share_of_longer: float


def measured(folder: Path) -> Floor:
    """The backfill of the chain and its floor, on one Postgres. Raises Failed, Wrong."""
    with tempfile.TemporaryDirectory(prefix="dchat-bench-") as home:
        scratch = Path(home) / "rows"
        scratch.mkdir()
        with embedded_postgres(Path(home) / "home") as url:
            backfill = run.measured(folder, url)
            rows = written(url, scratch)
        with served(folder) as node:
            responses = read(node, folder)
    both = responses.seconds + rows.seconds
    longer = max(responses.seconds, rows.seconds)
    return Floor(
        backfill=backfill,
        read=responses,
        written=rows,
        share=both / backfill.seconds,
        share_of_longer=longer / backfill.seconds,
    )


def show(floor: Floor, console: Console) -> None:
    """Prints the floor and the share that the backfill has of it."""
    one, read, rows = floor.backfill, floor.read.seconds, floor.written
    console.print(f"backfill   {one.seconds:8.1f} s  {one.events_per_second:10,.0f} events/s")
    console.print(f"read       {read:8.1f} s  {one.events / read:10,.0f} logs/s")
    console.print(f"write      {rows.seconds:8.1f} s  {rows.rows / rows.seconds:10,.0f} rows/s")
    kept, after = rows.indexes_kept, rows.indexes_after
    console.print(f"  indexes kept {kept:.1f} s, built afterwards {after:.1f} s")
    console.print(f"share of read and then write: {floor.share:.0%}")
    console.print(f"share of the longer of both:  {floor.share_of_longer:.0%}")
    console.print(f"machine's load before: {one.load:.1f}")
    console.print(", ".join(f"{name} {words}" for name, words in one.machine.items()))


def main() -> None:
    """Measures what the command line asks for; ends with 1 when the backfill does not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument("--events", type=events, default=200_000, help="length of the chain")
    arguments(parser)
    folder = chain(Recipe(**vars(parser.parse_args())))
    told("floor", lambda: measured(folder), show)


if __name__ == "__main__":
    with ending():
        main()
