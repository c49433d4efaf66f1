"""When the index looks at the heads again, once it has caught up."""

import asyncio
from typing import Protocol


class News(Protocol):
    """Knows when looking at the heads is worth it."""

    async def wait(self, seconds: float) -> None:
        """Returns as soon as it is, at the latest after so many seconds."""


class Clock:
    """Knows nothing."""

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
