"""`kill -9` at any moment of whatever a command does: started again, it ends as if nothing was."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from subprocess import Popen
from typing import Any, Final

import pytest

from indexer.dev.home import Home
from indexer.dev.process import last_lines, spawn, stop
from tests.e2e.calls import create_group
from tests.e2e.chain import Chain
from tests.e2e.chaos import everything, rows
from tests.e2e.commands import PROGRAM, dchat, environment, eventually
from tests.e2e.database import Database
from tests.e2e.stack import dev_chain
from tests.e2e.workload import Workload

LENGTH: Final = 1200
"""Blocks: with so few in a step, a backfill has a hundred of them."""
STEP: Final = 12
CONNECTED: Final = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dchat index'"
SCHEMA: Final = """
SELECT c.relname, c.relkind::text, a.attname, a.atttypid::regtype::text FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace
"""


class World:
    """A chain with a past, a database, and commands upon them."""

    def __init__(self, home: Home, chain: Chain, database: Database) -> None:
        self.home, self.chain, self.database = home, chain, database
        self._log = home.log("kills")

    def url(self, name: str) -> str:
        return self.database.url.rsplit("/", 1)[0] + "/" + name

    def new(self, name: str, *, migrated: bool = True) -> str:
        """The URL of a new database."""
        rows(self.database.url, f"CREATE DATABASE {name}")
        if migrated:
            self.run("migrate", url=self.url(name))
        return self.url(name)

    def settings(self, url: str) -> dict[str, str]:
        return environment(
            home=self.home.path,
            rpc_urls=self.chain.url,
            deployment=self.chain.deployment,
            database_url=url,
            max_range=STEP,
            poll_interval=0.05,
        )

    def start(self, *words: str, url: str) -> "Popen[bytes]":
        env, cwd = self.settings(url), self.home.path
        return spawn([*PROGRAM, *words], log=self._log, env=env, cwd=cwd)

    def run(self, *words: str, url: str, code: int = 0) -> str:
        """What a command said that ends with this code."""
        done = dchat(*words, env=self.settings(url), cwd=self.home.path, seconds=300)
        assert done.returncode == code, (words, done.stdout[-3000:], done.stderr[-3000:])
        return done.stdout + done.stderr

    def killed(self, *words: str, url: str, seed: int, kills: int) -> None:
        """Kills the command so often, later each time; then it has to end well."""
        began, dice = time.monotonic(), Random(seed)
        process = self.start(*words, url=url)
        for nth in range(kills):
            pause = dice.uniform(0.5, 1.5) + nth * 0.4
            while time.monotonic() - began < pause and process.poll() is None:
                time.sleep(0.01)
            assert process.poll() in (None, 0), self.told()
            stop(process, how=signal.SIGKILL)
            began, process = time.monotonic(), self.start(*words, url=url)
        assert process.wait(300) == 0, self.told()

    def told(self) -> Sequence[str]:
        """What commands said last."""
        return last_lines(self._log, 40)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = Home.open(tmp_path_factory.mktemp("kills") / "home")
    database = Database(home)
    database.start()
    try:
        with dev_chain(home, past=False) as chain:
            work = Workload(chain, seed=31)
            for _ in range(30):
                work.run(2)
                chain.rpc("anvil_mine", hex(LENGTH // 30))
            yield World(home, chain, database)
    finally:
        database.stop()


@pytest.fixture(scope="module")
def whole(world: World) -> str:
    """The URL of an index that nobody killed."""
    url = world.new("whole")
    world.run("index", "--once", url=url)
    return url


def same(one: str, two: str) -> None:
    told, wanted = everything(one), everything(two)
    assert sum(map(len, wanted.values())) > 300
    for query, found in wanted.items():
        assert told[query] == found, query


def test_a_backfill_killed_again_and_again_misses_nothing_and_has_nothing_twice(
    world: World, whole: str
) -> None:
    url = world.new("killed_backfill")
    world.killed("index", "--once", url=url, seed=1, kills=6)
    same(url, whole)
    assert "\n0 differences" in world.run("verify", "--all", url=url)


def test_a_replay_killed_again_and_again_ends_as_the_index_was(world: World, whole: str) -> None:
    url = world.new("killed_replay")
    world.run("index", "--once", url=url)
    world.killed("replay", "--from-block", "1", url=url, seed=2, kills=4)
    same(url, whole)
    assert rows(url, "SELECT to_regnamespace('dchat_side')::text") == [(None,)]


def test_an_undo_killed_again_and_again_leaves_the_new_chain_alone(
    world: World, whole: str
) -> None:
    url = world.new("killed_undo")
    world.run("index", "--once", url=url)
    for depth in (700, 40):
        block = world.chain.height - depth
        world.killed("rewind", "--to-block", str(block), url=url, seed=depth, kills=2)
        assert rows(url, "SELECT block_number FROM cursor") == [(block,)]
        world.killed("index", "--once", url=url, seed=depth, kills=2)
        same(url, whole)


def test_a_migration_killed_again_and_again_leaves_the_whole_schema(
    world: World, whole: str
) -> None:
    url = world.new("killed_migration", migrated=False)
    world.killed("migrate", url=url, seed=3, kills=5)
    assert "nothing to do" in world.run("migrate", url=url)
    tables = "c.relname NOT LIKE 'events_%'"
    migrated, wanted = (
        rows(one, f"{SCHEMA} AND {tables} ORDER BY 1, 2, 3") for one in (url, whole)
    )
    assert migrated == wanted
    world.run("index", "--once", url=url)
    same(url, whole)


def test_another_indexer_takes_over_from_one_that_was_killed(world: World) -> None:
    url, chain = world.new("standby"), world.chain
    processes = [world.start("index", url=url)]
    try:
        assert eventually(lambda: _level(world, url)), world.told()
        processes.append(world.start("index", url=url))
        assert eventually(lambda: rows(url, CONNECTED) == [(2,)]), world.told()
        assert "standby    1 ready to take over" in world.run("status", url=url)
        os.kill(processes[0].pid, signal.SIGKILL)
        killed = time.monotonic()
        create_group(chain, chain.users[0], name="meanwhile")
        assert eventually(lambda: _level(world, url), 30, 0.02), world.told()
        print(f"taken over after {time.monotonic() - killed:.2f} s")
        assert processes[1].poll() is None
    finally:
        for process in processes:
            stop(process)


def _level(world: World, url: str) -> bool:
    found: list[tuple[Any, ...]] = rows(url, "SELECT block_number FROM cursor")
    return found == [(world.chain.height,)]


def test_a_full_disk_stops_the_index_clearly_and_harms_nothing(world: World) -> None:
    """The kernel's own error, without any privilege: /dev/full in the place of a table's file."""
    url = world.new("full_disk")
    [(path,)] = rows(url, "SELECT pg_relation_filepath('groups')")
    file = world.home.room("postgres") / "data" / path
    with _full(world.database, file):
        said = world.run("index", "--once", url=url, code=74)
        assert "dchat: Postgres has no room left (could not extend file" in said
        assert "No space left on device): free some and start again" in said
        assert "Traceback" not in said
    world.run("index", "--once", url=url)
    assert "\n0 differences" in world.run("verify", "--all", url=url)


class _full:
    """A file whose every write fails, for a while; Postgres is restarted before and after."""

    def __init__(self, database: Database, file: Path) -> None:
        self._database, self._file = database, file

    def __enter__(self) -> None:
        self._database.stop()
        assert self._file.stat().st_size == 0
        self._file.unlink()
        self._file.symlink_to("/dev/full")
        self._database.start()

    def __exit__(self, *_: object) -> None:
        self._database.stop()
        self._file.unlink()
        owner = self._file.parent.stat()
        self._file.touch(mode=0o600)
        os.chown(self._file, owner.st_uid, owner.st_gid)
        self._database.start()
