"""`dchat up` with a real Postgres, Valkey and dev chain, and stand-ins for our own commands."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from indexer.dev.home import MARKER, Home
from indexer.dev.lease import keeper_environment
from indexer.dev.locks import opened
from indexer.dev.ports import free_port
from indexer.dev.postgres import embedded_postgres

DRIVER = """
import sys
from indexer.dev import parts
parts.PROGRAM[:] = [sys.executable, sys.argv[1]]
from indexer.dev.up import up
from indexer.errors import DchatError
from indexer.settings import Settings
try:
    sys.exit(up(Settings.load(), fresh="--fresh" in sys.argv))
except DchatError as error:
    print(f"dchat: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
"""
STANDIN = Path(__file__).with_name("standin.py")


class Run:
    """One `dchat up`, its output in a file."""

    def __init__(self, home: Path, port: int, *flags: str, **env: str) -> None:
        self.output = home.parent / f"output-{time.monotonic_ns()}"
        places = {"DCHAT_HOME": str(home), "DCHAT_PORT": str(port)}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DRIVER, str(STANDIN), *flags],
                env={**keeper_environment(), **places, **env},
                stdout=output,
                stderr=output,
                cwd=home.parent,
            )

    def lines(self) -> list[str]:
        return self.output.read_text().splitlines()

    def says(self, word: str) -> bool:
        return eventually(lambda: any(word in line for line in self.lines()))

    def block(self, number: str) -> dict[str, str]:
        """A block of its dev chain."""
        (line,) = [line for line in self.lines() if line.startswith("chain: ready ")]
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber"}
        with httpx.Client() as client:
            answer = client.post(line.split()[-1], json={**asked, "params": [number, False]})
        found: dict[str, str] = answer.json()["result"]
        return found

    def family(self) -> list[psutil.Process]:
        """Whoever was started: children, keepers and their servers know the home or its port."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("DCHAT_HOME") == str(self.home) and process.is_running()
        except psutil.Error:
            return False

    @property
    def home(self) -> str:
        return str(self.output.parent / "home")


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests: what one left is what the next goes on with."""
    path = tmp_path_factory.mktemp("up") / "home"
    Home.open(path)
    return path


@pytest.fixture(autouse=True)
def no_faults(home: Path) -> None:
    (home / "faults.json").write_text("{}")


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*flags: str, port: int | None = None, **env: str) -> Run:
        runs.append(Run(home, port or free_port(), *flags, **env))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()
    assert eventually(lambda: not any(run.family() for run in runs))


Start = Callable[..., Run]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_in_order(start: Start, how: signal.Signals) -> None:
    run = start()
    assert run.says("api: ready"), run.lines()
    assert len(run.family()) > 6
    run.process.send_signal(how)
    assert run.process.wait(60) == 0
    assert not run.family()


def test_a_second_run_goes_on_with_the_same_chain(start: Start) -> None:
    first = start()
    assert first.says("api: ready"), first.lines()
    newest = first.block("latest")
    first.process.send_signal(signal.SIGINT)
    first.process.wait(60)
    second = start()
    assert second.says("api: ready"), second.lines()
    assert second.block(newest["number"])["hash"] == newest["hash"]


def test_a_killed_run_leaves_nothing_behind(start: Start) -> None:
    run = start()
    assert run.says("api: ready"), run.lines()
    run.process.kill()
    run.process.wait()
    assert eventually(lambda: not run.family())


@pytest.mark.parametrize("verb", ["migrate", "index", "serve", "community"])
def test_when_a_part_dies_its_reason_is_the_last_line(start: Start, home: Path, verb: str) -> None:
    part = {"index": "indexer", "serve": "api"}.get(verb, verb)
    (home / "faults.json").write_text(json.dumps({verb: [0.3, 78, "the cause: moon phase"]}))
    run = start()
    assert run.process.wait(90) == 70
    assert run.lines()[-1].startswith(f"dchat: {part} ended with status 78: the cause: moon phase")
    assert not run.family()


def test_when_the_chain_is_killed_everything_ends(start: Start) -> None:
    run = start()
    assert run.says("api: ready"), run.lines()
    (anvil,) = [process for process in run.family() if process.name() == "anvil"]
    anvil.kill()
    assert run.process.wait(60) == 70
    assert run.lines()[-1].startswith("dchat: chain ended with signal SIGKILL")
    assert not run.family()


def test_the_same_home_is_not_run_twice(start: Start, home: Path) -> None:
    with opened(home / "run" / "up.lock") as lock:
        assert lock.try_exclusive()
        run = start()
        assert run.process.wait(30) == 78
    assert run.lines() == [
        f"dchat: `dchat up` runs already in {home}: end that one, or set another DCHAT_HOME"
    ]


def test_a_port_in_use_is_named_before_anything_starts(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = start(port=port)
        assert run.process.wait(30) == 75
    (line,) = run.lines()
    assert f"port {port} of 127.0.0.1 is in use" in line


def test_a_chain_without_its_deployment_is_named(start: Start) -> None:
    run = start(DCHAT_RPC_URLS="http://127.0.0.1:1")
    assert run.process.wait(30) == 78
    assert run.lines() == [
        "dchat: DCHAT_RPC_URLS and DCHAT_DEPLOYMENT go together: set both or none"
    ]


def test_a_chain_that_is_given_is_followed_instead_of_a_dev_chain(start: Start) -> None:
    run = start(DCHAT_RPC_URLS="http://node.example:8545/secret", DCHAT_DEPLOYMENT="11155111")
    assert run.says("api: ready"), run.lines()
    assert any(line == "chain: given node.example" for line in run.lines())
    assert not any("community" in line or "secret" in line for line in run.lines())
    assert not [process for process in run.family() if process.name() == "anvil"]
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(60) == 0


def test_fresh_is_refused_while_another_command_uses_the_home(start: Start, home: Path) -> None:
    with embedded_postgres(home) as url:
        run = start("--fresh")
        assert run.process.wait(30) == 78
        assert "another dchat command uses" in run.lines()[-1]
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_fresh_starts_anew_and_keeps_what_is_not_ours(start: Start, home: Path) -> None:
    with embedded_postgres(home) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE old (x int)")
    (home / "notes.txt").write_text("mine")
    run = start("--fresh")
    assert run.says("api: ready"), run.lines()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(60) == 0
    with embedded_postgres(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('old')").fetchone() == (None,)
    assert {"notes.txt", MARKER} <= set(os.listdir(home))
