"""File locks (flock) that the kernel releases when their holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """An open lock file. Children do not inherit it unless they are handed `fd`."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def shared(self) -> None:
        """Waits until nobody holds it alone, then holds it among others."""
        fcntl.flock(self.fd, fcntl.LOCK_SH)

    def exclusive(self) -> None:
        """Waits until nobody else holds it, then holds it alone."""
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def try_exclusive(self) -> bool:
        """Whether it is now held alone; a refused try also drops a shared hold."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Lets go, once only."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@contextmanager
def opened(path: Path) -> Iterator[Lock]:
    """The lock file, not held; closed, and so let go, on leaving."""
    lock = Lock(path)
    try:
        yield lock
    finally:
        lock.close()


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds the file alone while inside."""
    with opened(path) as lock:
        lock.exclusive()
        yield


def is_held(path: Path) -> bool:
    """Whether anybody holds the file at this moment."""
    with opened(path) as lock:
        return not lock.try_exclusive()
