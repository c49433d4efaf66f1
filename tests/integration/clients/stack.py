"""The API over a database of its own, for a program that asks for things to happen."""

import asyncio
import json
import tempfile
from asyncio.subprocess import PIPE, Process
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from api import app
from api.app import listening
from api.context import Index
from api.export_schema import FILE
from indexer.db.models import GROUPS
from indexer.settings import Settings
from tests.integration.api import rows
from tests.integration.api.conftest import SHORT
from tests.integration.api.engine import Chain
from tests.integration.api.listener import joined
from tests.integration.api.test_websocket import Server
from tests.integration.conftest import named

ROOT = Path(__file__).parents[3]
CLIENTS = ROOT / "tests/clients"
EVENTS = """
SELECT block_number || '-' || log_index || ' 0x' || encode(hash, 'hex') FROM events
JOIN blocks ON number = block_number ORDER BY block_number, log_index
"""
PAST = "key, " + ", ".join(GROUPS.changing)
KEEP_NAME = f"""
INSERT INTO groups_history ({PAST}, until_block) SELECT {PAST}, :block FROM groups WHERE key = :key
"""
RENAME = "UPDATE groups SET name = name || '!', updated_block = :block WHERE key = :key"


class Stack:
    """A server, and the chain behind its index; each method that is asked for tells the events."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._database: Engine = create_engine(
            named(database_url, database_url.rsplit("/", 1)[1], driver="postgresql+psycopg")
        )
        rows.put(
            self._database,
            blocks=[rows.block(number) for number in range(11)],
            cursor=[rows.standing_at(10)],
            groups=[rows.group(n, at=n) for n in range(1, 8)],
        )
        self._groups, self._logs, self._over = 7, 0, False
        self._chain = Chain(self._database)
        self._index: Index | None = None
        self._restart, self._restarted = asyncio.Event(), asyncio.Event()

    async def run(self) -> dict[str, str | None]:
        """What the program said of each of its suites: None, or what was wrong."""
        listener = listening("127.0.0.1", 0)
        port = listener.getsockname()[1]
        listener.close()
        serving = asyncio.create_task(self._serve(port))
        await self._restarted.wait()
        try:
            return await self._told(f"http://127.0.0.1:{port}/graphql")
        finally:
            self._over = True
            self._restart.set()
            await serving
            self._database.dispose()

    async def _told(self, url: str) -> dict[str, str | None]:
        operations = ROOT / "graphql/operations"
        with tempfile.TemporaryDirectory() as folder:
            process = await asyncio.create_subprocess_exec(
                ROOT / ".venv/bin/node",
                *(CLIENTS / "main.js", url, FILE, operations, folder),
                stdin=PIPE,
                stdout=PIPE,
                limit=2**24,
            )
            async with asyncio.timeout(120), _ended(process):
                return await self._converse(process)

    async def _converse(self, process: Process) -> dict[str, str | None]:
        assert process.stdout is not None
        assert process.stdin is not None
        told: dict[str, str | None] = {}
        async for line in process.stdout:
            said = json.loads(line)
            if "ask" in said:
                answer = await getattr(self, said.pop("ask"))(**said)
                process.stdin.write(json.dumps(answer).encode() + b"\n")
            else:
                told[said["name"]] = said["error"]
        return told

    async def _serve(self, port: int) -> None:
        while not self._over:
            server = Server(self._app(), timeout_graceful_shutdown=1)
            async with server.running(listening("127.0.0.1", port)):
                self._restarted.set()
                await self._restart.wait()
                self._restart.clear()

    def _app(self) -> Any:
        made = app.create_app(Settings(database_url=self._url), SHORT)
        self._index = made.state.index
        return made

    async def grow(self, blocks: int, **made: Any) -> list[str]:
        """New blocks, with an event in each of them."""
        return self._write(lambda logs: self._chain.grow(blocks, events=logs, **made), blocks)

    async def reorg(self, depth: int, blocks: int) -> list[str]:
        """The newest blocks are replaced."""
        fork = self._chain.tip - depth
        return self._write(lambda logs: self._chain.reorg(depth, blocks, events=logs), blocks, fork)

    def _write(self, write: Any, blocks: int, top: int | None = None) -> list[str]:
        first = 1 + (self._chain.tip if top is None else top)
        self._logs += 1
        write([joined(number, self._logs) for number in range(first, first + blocks)])
        with self._database.connect() as db:
            return list(db.execute(text(EVENTS)).scalars())

    async def groups(self, add: int, rename: int) -> list[str]:
        """A block with new groups, and others that have another name in it."""
        at = self._chain.tip + 1
        with self._database.begin() as db:
            for number in range(1, rename + 1):
                for statement in (KEEP_NAME, RENAME):
                    db.execute(text(statement), {"block": at, "key": rows.key_of(number)})
        made = [rows.group(self._groups + n + 1, at=at) for n in range(add)]
        self._groups += add
        return await self.grow(1, groups=made)

    async def restart(self) -> None:
        """The API ends, and another process is there."""
        self._restarted.clear()
        self._restart.set()
        await self._restarted.wait()

    async def listening(self, feeds: int) -> None:
        """Waits until so many subscriptions are open."""
        assert self._index is not None
        while self._index.broker.subscribers < feeds:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _ended(process: Process) -> Any:
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
