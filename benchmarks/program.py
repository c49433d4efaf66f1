"""How the programs of the benchmarks end: everything they started is gone, and one line says why.

Ctrl-C, an ended session and a full disk pass through all `with` blocks, so that nodes, Postgres
and folders of temporary files go with the program.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import psycopg

from indexer.errors import DchatError

LEAST_EVENTS: Final = 1_000
"""A shorter chain measures how programs start, and nothing else."""
INTERRUPTED: Final = 130


class Failed(Exception):
    """Something that was to be measured did not come to its end."""


def at_least(least: int) -> Callable[[str], int]:
    """What argparse turns a word into: a whole number that is not too small to mean anything."""

    def number(word: str) -> int:
        try:
            found = int(word.replace("_", "").replace(",", ""))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{word!r} is not a whole number") from None
        if found < least:
            raise argparse.ArgumentTypeError(f"{found:,} is too few: at least {least:,}")
        return found

    return number


count: Final = at_least(1)
events: Final = at_least(LEAST_EVENTS)


@contextmanager
def ending(*, tidy: bool = True) -> Iterator[None]:
    """Ends the program in one line where what is within fails for a reason that people know.

    `tidy`: it leaves its `with` blocks also where it is ended by a signal.
    """
    for number in (signal.SIGTERM, signal.SIGHUP) if tidy else ():
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _ended)
    try:
        yield
    except KeyboardInterrupt:
        print("\ninterrupted: nothing of this run is kept", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except (DchatError, Failed, OSError, psycopg.Error) as error:
        sys.exit(f"failed: {str(error).strip() or type(error).__name__}")


def _ended(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)
