"""New blocks as nodes announce them: over WebSocket, where a node offers it at the address at which
it takes requests. Nothing of an announcement is believed: it only says that looking is worth it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import aiohttp
import msgspec

from indexer.chain.endpoint import shown
from indexer.log import get_logger

log = get_logger(__name__)

SUBSCRIBE: Final = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
FIRST_REST: Final = 1.0
LONGEST_REST: Final = 300.0
"""Seconds until a node that announces nothing is asked again: most that don't never will."""
ALIVE: Final = 30.0
"""Seconds between two pings; a node that answers none is left."""
OPENING: Final = 10.0
"""Seconds that a node may take to accept the subscription."""
CLOSING: Final = 1.0
"""Seconds for leaving politely; a node may go on talking for ever."""
LARGEST: Final = 1 << 20
"""Bytes of an announcement, at most: it is a header."""


class _Message(msgspec.Struct):
    method: str = ""
    error: msgspec.Raw = msgspec.Raw()


_message: Final = msgspec.json.Decoder(_Message)


class Announcements:
    """Listens to every endpoint at once, and wakes the one who waits."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = {
            url.replace("http", "ws", 1): shown(url, place) for place, url in enumerate(urls, 1)
        }
        self._news = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Returns when a block was announced since the last time, at the latest after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()

    async def listen(self) -> None:
        """Hears announcements until it is cancelled."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            await asyncio.gather(*(self._stay(session, url) for url in self._urls))

    async def _stay(self, session: aiohttp.ClientSession, url: str) -> None:
        rest, said = FIRST_REST, False
        while True:
            heard, cause = False, "it left"
            try:
                heard = await self._hear(session, url)
            except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
                cause = type(error).__name__
            if heard:
                rest, said = FIRST_REST, False
            if not said:
                log.info(
                    "a node announces no blocks: it is asked by the clock",
                    node=self._urls[url],
                    cause=cause,
                )
                said = True
            await asyncio.sleep(rest)
            rest = min(rest * 4, LONGEST_REST)

    async def _hear(self, session: aiohttp.ClientSession, url: str) -> bool:
        """Listens as long as the node talks; whether it announced anything."""
        heard = False
        async with _connected(session, url) as socket:
            await socket.send_json(SUBSCRIBE)
            frame = await socket.receive(OPENING)
            while frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                said = _message.decode(frame.data)
                if said.method == "eth_subscription":
                    heard = True
                    self._news.set()
                elif bytes(said.error) not in (b"", b"null"):
                    break
                frame = await socket.receive()
        return heard


@asynccontextmanager
async def _connected(
    session: aiohttp.ClientSession, url: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A connection that neither takes long to open nor to close, whatever the node does."""
    async with asyncio.timeout(OPENING):
        socket = await session.ws_connect(url, heartbeat=ALIVE, max_msg_size=LARGEST)
    try:
        yield socket
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING):
                await socket.close()
