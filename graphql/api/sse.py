"""Subscriptions as server-sent events, as graphql-sse has it: a request for each."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any

import anyio
from strawberry.http.streaming import SSETransport

EVENTS = "text/event-stream"
PATIENCE = 10.0
"""Seconds in which chunks have to end that nobody takes any more."""


class Preferred(SSETransport):
    """Taken where the client names it before any JSON: some clients name all that they know."""

    def accepts(self, accept: str) -> bool:
        for part in accept.split(","):
            kind = part.split(";", 1)[0].strip().lower()
            if kind == EVENTS:
                return True
            if kind.endswith("json"):
                return False
        return False


async def until(
    closing: asyncio.Event,
    over: Callable[[], Coroutine[Any, Any, str]],
    chunks: AsyncGenerator[str, None],
    seat: AbstractContextManager[None],
) -> AsyncGenerator[str, None]:
    """The chunks; when the server closes, or `over` returns, the answer ends without the event
    `complete`, which makes clients connect again. The seat is taken meanwhile.
    """
    with seat:
        ends: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(closing.wait()),
            asyncio.ensure_future(over()),
        }
        step: asyncio.Future[str] | None = None
        try:
            while True:
                step = asyncio.ensure_future(anext(chunks))
                await asyncio.wait({step, *ends}, return_when=asyncio.FIRST_COMPLETED)
                if not step.done():
                    return
                try:
                    yield step.result()
                except StopAsyncIteration:
                    return
        finally:
            for end in ends:
                end.cancel()
            with anyio.move_on_after(PATIENCE, shield=True):
                await _ended(step, chunks)


async def _ended(step: asyncio.Future[str] | None, chunks: AsyncGenerator[str, None]) -> None:
    """Ends the chunks, so that what they hold is given back. Of a client that has gone, Starlette
    would cancel each wait within this too, were it not shielded.
    """
    if step is not None:
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)
    await chunks.aclose()
