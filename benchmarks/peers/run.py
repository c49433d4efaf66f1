"""One run of a peer: an empty database, a node, the peer as people start it, what it came to."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec
import psycopg

from benchmarks.archive import Archive
from benchmarks.machine import busy
from benchmarks.peers.compared import compare
from benchmarks.peers.family import Family
from benchmarks.peers.install import environment, execute
from benchmarks.peers.peer import Peer, Task
from benchmarks.program import Failed
from benchmarks.server import Served, served

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at whether a peer is done, and at its memory."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to. Seconds from the node's first request until all is committed.

    `cpu` is the processor time of the peer (all its processes) and the node; Postgres has the rest.
    `equal` says how many rows and sums were compared with the generator's.
    """

    name: str
    version: str
    cache: str
    events: int
    seconds: float
    events_per_second: float
    load: float
    peak_mb: float
    cpu: dict[str, float]
    requests: int
    calls: dict[str, int]
    sent_mb: float
    database_mb: float
    equal: int


def cold(peer: Peer, folder: Path, url: str, longest: float) -> Outcome:
    """Lets the peer index the chain into that empty database. Raises Failed, verify.Wrong."""
    return _run(peer, folder, url, longest, "cold" if peer.forget else "none")


def warm(peer: Peer, folder: Path, url: str, longest: float) -> Outcome:
    """Lets the peer index anew what its cache holds. Raises Failed, verify.Wrong."""
    assert peer.forget is not None
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(peer.forget.encode())
    return _run(peer, folder, url, longest, "warm")


def _run(peer: Peer, folder: Path, url: str, longest: float, cache: str) -> Outcome:
    archive = Archive(folder)
    with served(folder) as node:
        task = Task(node_url=node.url, database_url=url, archive=archive)
        told = dict(peer.environment(task))
        for command in peer.prepare:
            execute(peer, command, told)
        load = busy()
        with started(peer, told) as (family, said):
            ended = _wait(peer, family, said, url, longest, archive.head)
            seconds = ended - node.stats().first
            with psycopg.connect(url, autocommit=True) as database:
                equal = compare(database, peer, archive.meta.totals)
                [[size]] = database.execute(
                    "SELECT pg_database_size(current_database())"
                ).fetchall()
        return _outcome(peer, archive, node, family, seconds, load, size, equal, cache)


def _wait(
    peer: Peer, family: Family, said: IO[bytes], url: str, longest: float, head: int
) -> float:
    """When the peer was done. Raises Failed where it ends before, or takes too long."""
    began = time.time()
    with psycopg.connect(url, autocommit=True) as database:
        while time.time() - began < longest:
            time.sleep(LOOK_EVERY)
            code = family.look()  # before the question: who ended has said all that it will say
            query = peer.done and peer.done.format(head=head)
            if _is_done(database, query) if query else code == 0:
                return time.time()
            if code is not None:
                raise Failed(f"{peer.name} ended with {code}: {_last_words(said)}")
    raise Failed(f"{peer.name} was not done after {longest:,.0f} s: {_last_words(said)}")


def _is_done(database: psycopg.Connection, query: str) -> bool:
    try:
        return any(done for (done,) in database.execute(query.encode()))
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return False


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    return "\n".join(said.read().decode(errors="replace").strip().splitlines()[-20:])


@contextmanager
def started(peer: Peer, told: dict[str, str]) -> Iterator[tuple[Family, IO[bytes]]]:
    """The peer's processes, as long as the context lasts, and what they say."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            peer.command,
            cwd=peer.folder,
            env=environment(peer, told),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        family = Family(process)
        try:
            yield family, said
        finally:
            family.end()


def _outcome(
    peer: Peer,
    archive: Archive,
    node: Served,
    family: Family,
    seconds: float,
    load: float,
    size: int,
    equal: int,
    cache: str,
) -> Outcome:
    events, stats = archive.meta.events, node.stats()
    return Outcome(
        name=peer.name,
        version=version(peer),
        cache=cache,
        events=events,
        seconds=round(seconds, 2),
        events_per_second=round(events / seconds, 1),
        load=round(load, 2),
        peak_mb=round(family.peak / 1e6, 1),
        cpu={"peer": round(family.cpu, 2), "node": round(stats.cpu, 2)},
        requests=stats.requests,
        calls=stats.calls,
        sent_mb=round(stats.sent / 1e6, 1),
        database_mb=round(size / 1e6, 1),
        equal=equal,
    )


def version(peer: Peer) -> str:
    """The version of the peer's main package that is installed."""
    told = (peer.folder / "node_modules" / peer.package / "package.json").read_bytes()
    return str(msgspec.json.decode(told)["version"]).removeprefix("v")
