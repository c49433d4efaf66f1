"""Running commands: a database that goes away, and signals that end everything."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from indexer.dev.home import Home
from indexer.dev.ports import free_port
from indexer.dev.process import last_lines, spawn, stop
from tests.e2e.calls import create_group
from tests.e2e.chain import Chain
from tests.e2e.commands import PROGRAM, dchat, environment, eventually, family, running
from tests.e2e.database import Database
from tests.e2e.stack import Stack, dev_chain


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home.open(tmp_path_factory.mktemp("processes") / "home")


@pytest.fixture(scope="module")
def chain(home: Home) -> Iterator[Chain]:
    with dev_chain(home, past=False) as chain:
        yield chain


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    database = Database(home)
    database.start()
    yield database
    database.stop()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_index_and_api_outlive_a_restart_of_the_database(
    home: Home, chain: Chain, database: Database, how: signal.Signals
) -> None:
    stack = Stack(home=home, chain=chain, database_url=database.url)
    stack.migrate()
    try:
        for verb in ("index", "serve"):
            stack.start(verb)
        assert eventually(lambda: stack.is_up() and stack.graph.answers())
        stack.synced()
        database.stop(how)
        for n in range(3):
            create_group(chain, chain.users[n], name="meanwhile")
        assert not stack.graph.answers()
        database.start()
        assert eventually(lambda: stack.is_up() and stack.graph.answers())
        stack.synced()
        assert len(stack.graph.query("{ groups { nodes { key } } }")["groups"]["nodes"]) >= 3
    finally:
        stack.close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an embedded Postgres of its own, migrated."""
    path = tmp_path_factory.mktemp("alone") / "home"
    Home.open(path)
    assert dchat("migrate", env=environment(home=path), cwd=path).returncode == 0
    assert eventually(lambda: not family(path))
    return path


@pytest.mark.parametrize("verb", ["index", "serve"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_and_all_that_it_started(
    alone: Path, chain: Chain, verb: str, how: signal.Signals
) -> None:
    log = Home(path=alone).log(f"{verb}-{how.name}")
    settings = {"home": alone, "rpc_urls": chain.url, "deployment": chain.deployment}
    env = environment(**settings, port=free_port(), log_level="debug")
    process = spawn([*PROGRAM, verb], log=log, env=env, cwd=alone)
    try:
        assert eventually(lambda: _runs(alone, verb)), last_lines(log)
        os.kill(process.pid, how)
        assert process.wait(20) in (0, 130), last_lines(log)
        assert not family(alone), last_lines(log)
        assert "Traceback" not in log.read_text()
    finally:
        stop(process)


def _runs(home: Path, verb: str) -> bool:
    """Whether the command is past its start: connected to its own Postgres, or listening."""
    ours = running(home, verb)
    if verb == "serve":
        return any(c.status == "LISTEN" for each in ours for c in each.net_connections("tcp"))
    state = Home(path=home).run("postgres.json")
    password = Home(path=home).room("postgres") / "password"
    if not (state.exists() and '"ready": true' in state.read_text()):
        return False
    port = json.loads(state.read_text())["port"]
    url = f"postgresql://postgres:{password.read_text()}@127.0.0.1:{port}/dchat"
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT synced FROM cursor").fetchone()
        held = connection.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    return bool(row and row[0] and held)
