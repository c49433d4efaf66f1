"""What a subscriber was given and has not taken yet."""

import asyncio
from typing import Generic, TypeVar

from api.errors import ApiError, Code

T = TypeVar("T")


class Backlog(Generic[T]):
    """At most `size` things; who falls further behind is told so, with the advice, and ends."""

    def __init__(self, size: int, advice: str = "subscribe again") -> None:
        self._queue: asyncio.Queue[T | Exception] = asyncio.Queue(size)
        self._advice = advice
        self._lost: Exception | None = None

    def put(self, one: T) -> None:
        try:
            self._queue.put_nowait(one)
        except asyncio.QueueFull:
            told = f"this subscriber was too slow; {self._advice}"
            self._lost = ApiError(Code.SLOW_CLIENT, told)

    def end(self, error: Exception) -> None:
        """Ends it with this error, behind what was put before."""
        try:
            self._queue.put_nowait(error)
        except asyncio.QueueFull:
            self._lost = error

    def skip(self) -> None:
        """Forgets what was put up to now."""
        self._lost = None
        while not self._queue.empty():
            self._queue.get_nowait()

    async def next(self) -> T:
        """The next; raises SLOW_CLIENT where something was lost, or what it ended with."""
        if self._lost is not None:
            raise self._lost
        found = await self._queue.get()
        if isinstance(found, Exception):
            raise found
        return found
