"""Children end as a group, and die with whoever started them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from indexer.dev import orphan
from indexer.dev.home import Home
from indexer.dev.lease import keeper_environment
from indexer.dev.parts import PROGRAM, sweep
from indexer.dev.process import LOG_LIMIT, last_lines, open_log, spawn, stop
from indexer.errors import MissingTool

FAMILY = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True);"
    "time.sleep(600)"
)
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('ready', flush=True); time.sleep(600)"
)
STARTER = """
import sys, time
from pathlib import Path
from indexer.dev.parts import PROGRAM, sweep
from indexer.dev.process import spawn
child = spawn([sys.executable, "-c", "import time; time.sleep(600)"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(600)
"""


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_stopping_ends_the_childrens_children_too(tmp_path: Path) -> None:
    log = tmp_path / "family.log"
    process = spawn([sys.executable, "-c", FAMILY], log=log)
    assert eventually(lambda: bool(last_lines(log)))
    grandchild = int(last_lines(log)[0])
    assert stop(process) == -signal.SIGTERM
    assert eventually(lambda: not lives(grandchild))


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "stubborn.log"
    process = spawn([sys.executable, "-c", STUBBORN], log=log)
    assert eventually(lambda: last_lines(log) == ["ready"])
    assert stop(process, grace=0.1) == -signal.SIGKILL


def test_stopping_what_has_ended_returns_its_status(tmp_path: Path) -> None:
    process = spawn([sys.executable, "-c", "raise SystemExit(7)"], log=tmp_path / "log")
    process.wait()
    assert stop(process) == 7


if sys.platform == "linux":  # elsewhere nobody tells a child of its parent's death

    def test_a_child_dies_with_its_parent_however_that_dies(tmp_path: Path) -> None:
        starter = subprocess.Popen(
            [sys.executable, "-c", STARTER, str(tmp_path / "log")],
            env=keeper_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        with starter:
            assert starter.stdout is not None
            child = int(starter.stdout.readline())
            assert lives(child)
            starter.kill()
        assert eventually(lambda: not lives(child))


def test_a_child_has_a_session_of_its_own(tmp_path: Path) -> None:
    process = spawn([sys.executable, "-c", "import time; time.sleep(600)"], log=tmp_path / "log")
    try:
        assert os.getsid(process.pid) == process.pid
    finally:
        stop(process, how=signal.SIGKILL)


def test_an_orphan_is_known_by_its_sign_and_ended(tmp_path: Path) -> None:
    process = spawn(
        [sys.executable, "-c", "import time; time.sleep(600)", "sign"], log=tmp_path / "log"
    )
    try:
        orphan.end({"server": process.pid}, "another sign", signal.SIGTERM)
        assert process.poll() is None
        orphan.end({"server": process.pid}, "sign", signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM
    finally:
        stop(process)


def test_parts_of_a_killed_run_are_ended_by_the_next(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    words = [sys.executable, "-c", "import time; time.sleep(600)", *PROGRAM]
    process = spawn(words, log=home.log("api"))
    try:
        home.run("parts.json").write_text(json.dumps({process.pid: "api"}))
        sweep(home)
        assert process.wait() == -signal.SIGTERM
        assert not home.run("parts.json").exists()
        sweep(home)
    finally:
        stop(process)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingTool, match="no-such-program"):
        spawn(["/no-such-program"], log=tmp_path / "log")


def test_only_the_last_lines_of_this_run_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n")
    begun = log.stat().st_size
    with log.open("a") as file:
        file.write("one\n\ntwo\nthree\n")
    assert last_lines(log, 2, begun) == ["two", "three"]
    assert last_lines(log, 9, begun) == ["one", "two", "three"]
    assert last_lines(tmp_path / "none") == []


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file:
        file.truncate(LOG_LIMIT + 1)
    with open_log(log) as fresh:
        fresh.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "log.1").stat().st_size == LOG_LIMIT + 1
