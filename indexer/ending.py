"""Signals that end a command the way Ctrl-C does, whatever it is doing."""

import signal
from types import FrameType
from typing import Final

ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


class Ended(KeyboardInterrupt):
    """Somebody asked us to end.

    A class of its own: where the plain KeyboardInterrupt leaves a text that `exec` runs, which is
    how dataclasses are made while modules are imported, Python remembers it, and `python -m` dies
    of SIGINT in the end, although the exception was caught.
    """


def end_by_signals() -> list[int]:
    """From now on SIGTERM and SIGHUP do what Ctrl-C does; the list gets those that came.

    They do so where Ctrl-C itself does nothing, too: a shell starts what it sends to the background
    with SIGINT ignored.
    """
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        interrupt = signal.getsignal(signal.SIGINT)
        if callable(interrupt) and interrupt is not signal.default_int_handler:
            interrupt(signal.SIGINT, frame)  # an event loop's: it ends its tasks in order
        else:
            raise Ended

    for number in ENDING:
        signal.signal(number, end)
    return came
