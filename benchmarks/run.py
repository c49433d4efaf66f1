"""One run: an empty database, a node, the indexer as people start it, and what it came to."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from benchmarks import verify
from benchmarks.archive import Archive
from benchmarks.machine import busy, machine, postgres_cpu
from benchmarks.program import Failed
from benchmarks.server import Served, served
from benchmarks.watch import Sample, Watch
from indexer.db import schema
from indexer.db.cursor import SLACK
from indexer.dev.postgres import embedded_postgres

PARTS: Final = 4
MILLION: Final = 1_000_000

TABLE_SIZES: Final = """
SELECT coalesce(parent.relname, c.relname), sum(pg_table_size(c.oid))::bigint,
       sum(pg_indexes_size(c.oid))::bigint
FROM pg_class c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
GROUP BY 1 HAVING sum(pg_table_size(c.oid)) > 8192 ORDER BY 2 DESC
"""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the chain: its speed, and the most memory up to its end."""

    events: int
    events_per_second: float
    peak_mb: float


class Table(msgspec.Struct, frozen=True, kw_only=True):
    rows: int
    table_mb: float
    indexes_mb: float


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """`dchat replay --from-block 0` afterwards: from the start of the process to its end, with the
    indexes built and the tables swapped."""

    seconds: float
    events_per_second: float
    peak_mb: float
    cpu: dict[str, float]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to. Seconds from the node's first request to the end of the process.

    `load` is how busy the machine was before. `cpu` is the processor time of indexer, Postgres and
    node. `tables` are those of the backfill, before a replay. `parts` are those of history;
    `ending` are the seconds after it: late indexes, and the newest blocks.
    """

    events: int
    blocks: int
    transactions: int
    seconds: float
    events_per_second: float
    load: float
    peak_mb: float
    parts: list[Part]
    cpu: dict[str, float]
    requests: int
    calls: dict[str, int]
    received_mb: float
    sent_mb: float
    database_mb: float
    tables: dict[str, Table]
    replay: Replayed | None
    machine: dict[str, str]
    ending: float = 0.0


def run(folder: Path, *, replay: bool = False) -> Result:
    """Indexes the chain of the folder into a Postgres of its own. Raises Failed, verify.Wrong."""
    with tempfile.TemporaryDirectory(prefix="dchat-bench-") as home:
        with embedded_postgres(Path(home) / "home") as url:
            return measured(folder, url, replay=replay)


def measured(
    folder: Path, url: str, settings: Mapping[str, str] | None = None, *, replay: bool = False
) -> Result:
    """Indexes the chain into that empty database, and replays it if asked to. Raises Failed,
    verify.Wrong.

    `settings` are DCHAT_ variables for the indexer; those of our own environment are not.
    """
    schema.migrate(url)
    archive = Archive(folder)
    with served(folder) as node:
        load = busy()
        told = {
            **(settings or {}),
            "DCHAT_RPC_URLS": node.url,
            "DCHAT_DEPLOYMENT": str(folder / "deployment.json"),
        }
        with psycopg.connect(url, autocommit=True) as database:
            before = postgres_cpu(database)
            watch, _, ended = _run(["index", "--once", "--no-audit"], folder, url, told)
            cpu = {
                "indexer": round(watch.cpu(), 2),
                "postgres": round(postgres_cpu(database) - before, 2),
                "node": round(node.stats().cpu, 2),
            }
            seconds = ended - node.stats().first
            verify.check(database, archive.meta.totals)
            tables = _tables(database)
            again = _replay(folder, url, archive, database) if replay else None
            return _result(archive, node, watch, seconds, load, cpu, database, tables, again)


def _replay(folder: Path, url: str, archive: Archive, database: psycopg.Connection) -> Replayed:
    before = postgres_cpu(database)
    watch, began, ended = _run(["replay", "--from-block", "0"], folder, url, {})
    postgres = postgres_cpu(database) - before
    verify.check(database, archive.meta.totals)
    return Replayed(
        seconds=round(ended - began, 3),
        events_per_second=round(archive.meta.events / (ended - began), 1),
        peak_mb=_mb(watch.peak()),
        cpu={"indexer": round(watch.cpu(), 2), "postgres": round(postgres, 2)},
    )


def _run(
    words: Sequence[str], folder: Path, url: str, settings: Mapping[str, str]
) -> tuple[Watch, float, float]:
    """Runs the command to its end; the watch, and when it began and ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DCHAT_")}
    told = {**settings, "DCHAT_DATABASE_URL": url}
    command = [str(Path(sys.executable).with_name("dchat")), *words]
    began = time.time()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, env=kept | told, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        ) as process,
    ):
        try:
            with Watch(process.pid, url) as watch:
                code = process.wait()
        finally:
            process.kill()
        ended = time.time()
        if code != 0:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()[-20:]
            raise Failed("\n".join([f"`dchat {' '.join(words)}` ended with {code}:", *lines]))
    return watch, began, ended


def _result(
    archive: Archive,
    node: Served,
    watch: Watch,
    seconds: float,
    load: float,
    cpu: dict[str, float],
    database: psycopg.Connection,
    tables: dict[str, Table],
    replay: Replayed | None,
) -> Result:
    meta, stats = archive.meta, node.stats()
    [[size]] = database.execute("SELECT pg_database_size(current_database())").fetchall()
    ended = stats.first + seconds
    history = archive.events_before(max(0, archive.head - SLACK) + 1)
    known = (sample.time for sample in watch.samples if sample.events >= history)
    return Result(
        events=meta.events,
        blocks=meta.blocks,
        transactions=meta.transactions,
        seconds=round(seconds, 3),
        events_per_second=round(meta.events / seconds, 1),
        load=round(load, 2),
        peak_mb=_mb(watch.peak()),
        parts=list(_parts(history, watch.samples, stats.first, ended)),
        ending=round(ended - next(known, ended), 1),
        cpu=cpu,
        requests=stats.requests,
        calls=stats.calls,
        received_mb=_mb(stats.received),
        sent_mb=_mb(stats.sent),
        database_mb=_mb(int(size)),
        tables=tables,
        replay=replay,
        machine=machine(database),
    )


def _parts(total: int, samples: list[Sample], began: float, ended: float) -> Iterator[Part]:
    """History in quarters, or of more than four million events by the million, as committed.

    A part ends with the step of the indexer that passes its end, and counts what is there by then:
    a step may bring a sixth of a part.
    """
    before, since = 0, began
    parts = max(PARTS, round(total / MILLION))
    for number in range(1, parts + 1):
        wanted = total * number // parts
        passed = (sample for sample in samples if sample.events >= wanted)
        found = next(passed, None)
        upto = max(since, found.time) if found else ended
        peak = max((sample.rss for sample in samples if sample.time <= upto), default=0)
        counted = min(found.events, total) if found else total
        rate = (counted - before) / (upto - since) if upto > since else 0.0
        yield Part(events=counted, events_per_second=round(rate, 1), peak_mb=_mb(peak))
        before, since = counted, upto


def _tables(database: psycopg.Connection) -> dict[str, Table]:
    tables = {}
    for name, size, indexes in database.execute(TABLE_SIZES).fetchall():
        [[rows]] = database.execute(f'SELECT count(*) FROM "{name}"'.encode()).fetchall()
        tables[name] = Table(rows=rows, table_mb=_mb(size), indexes_mb=_mb(indexes))
    return tables


def _mb(size: int) -> float:
    return round(size / 1e6, 1)
