"""A benchmark that fails says why in one line, and refuses sizes that mean nothing."""

import argparse
import os
import signal

import psycopg
import pytest

from benchmarks.program import Failed, at_least, ending
from indexer.errors import PortInUse


@pytest.mark.parametrize(
    "error",
    [
        Failed("the port is taken"),
        OSError(28, "No space left on device"),
        psycopg.errors.DiskFull("no room"),
        PortInUse("somebody listens"),
    ],
)
def test_what_people_know_ends_in_one_line(error: Exception) -> None:
    with pytest.raises(SystemExit) as told, ending():
        raise error
    assert told.value.code == f"failed: {error}"


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(KeyError), ending():
        raise KeyError


def test_an_interruption_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as told, ending():
        raise KeyboardInterrupt
    assert told.value.code == 130
    assert capsys.readouterr().err.strip() == "interrupted: nothing of this run is kept"


def test_who_is_ended_leaves_its_blocks() -> None:
    before, left = signal.getsignal(signal.SIGTERM), []
    try:
        with pytest.raises(SystemExit) as told, ending():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                left.append(True)
        assert told.value.code == 128 + signal.SIGTERM and left
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("word", ["0", "-5", "9", "many", "1.5"])
def test_a_size_that_means_nothing_is_refused(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        at_least(10)(word)


def test_a_size_may_be_written_as_people_write_it() -> None:
    assert at_least(10)("1_000_000") == at_least(10)("1,000,000") == 1_000_000
