"""What surrounds every answer: headers that keep browsers from mischief, and an end to patience."""

import asyncio
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from indexer.log import get_logger

log = get_logger(__name__)

NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What an answer that is no page may load and do."""
PAGE: Final = (
    f"{NOTHING}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'"
)
"""What GraphiQL needs: our own files and our own API; its editor writes styles into the page."""
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
HSTS: Final = "max-age=31536000"
"""Said where the request came by https, as RFC 6797 wants it."""


class SecurityHeaders:
    """Adds the headers to each answer over HTTP that does not say them otherwise itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), secure=scope["scheme"] == "https")
            await send(message)

        await self._app(scope, receive, guarded)


def _add(headers: MutableHeaders, *, secure: bool) -> None:
    is_page = headers.get("content-type", "").startswith("text/html")
    policy = {"content-security-policy": PAGE if is_page else NOTHING}
    for name, value in (HEADERS | policy).items():
        headers.setdefault(name, value)
    if secure:
        headers["strict-transport-security"] = HSTS


class Cutoff:
    """Gives up on a client that takes nothing of an answer for so many seconds. (Over WebSocket
    the server's pings do that.)
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def bounded(message: Message) -> None:
            try:
                async with asyncio.timeout(self._seconds):
                    await send(message)
            except TimeoutError:
                log.info("a client takes nothing: cut off", seconds=self._seconds)
                raise

        await self._app(scope, receive, bounded)
