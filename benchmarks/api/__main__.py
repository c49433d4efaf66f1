"""`python -m benchmarks.api`: dchat's API and PostGraphile over the same tables."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import msgspec
import psycopg
from rich.console import Console

from benchmarks.api import live, queries, report, servers
from benchmarks.api.client import Measured
from benchmarks.api.queries import Question
from benchmarks.api.report import Answered, Report
from benchmarks.api.servers import Running, Unavailable
from benchmarks.api.tables import GROUPS, fill
from benchmarks.chain import HERE
from benchmarks.machine import busy, machine
from benchmarks.program import at_least, count, ending
from benchmarks.results import save
from indexer.dev.postgres import embedded_postgres

ABOUT: Final = """\
Asks dchat and PostGraphile 5 the same questions over the same tables in one embedded Postgres, one
server after the other, by a client process that keeps so many connections busy; and tells how long
it takes until all subscribers of a group have heard of an event. Tables are kept in
benchmarks/.api, so that they are filled once. PostGraphile's packages are installed from their
lock at the first run. Writes benchmarks/results/api-<time>.json."""
WARMING: Final = 2.0
SERVERS: Final[dict[str, Callable[[str, Path], AbstractContextManager[Running]]]] = {
    "dchat": servers.dchat,
    "postgraphile": lambda url, _: servers.postgraphile(url),
}


def filled(url: str, home: Path, groups: int, console: Console) -> None:
    """Fills the tables, unless they were."""
    stamp = home / "filled"
    if not stamp.exists():
        console.print(f"filling the tables for {groups:,} groups")
        fill(url, groups)
        queries.tag(url)
        stamp.touch()


def loaded(url: str, bodies: Sequence[str], clients: int, seconds: float) -> Measured:
    """What a client process measures."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("\n".join(" ".join(one.split()) for one in bodies))
        file.flush()
        words = ["-m", "benchmarks.api.client", url, file.name, f"--clients={clients}"]
        done = subprocess.run(
            [sys.executable, *words, f"--seconds={seconds}"], capture_output=True, text=True
        )
    if done.returncode:
        raise Unavailable(f"{url}: {done.stderr.strip().splitlines()[-1]}")
    return msgspec.json.decode(done.stdout, type=Measured)


def asked(
    server: Running, question: Question, bodies: Sequence[str], given: argparse.Namespace
) -> Answered:
    loaded(server.url, bodies, given.clients, WARMING)
    before = server.cpu()
    measured = loaded(server.url, bodies, given.clients, given.seconds)
    spent = server.cpu() - before
    return Answered(
        server=server.name,
        question=question.name,
        measured=measured,
        cpu_ms=1000 * spent / measured.requests,
    )


def compared(url: str, home: Path, given: argparse.Namespace) -> list[Answered]:
    """Each server's answers; raises Unavailable where they say different things."""
    asking, found, said = [queries.PAGE, queries.one(given.groups)], [], {}
    for name in given.only:
        with SERVERS[name](url, home) as server:
            for question in asking:
                bodies = getattr(question, name)
                said[name, question.name] = server.ask(bodies[0])
                found.append(asked(server, question, bodies, given))
    for question in asking if len(given.only) > 1 else ():
        if not queries.same(question, *(said[name, question.name] for name in given.only)):
            raise Unavailable(f"{question.name}: the servers say different things")
    return found


def main() -> None:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api", description=ABOUT)
    parser.add_argument("--groups", type=count, default=GROUPS, help=f"default: {GROUPS:,}")
    parser.add_argument("--clients", type=count, default=16, help="default: 16")
    parser.add_argument("--seconds", type=float, default=10, help="of each question (default: 10)")
    parser.add_argument(
        "--subscribers", type=at_least(0), default=10_000, help="default: 10,000; 0: none"
    )
    parser.add_argument("--only", nargs="*", choices=SERVERS, default=list(SERVERS), help="these")
    given = parser.parse_args()
    console, home = Console(), HERE / ".api" / f"{given.groups}-groups"
    home.mkdir(parents=True, exist_ok=True)
    with embedded_postgres(home) as url:
        filled(url, home, given.groups, console)
        load, heard = busy(), list[live.Heard]()
        answered = compared(url, home, given)
        if given.subscribers:
            with servers.dchat(url, home) as server:
                heard.append(live.measure(server, url, given.subscribers))
        with psycopg.connect(url) as database:
            about = machine(database)
    told = Report(
        groups=given.groups,
        clients=given.clients,
        load=load,
        answered=answered,
        heard=heard,
        machine=about,
    )
    report.show(told, console)
    console.print(f"written to {save('api', told).relative_to(HERE.parent)}")


if __name__ == "__main__":
    with ending():
        main()
