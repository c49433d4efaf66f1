"""What nodes announce wakes whoever waits, and nothing that they send does harm."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from indexer.chain import announcements
from indexer.chain.announcements import Announcements

LONG = 60.0
HEAD = '{"jsonrpc":"2.0","method":"eth_subscription","params":{"result":{"number":"0x1"}}}'
BOTTOMLESS = '{"params":' + "[" * 100_000
REFUSAL = '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such method"}}'


class Speaker:
    """A node that greets each subscriber with some messages, and then stays or leaves."""

    def __init__(self, *greeting: str, leaves: bool = False) -> None:
        self.greeting = greeting
        self.leaves = leaves
        self.asked: list[object] = []
        self.sockets: list[web.WebSocketResponse] = []

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for frame in socket:
            self.asked.append(frame.json()["params"])
            for text in self.greeting:
                await socket.send_str(text)
            if self.leaves:
                break
        return socket


@asynccontextmanager
async def heard(*speakers: Speaker | None) -> AsyncIterator[Announcements]:
    """What is heard of these nodes; None is one that knows no WebSocket."""
    runners, urls = [], []
    for speaker in speakers:
        app = web.Application()
        if speaker is not None:
            app.router.add_get("/", speaker.handle)
        runners.append(runner := web.AppRunner(app, shutdown_timeout=0.1))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    news = Announcements(urls)
    task = asyncio.create_task(news.listen())
    try:
        yield news
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for runner in runners:
            await runner.cleanup()


async def woken(news: Announcements) -> bool:
    """Whether the news came before a long time had passed."""
    began = time.monotonic()
    await news.wait(LONG)
    return time.monotonic() - began < LONG / 2


async def test_a_block_that_one_of_the_nodes_announces_wakes() -> None:
    speaker = Speaker('{"jsonrpc":"2.0","id":1,"result":"0x1"}', HEAD)
    async with heard(None, speaker) as news:
        assert await woken(news)
        assert speaker.asked == [["newHeads"]]
        await speaker.sockets[0].send_str(HEAD)
        assert await woken(news)


async def test_without_announcements_the_wait_ends_by_the_clock() -> None:
    async with heard(None, Speaker(REFUSAL)) as news:
        await news.wait(0.2)


@pytest.mark.parametrize(
    "nonsense",
    ["[", "[]", "7", '{"method": 7}', '{"error": 1', pytest.param(BOTTOMLESS, id="deep"), REFUSAL],
)
async def test_who_sends_nonsense_or_leaves_is_listened_to_again(
    nonsense: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "FIRST_REST", 0.01)
    monkeypatch.setattr(announcements, "LONGEST_REST", 0.05)
    speaker = Speaker(nonsense, leaves=True)
    async with heard(speaker) as news:
        while len(speaker.sockets) < 3:
            await news.wait(0.01)
        speaker.greeting = (HEAD,)
        assert await woken(news)


class Chatterbox(Speaker):
    """Talks on when it is told goodbye, and never says goodbye itself."""

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        with suppress(ConnectionError):
            while True:
                await socket.send_str(HEAD)
                await asyncio.sleep(0.01)
        return socket


class Mute(Speaker):
    """Takes the connection, and answers nothing at all."""

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        self.asked.append(None)
        await asyncio.sleep(LONG)
        raise web.HTTPServiceUnavailable


@pytest.mark.parametrize("kind", [Chatterbox, Mute, Speaker])
async def test_whatever_a_node_does_listening_ends_when_it_is_asked_to(kind: type[Speaker]) -> None:
    speaker = kind()
    async with asyncio.timeout(LONG / 2), heard(speaker) as news:
        while not (speaker.asked or speaker.sockets):
            await news.wait(0.01)


async def test_a_node_that_hangs_is_left_and_that_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("FIRST_REST", "LONGEST_REST", "OPENING"):
        monkeypatch.setattr(announcements, name, 0.02)
    speaker = Mute()
    with capture_logs() as told:
        async with heard(speaker) as news:
            while len(speaker.asked) < 3:
                await news.wait(0.01)
    assert [one["cause"] for one in told if "announces no" in one["event"]] == ["TimeoutError"]
