"""How long trouble is waited out, and how long each pause is."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeVar

from indexer.errors import NodeUnavailable, Retryable
from indexer.log import get_logger

T = TypeVar("T")
log = get_logger(__name__)

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 10.0


class Patience:
    """Trouble begins with an error and ends with the next step, however small."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None
        self._pause = FIRST_PAUSE

    def restore(self) -> None:
        """A step was taken: there is no trouble (any more)."""
        self._since, self._pause = None, FIRST_PAUSE

    def pause(self, error: Retryable) -> float:
        """Seconds to wait before the next try; raises the error when patience ends.

        NodeUnavailable was waited for already, by whoever raised it.
        """
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if isinstance(error, NodeUnavailable) or now - self._since >= self._seconds:
            raise error
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        return max(pause, error.retry_after or 0.0)


async def patiently(seconds: float, do: Callable[[], T]) -> T:
    """What `do` returns, in a thread; tried again, with growing pauses, where waiting helps."""
    patience = Patience(seconds)
    while True:
        try:
            return await asyncio.to_thread(do)
        except Retryable as error:
            pause = patience.pause(error)
            log.warning("trying again", cause=str(error), pause=pause)
            await asyncio.sleep(pause)
