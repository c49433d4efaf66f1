"""`python -m benchmarks.plot`: the newest results as pictures, docs/*.png.

Needs matplotlib, which `make bench-plot` installs; nothing else of dchat does.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.chain import HERE
from benchmarks.floor import Floor
from benchmarks.peers.report import DCHAT, Report, lines
from benchmarks.program import ending
from benchmarks.results import newest
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


def draw(name: str, file: Path) -> Path:
    """Draws the picture of a file of results; returns its file."""
    from matplotlib.figure import Figure

    kind, picture = PICTURES[name]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    picture(msgspec.json.decode(file.read_bytes(), type=kind), axes)
    drawn = DOCS / f"benchmarks-{name}.png"
    figure.savefig(drawn, dpi=120, metadata={"Software": None})
    return drawn


def main() -> None:
    """Draws a picture of the newest results of each kind."""
    found = {name: file for name in PICTURES if (file := newest(name))}
    if not found:
        sys.exit("benchmarks/results holds nothing: run `make bench` first")
    for name, file in found.items():
        print(f"{draw(name, file).relative_to(HERE.parent)} from {file.name}")


if __name__ == "__main__":
    with ending():
        main()
