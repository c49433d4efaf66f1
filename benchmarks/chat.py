"""`python -m benchmarks.chat`: messages sent and heard live, through API processes of their own.

Every member of every group listens over a WebSocket of his own (graphql-transport-ws) to all that
he is in. Senders send mutations over WebSockets, at an even pace. The time of a message is from
before its mutation is written to when a listener has it; clients, servers and Postgres share the
machine.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson
import psutil
import psycopg
from rich.console import Console
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from api.accounts.tokens import Tokens
from benchmarks.machine import busy, machine
from benchmarks.program import count, ending
from benchmarks.results import RESULTS
from indexer.db import schema
from indexer.dev.ports import free_port
from indexer.dev.postgres import embedded_postgres
from indexer.settings import Settings
from indexer.units import Address

HEAR: Final = "subscription { messageAdded { id content seq sentAt sender } }"
SEND: Final = """mutation ($key: Bytes32!, $content: String!) {
  sendMessage(key: $key, content: $content) { id } }"""
GROUPS: Final = """
INSERT INTO groups (key, group_id, name, avatar, description, owner, is_public,
    allow_member_invite, require_approval, max_members, mute_all, is_active, member_count, sources,
    created_at, created_block, created_log, updated_block)
VALUES (%s, NULL, '', '', '', %s, true, true, false, 100, false, true, 1, '{}', now(), 1, %s, 1)
"""
SESSION: Final = """
INSERT INTO sessions (id, address, client, expires_at)
VALUES (%s, %s, 'a benchmark', now() + interval '1 day')
"""
MEMBER: Final = "INSERT INTO members VALUES (%s, %s, 0, false, now(), 1, %s, 1)"


def key_of(group: int) -> bytes:
    return group.to_bytes(32)


def who(n: int) -> Address:
    return Address((n + 1).to_bytes(20))


def session_of(n: int) -> bytes:
    return (n + 1).to_bytes(16)


def fill(url: str, groups: int, size: int) -> None:
    """Groups of so many members, who signed in; the n-th person is in group n // size."""
    schema.migrate(url)
    with psycopg.connect(url) as db:
        db.execute("INSERT INTO blocks VALUES (1, 'x', now())")
        db.execute("INSERT INTO cursor VALUES (true, 1, 1, 'x', now(), 1, 1, 1, true, 0, 0, 0)")
        cursor = db.cursor()
        rows = [(key_of(n), who(n * size), n) for n in range(groups)]
        cursor.executemany(GROUPS, rows)
        people = [(key_of(n // size), who(n), n) for n in range(groups * size)]
        cursor.executemany(MEMBER, people)
        cursor.executemany(SESSION, [(session_of(n), who(n)) for n in range(groups * size)])
        db.execute("ANALYZE")


@contextmanager
def serving(url: str, home: Path, processes: int) -> Iterator[list[tuple[int, psutil.Process]]]:
    """API processes: each one's port and process."""
    ports = [free_port() for _ in range(processes)]
    shared = {"DCHAT_DATABASE_URL": url, "DCHAT_HOME": str(home), "DCHAT_MAX_SUBSCRIPTIONS": "9999"}
    made = [
        subprocess.Popen(
            [sys.executable, "-m", "indexer.cli", "serve"],
            env={**os.environ, **shared, "DCHAT_PORT": str(port), "DCHAT_RATE_LIMIT": "0"},
        )
        for port in ports
    ]
    try:
        yield [(port, psutil.Process(one.pid)) for port, one in zip(ports, made, strict=True)]
    finally:
        for one in made:
            one.terminate()
        for one in made:
            one.wait(timeout=30)


async def opened(port: int, token: str) -> ClientConnection:
    """A connection in somebody's name."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket = await connect(
                f"ws://127.0.0.1:{port}/graphql",
                subprotocols=[Subprotocol("graphql-transport-ws")],
                compression=None,
                ping_interval=None,
                open_timeout=60,
            )
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
    hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
    await socket.send(orjson.dumps(hello).decode())
    assert b"connection_ack" in _bytes(await socket.recv())
    return socket


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


class Load:
    """What listeners heard, and how long it took."""

    def __init__(self, ports: Sequence[int], tokens: Tokens, groups: int, size: int) -> None:
        self.took: list[float] = []
        self.sent = self.refused = 0
        self._ports, self._tokens = ports, tokens
        self._groups, self._size = groups, size

    def _token(self, n: int) -> str:
        return self._tokens.issue(who(n), session_of(n))[0]

    async def hear(self, n: int) -> None:
        socket = await opened(self._ports[n % len(self._ports)], self._token(n))
        ask = {"id": "1", "type": "subscribe", "payload": {"query": HEAR}}
        await socket.send(orjson.dumps(ask).decode())
        self.listening = getattr(self, "listening", 0) + 1
        async for data in socket:
            told = orjson.loads(data)
            if told["type"] == "next":
                content = told["payload"]["data"]["messageAdded"]["content"]
                self.took.append(time.time() - float(content))
            elif told["type"] == "error":
                raise RuntimeError(told)

    async def send(self, n: int, senders: int, rate: float, seconds: float) -> None:
        """The n-th sender's part of the messages, evenly paced."""
        port = self._ports[n % len(self._ports)]
        mine = [g for g in range(self._groups) if g % senders == n]
        sockets = {g: await opened(port, self._token(g * self._size)) for g in mine[:4]}
        names = list(sockets)
        for socket in sockets.values():
            self._tasks.append(asyncio.create_task(self._answers(socket)))
        await self._ready.wait()
        begin, count = time.perf_counter(), int(rate / senders * seconds)
        for i in range(count):
            due = begin + i * senders / rate + n / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group = names[i % len(names)]
            variables = {"key": "0x" + key_of(group).hex(), "content": repr(time.time())}
            ask = {"query": SEND, "variables": variables}
            body = {"id": str(i), "type": "subscribe", "payload": ask}
            await sockets[group].send(orjson.dumps(body).decode())
            self.sent += 1

    async def _answers(self, socket: ClientConnection) -> None:
        async for data in socket:
            if b'"errors"' in _bytes(data):
                self.refused += 1

    async def run(
        self, rate: float, seconds: float, senders: int, ready: Callable[[], None]
    ) -> float:
        """How long sending took. `ready` is called when everybody listens."""
        self._ready, self._tasks = asyncio.Event(), list[asyncio.Task[None]]()
        for n in range(self._groups * self._size):
            self._tasks.append(asyncio.create_task(self.hear(n)))
            if n % 50 == 49:
                await asyncio.sleep(0.2)
        while getattr(self, "listening", 0) < self._groups * self._size:
            await asyncio.sleep(0.1)
        sending = [
            asyncio.create_task(self.send(n, senders, rate, seconds)) for n in range(senders)
        ]
        await asyncio.sleep(5)
        ready()
        begin = time.perf_counter()
        self._ready.set()
        await asyncio.gather(*sending)
        took = time.perf_counter() - begin
        wanted, deadline = self.sent * self._size, time.monotonic() + 60
        while len(self.took) < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return took


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chat", description=__doc__)
    parser.add_argument("--groups", type=count, default=500, help="how many groups [500]")
    parser.add_argument("--size", type=count, default=2, help="listeners in each group [2]")
    parser.add_argument("--rate", type=float, default=1000, help="messages a second [1000]")
    parser.add_argument("--seconds", type=float, default=10, help="for so long [10]")
    parser.add_argument("--processes", type=count, default=1, help="API processes [1]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / ".dchat"
        with embedded_postgres(home) as url:
            fill(url, given.groups, given.size)
            with serving(url, home, given.processes) as servers:
                measure(url, home, servers, given)


def measure(
    url: str, home: Path, servers: Sequence[tuple[int, psutil.Process]], given: argparse.Namespace
) -> None:
    """Prints the figures, and keeps them."""
    tokens = Tokens(Settings(database_url=url, home=home))
    load = Load([port for port, _ in servers], tokens, given.groups, given.size)
    before: list[float] = []

    def ready() -> None:
        before.extend((_cpu(one for _, one in servers), _cpu([psutil.Process()])))

    seconds = asyncio.run(load.run(given.rate, given.seconds, 10, ready))
    spent = _cpu(process for _, process in servers) - before[0]
    ours = _cpu([psutil.Process()]) - before[1]
    took = sorted(1000 * one for one in load.took)
    told: dict[str, Any] = {
        "listeners": given.groups * given.size,
        "sent": load.sent,
        "sentPerSecond": round(load.sent / seconds),
        "heard": len(took),
        "refused": load.refused,
        "medianMs": round(took[len(took) // 2], 1),
        "p95Ms": round(took[int(0.95 * len(took))], 1),
        "p99Ms": round(took[int(0.99 * len(took))], 1),
        "apiCpuSeconds": round(spent, 2),
        "apiCpuMsPerMessage": round(1000 * spent / max(1, load.sent), 3),
        "clientCpuMsPerMessage": round(1000 * ours / max(1, load.sent), 3),
        "busy": busy(),
    }
    with psycopg.connect(url) as db:
        told["machine"] = machine(db)
    RESULTS.mkdir(parents=True, exist_ok=True)
    out = msgspec.json.format(msgspec.json.encode(told))
    (RESULTS / f"chat-{given.groups}x{given.size}-{given.rate:.0f}.json").write_bytes(out)
    Console(stderr=True).print(f"{load.sent} sent, {len(took)} heard")
    sys.stdout.write(out.decode() + "\n")


def _cpu(processes: Any) -> float:
    times = [process.cpu_times() for process in processes]
    return float(sum(one.user + one.system for one in times))


if __name__ == "__main__":
    with ending():
        main()
