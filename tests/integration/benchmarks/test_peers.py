"""A peer counts only with the rows of the generator, and ends with all that it started."""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import psutil
import psycopg
import pytest
from rich.console import Console

from benchmarks import verify
from benchmarks.peers import __main__ as program
from benchmarks.peers import peer as peers
from benchmarks.peers.__main__ import PEERS
from benchmarks.peers.compared import HEX, compare
from benchmarks.peers.family import Family
from benchmarks.peers.peer import Peer
from benchmarks.peers.run import _wait, cold
from benchmarks.program import Failed
from benchmarks.verify import Wrong

CLAIM = """
INSERT INTO {}.claims (packet_id, claimer, amount, claim_order, claimed_at, created_block,
    created_log) VALUES ({}, {}, 7, 2, now(), 1, 1)
"""
THEIRS = Peer(
    name="Theirs",
    package="theirs",
    command=("sh", "-c", "echo no such chain; exit 3"),
    environment=lambda task: {"NODE": task.node_url},
    table=lambda name: f"theirs.{name}",
)


@pytest.fixture
def database(database_url: str) -> Iterator[psycopg.Connection]:
    """Our empty tables, and those of a peer that keeps hashes and addresses as text."""
    with psycopg.connect(database_url, autocommit=True) as database:
        database.execute("CREATE SCHEMA theirs")
        for table in verify.MEASURES:
            made = f"CREATE TABLE theirs.{table} (LIKE public.{table})"
            database.execute(made.encode())
            for name in columns(database, table) & HEX:
                altered = f"ALTER TABLE theirs.{table} ALTER {name} TYPE text USING ''"
                database.execute(altered.encode())
        yield database


def columns(database: psycopg.Connection, table: str) -> set[str]:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
    return {name for (name,) in database.execute(query, (f"theirs.{table}",))}


def test_the_same_rows_are_the_same_numbers_whatever_their_types(
    database: psycopg.Connection,
) -> None:
    database.execute(CLAIM.format("public", r"'\x10aa'", r"'\x20bb'").encode())
    database.execute(CLAIM.format("theirs", "'0x10aa'", "'0x20bb'").encode())
    ours = verify.found(database)
    assert ours["claims.mix"] == 0x10 * 0x20
    counted = len([name for name in ours if not name.startswith("events.")])
    assert compare(database, THEIRS, ours) == counted > 40


def test_a_row_that_is_missing_is_named_unless_the_peer_cannot_know_it(
    database: psycopg.Connection,
) -> None:
    totals = {**verify.found(database), "claims.rows": 1}
    with pytest.raises(Wrong, match=r"claims\.rows is 0 and should be 1"):
        compare(database, THEIRS, totals)
    compare(database, replace(THEIRS, unknown=frozenset(["claims.rows"])), totals)


def test_a_peer_that_ends_early_is_told_with_its_own_words(
    folder: Path,
    empty: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peers, "WORKSHOP", tmp_path)
    THEIRS.folder.mkdir()
    with pytest.raises(Failed, match="Theirs ended with 3: no such chain"):
        cold(THEIRS, folder, empty("bench_theirs"), longest=60)


def test_a_peer_ends_with_all_that_it_started() -> None:
    process = subprocess.Popen(["sh", "-c", "sleep 600 & sleep 600; true"])
    family = Family(process)
    while len(members := psutil.Process(process.pid).children(recursive=True)) < 2:
        time.sleep(0.01)
    assert family.look() is None
    assert family.peak > 0
    family.end()
    assert not any(member.is_running() for member in members)
    assert process.returncode is not None


def test_a_child_whose_parent_has_ended_does_not_stay() -> None:
    process = subprocess.Popen(["sh", "-c", "sleep 600 & sleep 1; exit 3"])
    family = Family(process)
    while not (members := psutil.Process(process.pid).children()):
        time.sleep(0.01)
    family.look()
    process.wait()
    family.end()
    assert not any(member.is_running() for member in members)


def test_a_peer_that_is_done_and_ends_by_itself_counts(
    folder: Path, empty: Callable[[str], str]
) -> None:
    url = empty("bench_done")
    done = replace(THEIRS, done="SELECT {head} > 0")
    family, said = Family(subprocess.Popen(["true"])), BytesIO()
    family.end()
    assert _wait(done, family, said, url, 60, 5) > 0
    with pytest.raises(Failed, match=r"Theirs ended with 0: $"):
        _wait(replace(done, done="SELECT {head} < 0"), family, said, url, 60, 5)


def test_peers_take_turns_and_one_that_fails_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = []

    def once(name: str, *_: object) -> None:
        turns.append(name)
        if name == "envio":
            raise Failed("no such chain")

    monkeypatch.setattr(program, "_once", once)
    told = program.measured(["dchat", "envio", "ponder"], folder, 2, 60, Console(quiet=True))
    assert turns == ["dchat", "envio", "ponder", "dchat", "ponder"]
    assert told.missing == {"envio": "no such chain"}


@pytest.mark.parametrize("name", sorted(PEERS))
def test_a_peer_has_a_lock_and_leaves_nothing_out(name: str) -> None:
    assert (PEERS[name].source / "package-lock.json").exists()
    assert (PEERS[name].source / "package.json").exists()
    assert PEERS[name].unknown == frozenset()
