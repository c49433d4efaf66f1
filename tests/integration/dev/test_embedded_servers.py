"""Embedded Postgres and Redis: shared, stopped by the last one out, recovered after any kill."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from indexer.dev import state
from indexer.dev.home import Home
from indexer.dev.lease import Lease, keeper_environment
from indexer.dev.locks import is_held
from indexer.dev.postgres import embedded_postgres
from indexer.dev.redis import embedded_redis

USER = """
import sys, time
from pathlib import Path
from indexer.dev.postgres import embedded_postgres
from indexer.dev.redis import embedded_redis
with globals()["embedded_" + sys.argv[1]](Path(sys.argv[2])) as url:
    print(url, flush=True)
    time.sleep(600)
"""
SERVERS = {"postgres": embedded_postgres, "redis": embedded_redis}


class Users:
    """Other commands that use the same home."""

    def __init__(self, name: str, home: Path) -> None:
        self.name, self.home = name, home
        self.running: list[subprocess.Popen[str]] = []

    def enter(self) -> str:
        user = subprocess.Popen(
            [sys.executable, "-c", USER, self.name, str(self.home)],
            env=keeper_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.running.append(user)
        assert user.stdout is not None
        return user.stdout.readline().strip()

    def leave(self, how: signal.Signals) -> None:
        user = self.running.pop()
        user.send_signal(how)
        user.wait()
        assert user.stdout is not None
        user.stdout.close()


@pytest.fixture(params=SERVERS, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def home(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests of a server: each leaves it with no user. Private, as pytest's are."""
    return tmp_path_factory.mktemp(name) / "home"


@pytest.fixture
def enter(name: str, home: Path) -> Callable[[], AbstractContextManager[str]]:
    return lambda: SERVERS[name](home)


@pytest.fixture
def lease(name: str, home: Path) -> Lease:
    return Lease(home=Home.open(home), name=name)


@pytest.fixture
def users(name: str, home: Path) -> Iterator[Users]:
    users = Users(name, home)
    yield users
    while users.running:
        users.leave(signal.SIGKILL)


def remember(url: str, value: str) -> None:
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            client.set("kept", value)
            client.execute_command("WAITAOF", 1, 0, 5000)
        return
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("TRUNCATE kept")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def recall(url: str) -> str:
    if url.startswith("redis"):
        with redis.Redis.from_url(url, decode_responses=True) as client:
            return str(client.get("kept"))
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT value FROM kept").fetchone()
        return str(row and row[0])


def server_pid(lease: Lease) -> int:
    return state.read(lease.state)["server"]


def lives(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


Enter = Callable[[], AbstractContextManager[str]]


def test_the_last_one_out_stops_the_server_and_the_data_stays(enter: Enter, lease: Lease) -> None:
    with enter() as url:
        remember(url, "群")
        pid = server_pid(lease)
    assert not lives(pid)
    assert not lease.runs()
    with enter() as url:
        assert recall(url) == "群"


def test_a_second_user_attaches_and_the_first_may_leave(
    enter: Enter, users: Users, lease: Lease
) -> None:
    first = users.enter()
    with enter() as second:
        assert second == first
        pid = server_pid(lease)
        users.leave(signal.SIGKILL)
        remember(second, "still here")
        assert recall(second) == "still here"
        assert server_pid(lease) == pid
    assert not lives(pid)


def test_when_all_users_are_killed_the_server_ends_by_itself(users: Users, lease: Lease) -> None:
    users.enter()
    users.enter()
    pid = server_pid(lease)
    users.leave(signal.SIGKILL)
    users.leave(signal.SIGKILL)
    assert eventually(lambda: not lives(pid) and not is_held(lease.alive))


def test_a_server_whose_folder_was_deleted_still_ends(name: str, tmp_path: Path) -> None:
    lease = Lease(home=Home.open(tmp_path / "home"), name=name)
    with SERVERS[name](tmp_path / "home"):
        server = psutil.Process(server_pid(lease))
        keeper = server.parent()
        assert keeper is not None
        (tmp_path / "home").rename(tmp_path / "elsewhere")
        shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
        (tmp_path / "home" / "run").mkdir(parents=True)
    assert eventually(lambda: not lives(server.pid) and not lives(keeper.pid))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_no_signal_to_its_user_leaves_a_server_behind(
    users: Users, lease: Lease, how: signal.Signals
) -> None:
    users.enter()
    pid = server_pid(lease)
    users.leave(how)
    assert eventually(lambda: not lives(pid) and not is_held(lease.alive))


def test_a_killed_server_is_recovered_with_what_was_committed(enter: Enter, lease: Lease) -> None:
    with enter() as url:
        remember(url, "committed")
        os.kill(server_pid(lease), signal.SIGKILL)
        assert eventually(lambda: not is_held(lease.alive))
        assert not lease.runs()
    with enter() as url:
        assert recall(url) == "committed"


def test_a_killed_keeper_takes_its_server_along_and_the_next_user_recovers(
    enter: Enter, lease: Lease
) -> None:
    with enter() as url:
        remember(url, "committed")
        server = psutil.Process(server_pid(lease))
        keeper = server.parent()
        assert keeper is not None
        keeper.kill()
        assert eventually(lambda: not is_held(lease.alive))
        with enter() as again:
            assert recall(again) == "committed"
            assert not lives(server.pid)


def test_a_killed_keeper_and_server_together_are_recovered(enter: Enter, lease: Lease) -> None:
    with enter() as url:
        remember(url, "committed")
        server = psutil.Process(server_pid(lease))
        keeper = server.parent()
        assert keeper is not None
        for process in (keeper, *server.children(), server):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        assert eventually(lambda: not is_held(lease.alive))
    with enter() as url:
        assert recall(url) == "committed"


def test_the_server_lives_outside_the_terminals_process_group(enter: Enter, lease: Lease) -> None:
    with enter():
        pid = server_pid(lease)
        keeper = psutil.Process(pid).ppid()
        assert os.getpgrp() not in (os.getpgid(pid), os.getpgid(keeper))
        assert os.getsid(0) not in (os.getsid(pid), os.getsid(keeper))


def test_the_port_is_kept_from_one_run_to_the_next(enter: Enter) -> None:
    with enter() as first:
        pass
    with enter() as second:
        assert second == first


def test_users_who_come_and_go_in_any_order_always_have_a_working_server(
    enter: Enter, users: Users, lease: Lease
) -> None:
    for how in (signal.SIGINT, signal.SIGKILL, signal.SIGTERM):
        url = users.enter()
        with enter() as mine:
            assert mine == url
            users.leave(how)
            remember(mine, "x")
    assert not lease.runs()
