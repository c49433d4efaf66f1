"""`python -m benchmarks.peers`: dchat and other indexers, one after the other, on one chain."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import run as ours
from benchmarks.archive import Archive
from benchmarks.chain import HERE, Recipe, arguments, chain
from benchmarks.peers import report
from benchmarks.peers.envio import ENVIO
from benchmarks.peers.install import install
from benchmarks.peers.peer import Peer
from benchmarks.peers.ponder import PONDER
from benchmarks.peers.report import DCHAT, Report
from benchmarks.peers.run import Outcome, cold, warm
from benchmarks.peers.subsquid import SUBSQUID
from benchmarks.program import Failed, count, ending, events
from benchmarks.results import save
from benchmarks.verify import Wrong
from indexer.dev.postgres import embedded_postgres

PEERS: Final = {peer.name.lower(): peer for peer in (SUBSQUID, ENVIO, PONDER)}

ABOUT: Final = """\
Lets dchat and its peers index one synthetic chain, in turns, each from the same node into an empty
embedded Postgres with its durable defaults. A peer's npm packages are installed from
its lock at its first run, into benchmarks/.peers. A run counts only when rows and sums of every
table are those that the chain's generator knows. Writes benchmarks/results/peers-<time>.json, of
which `python -m benchmarks.plot` draws the picture in docs."""


def measured(
    names: Sequence[str], folder: Path, times: int, longest: float, console: Console
) -> Report:
    """Runs each of them so many times; says why where one cannot run, or is wrong."""
    told = Report(events=Archive(folder).meta.events, dchat=[], peers=[], missing={})
    for _ in range(times):  # in turns: what else the machine does meets all of them alike
        for name in [one for one in names if one not in told.missing]:
            try:
                _once(name, folder, longest, told, console)
            except (Failed, Wrong) as error:
                told.missing[name] = str(error)
                console.print(f"{name} does not count: {error}", markup=False)
    return told


def _once(name: str, folder: Path, longest: float, told: Report, console: Console) -> None:
    if name == DCHAT:
        result = ours.run(folder)
        told.dchat.append(result)
        console.print(f"dchat: {result.events_per_second:,.0f} events/s, verified")
        return
    for outcome in _outcomes(PEERS[name], folder, longest):
        told.peers.append(outcome)
        rate = f"{outcome.events_per_second:,.0f} events/s, {outcome.peak_mb:,.0f} MB"
        console.print(f"{report.label(outcome)}: {rate}, {outcome.equal} numbers verified")


def _outcomes(peer: Peer, folder: Path, longest: float) -> list[Outcome]:
    install(peer)
    with tempfile.TemporaryDirectory(prefix="dchat-bench-") as home:
        with embedded_postgres(Path(home) / "home") as url:
            first = cold(peer, folder, url, longest)
            return [first, warm(peer, folder, url, longest)] if peer.forget else [first]


def main() -> None:
    """Measures what the command line asks for; ends with 1 when something did not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=ABOUT)
    names = [DCHAT, *PEERS]
    parser.add_argument("--events", type=events, default=50_000, help="length of it (50,000)")
    parser.add_argument("--runs", type=count, default=1, help="how often each, in turns (1)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="these alone")
    parser.add_argument("--longest", type=float, default=1800, help="seconds for a run (1,800)")
    arguments(parser)
    given = vars(parser.parse_args())
    only, times, longest = given.pop("only"), given.pop("runs"), given.pop("longest")
    console = Console()
    told = measured(only, chain(Recipe(**given)), times, longest, console)
    report.show(told, console)
    console.print(f"written to {save('peers', told).relative_to(HERE.parent)}")
    sys.exit(1 if told.missing else 0)


if __name__ == "__main__":
    with ending():
        main()
