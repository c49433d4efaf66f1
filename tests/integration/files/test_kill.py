"""An upload outlives the server that was killed while it took it."""

import asyncio
import os
import random
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text

from api.files import uploads
from indexer.dev.ports import free_port
from indexer.settings import Settings
from tests.integration.accounts.wallets import token_of
from tests.integration.api.rows import account
from tests.integration.files.conftest import Site
from tests.integration.files.test_files import PIECE, TUS

DATA = random.Random(5).randbytes(2_000_000)


@asynccontextmanager
async def serving(settings: Settings, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """A server of its own, killed at the end."""
    told = {"DATABASE_URL": settings.database_url or "", "HOME": str(settings.home)}
    told |= {"PORT": str(port), "RATE_LIMIT": "0", "FILE_MAX_SIZE": "3000000"}
    env = {**os.environ, **{f"DCHAT_{name}": value for name, value in told.items()}}
    command = [sys.executable, "-m", "indexer.cli", "serve"]
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            async with asyncio.timeout(60):
                while not await _answers(http):
                    await asyncio.sleep(0.05)
            yield http
    finally:
        process.kill()
        process.wait()


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/graphql?query={__typename}")).is_success
    except httpx.TransportError:
        return False


def half_sent(port: int, url: str, headers: dict[str, str], data: bytes) -> socket.socket:
    """A connection on which a piece of `data`'s length has begun, and half of it was sent."""
    lines = [f"PATCH {url} HTTP/1.1", "host: x", f"content-length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    made = socket.create_connection(("127.0.0.1", port))
    made.sendall("\r\n".join([*lines, "", ""]).encode() + data[: len(data) // 2])
    return made


async def test_what_came_before_a_kill_is_not_sent_again(settings: Settings) -> None:
    token, port = token_of(settings, account(1)), free_port()
    headers = {"authorization": f"Bearer {token}"}
    async with serving(settings, port) as http:
        length = {"upload-length": str(len(DATA))}
        url = (await http.post("/files/uploads", headers=headers | TUS | length)).headers[
            "location"
        ]
        piece = headers | PIECE | {"upload-offset": "0"}
        assert (await http.patch(url, headers=piece, content=DATA[:500_000])).status_code == 204
        path = httpx.URL(url).path
        later = piece | {"upload-offset": "500000"}
        half = await asyncio.to_thread(half_sent, port, path, later, DATA[500_000:])
        file = next(settings.uploads_folder.iterdir())
        async with asyncio.timeout(60):
            while file.stat().st_size <= 500_000:
                await asyncio.sleep(0.01)
    half.close()
    async with serving(settings, port) as http:
        there = (await http.head(path, headers=headers | TUS)).headers["upload-offset"]
        assert 500_000 <= int(there) < len(DATA)
        rest = headers | PIECE | {"upload-offset": there}
        done = await http.patch(path, headers=rest, content=DATA[int(there) :])
        number = done.headers["dchat-file"].removeprefix("File:")
        assert (await http.get(f"/files/{number}", headers=headers)).content == DATA


async def test_a_last_piece_whose_end_was_not_written_down_is_sent_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, half = DATA[:1000], 500
    begin = {**TUS, **site.headers(1), "upload-length": "1000"}
    at = (await site.http.post("/files/uploads", headers=begin)).headers["location"]

    async def piece(offset: int, content: bytes) -> httpx.Response:
        given = {**PIECE, **site.headers(1), "upload-offset": str(offset)}
        return await site.http.patch(at, headers=given, content=content)

    assert (await piece(0, data[:half])).status_code == 204
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "MOVE", text("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert (await piece(half, data[half:])).status_code == 503
    stands = await site.http.head(at, headers={**TUS, **site.headers(1)})
    assert stands.headers["upload-offset"] == str(half)
    done = await piece(half, data[half:])
    assert done.status_code == 204
    number = done.headers["dchat-file"].removeprefix("File:")
    assert (await site.get(1, f"/files/{number}")).content == data
