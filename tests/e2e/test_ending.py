"""A signal ends a command in order, at whatever moment it arrives."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, os, signal, sys, time
from indexer import cli

async def follow():
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), {number})
    try:
        await asyncio.sleep(5)
    finally:
        await asyncio.sleep(0)
        print("in order")

@cli.dchat.command()
def run():
    {work}
    sys.exit(7)

signal.signal(signal.SIGINT, signal.{interrupt})
sys.argv = ["dchat", "run"]
cli.main()
"""
KILL = "os.kill(os.getpid(), {number})"
WAITING = f"{KILL}; time.sleep(5)"
FOLLOWING = "asyncio.run(follow())"
MAKING_A_CLASS = f"exec('{KILL}')"


def ended(path: Path, work: str, number: int, interrupt: str = "default_int_handler") -> str:
    """What was printed by a command, run as `dchat up` runs ours, that a signal ends with 0."""
    program = PROGRAM.format(work=work.format(number=number), number=number, interrupt=interrupt)
    (path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "program"],
        cwd=path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done
    return done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_what_waits(tmp_path: Path, number: int) -> None:
    ended(tmp_path, WAITING, number)


def test_a_signal_ends_an_event_loop_in_order(tmp_path: Path) -> None:
    assert ended(tmp_path, FOLLOWING, signal.SIGTERM) == "in order\n"


def test_a_signal_ends_what_still_imports_its_modules(tmp_path: Path) -> None:
    ended(tmp_path, MAKING_A_CLASS, signal.SIGTERM)


@pytest.mark.parametrize("work", [WAITING, FOLLOWING, MAKING_A_CLASS])
def test_a_signal_ends_what_a_shell_runs_in_the_background(tmp_path: Path, work: str) -> None:
    told = ended(tmp_path, work, signal.SIGTERM, interrupt="SIG_IGN")
    assert told == ("in order\n" if work == FOLLOWING else "")
