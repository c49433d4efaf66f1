"""`python -m benchmarks.plot`: results as pictures, docs/benchmarks-*.png.

Draws the newest results of each kind, or the files that are named. Needs matplotlib, which
`make bench-plot` installs; nothing else of dchat does.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.chain import HERE
from benchmarks.floor import Floor
from benchmarks.peers.report import DCHAT, Report, lines
from benchmarks.program import ending
from benchmarks.results import RESULTS
from benchmarks.run import Result

DOCS: Final = HERE.parent / "docs"
OURS, OTHERS, FLOOR = "#2f6fab", "#9aa5b1", "#4f9d69"


def peers(report: Report, axes: Any) -> None:
    """Bars: how many events a second, the fastest on top."""
    found = lines(report)[::-1]
    names = [line.name for line in found]
    bars = axes.barh(
        names,
        [line.rate for line in found],
        color=[OURS if name == DCHAT else OTHERS for name in names],
    )
    axes.bar_label(bars, labels=[f"{line.rate:,.0f}" for line in found], padding=4)
    axes.set(title=f"Backfill of {report.events:,} events, all tables filled", xlabel="events/s")
    axes.margins(x=0.15)


def floor(found: Floor, axes: Any) -> None:
    """Bars: seconds of the backfill above those of its floor."""
    reads, writes = found.read.seconds, found.written.seconds
    axes.barh(["backfill"], [found.backfill.seconds], color=OURS)
    axes.barh(["floor"], [reads], color=FLOOR, label="download and parse")
    axes.barh(["floor"], [writes], left=[reads], color="#a8d5b5", label="COPY the rows")
    axes.set(title=f"{found.backfill.events:,} events: {found.share:.0%} of the floor", xlabel="s")
    axes.legend()


def growth(one: Result, axes: Any) -> None:
    """A line: the rate of each part of a long chain."""
    axes.plot(
        [part.events / 1e6 for part in one.parts],
        [part.events_per_second for part in one.parts],
        color=OURS,
        marker="o",
    )
    axes.set(title="Rate as the index grows", xlabel="million events", ylabel="events/s")
    axes.set_ylim(bottom=0)


PICTURES: Final[dict[str, tuple[type, Callable[[Any, Any], None]]]] = {
    "peers": (Report, peers),
    "floor": (Floor, floor),
    "growth": (Result, growth),
}


def readable(files: Sequence[Path]) -> Iterator[tuple[str, Path, Any]]:
    """The last of the files of each kind that this version of the programs can read."""
    by_kind: dict[str, list[Path]] = defaultdict(list)
    for file in files:
        by_kind[file.name.partition("-")[0]].append(file)
    for name in PICTURES:
        for file in reversed(by_kind[name]):
            try:
                yield name, file, msgspec.json.decode(file.read_bytes(), type=PICTURES[name][0])
                break
            except msgspec.DecodeError as error:  # also where something is missing
                print(f"{file.name} is of another version: {error}", file=sys.stderr)


def draw(name: str, found: Any) -> Path:
    """Draws the picture of some results; returns its file."""
    from matplotlib.figure import Figure

    _, picture = PICTURES[name]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    picture(found, axes)
    drawn = DOCS / f"benchmarks-{name}.png"
    figure.savefig(drawn, dpi=120, metadata={"Software": None})
    return drawn


def main() -> None:
    """Draws what the command line names, or the newest."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    parser.add_argument(
        "files", type=Path, nargs="*",
        help="of benchmarks/results (default: the newest of each kind, however short its chain)",
    )  # fmt: skip
    files = parser.parse_args().files or sorted(RESULTS.glob("*.json"))
    found = list(readable(files))
    if not found:
        sys.exit("there are no results to draw: run `make bench` first")
    for name, file, results in found:
        print(f"{draw(name, results).relative_to(HERE.parent)} from {file.name}")


if __name__ == "__main__":
    with ending():
        main()
