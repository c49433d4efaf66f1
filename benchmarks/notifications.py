"""`python -m benchmarks.notifications`: how many notifications a minute leave the index undelayed.

A dev chain with a block each second, on which the owner of a group sends red packets at an even
pace; `dchat index` follows it, one `dchat worker` tells the members. Each packet is told to every
member but its sender, and to a webhook; some members have a browser, too.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric import ec
from rich.console import Console

from benchmarks.machine import machine
from benchmarks.program import at_least, count, ending
from benchmarks.results import save
from indexer.db import schema, webhooks
from indexer.db.connection import connect
from indexer.dev.chain import DevChain
from indexer.dev.deployment import addresses, deployed
from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc, connected
from indexer.dev.ports import free_port
from indexer.dev.postgres import embedded_postgres
from indexer.dev.process import reap, spawn, stop
from indexer.dev.redis import embedded_redis
from indexer.events.calls import CALLS
from indexer.events.calls.group_chat import CreateGroup, InviteMember
from indexer.events.calls.red_packet import CreateFixedRedPacket
from indexer.events.encode import calldata
from indexer.vapid_key import new_key
from workers.push.encryption import point

PATIENCE: Final = 120.0
SUBSCRIBE: Final = """
INSERT INTO webhooks (url, secret, address, channel, p256dh, auth) VALUES (%s, '', %s, 1, %s, %s)
"""
STATE: Final = """
SELECT (SELECT count(*) FROM notifications WHERE kind = 13),
    (SELECT count(*) FROM outbox WHERE state < 2),
    (SELECT count(*) FROM outbox WHERE webhook > 0 AND state = 2 AND kind = 13)
"""
DELAYS: Final = """
SELECT extract(epoch FROM n.created_at - o.created_at)::float8
FROM notifications AS n JOIN outbox AS o USING (key) WHERE n.kind = 13
"""
"""From the transaction that wrote the effect to the one that told of it."""


class Report(msgspec.Struct, kw_only=True):
    """Delays in seconds: of blocks until they are indexed, of notifications since then."""

    asked_per_minute: int
    minutes: float
    notifications: int
    per_minute: float
    deliveries: int
    index_median: float
    index_worst: float
    behind: int
    """Blocks that were not indexed when the next one appeared."""
    blocks: int
    told_median: float
    told_p99: float
    worker_seconds: float
    """Processor time of the worker and its children."""
    machine: dict[str, str]


class Chain:
    """The group's owner, and what is sent in that name."""

    def __init__(self, rpc: JsonRpc, contracts: dict[str, str], owner: str) -> None:
        self._rpc, self._contracts, self._owner = rpc, contracts, owner

    async def send(self, call: type, values: Sequence[Any], *, value: int = 0) -> None:
        [spec] = [spec for spec in CALLS if spec.cls is call]
        transaction = {
            "from": self._owner,
            "to": self._contracts[spec.contract.solidity_name],
            "data": "0x" + calldata(spec, values).hex(),
            "value": hex(value),
            "gas": hex(3_000_000),
        }
        await self._rpc.call("eth_sendTransaction", transaction)

    async def found(self, members: Sequence[bytes]) -> None:
        """A group of these members and the owner, who may go on without end."""
        await self._rpc.call("anvil_setBalance", self._owner, hex(10**24))
        await self.send(CreateGroup, [b"Benchmark", b"", b"", True, 1000])
        for member in members:
            await self.send(InviteMember, [b"group_1", member])


async def run(per_minute: int, minutes: float, members: int, browsers: int) -> Report:
    """One run on empty databases."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dchat-bench-")))
        home = Home.open(folder / "home")
        database = stack.enter_context(embedded_postgres(home.path))
        schema.migrate(database)
        redis = stack.enter_context(embedded_redis(home.path))
        port = free_port()
        chain = DevChain(home=home).start(port)
        stack.callback(_end, chain)
        async with connected(f"http://127.0.0.1:{port}") as rpc:
            await _awake(rpc)
            deployment = await deployed(home, rpc)
            # A dev chain begins in the past, and what is old notifies nobody.
            await rpc.call("evm_setNextBlockTimestamp", int(time.time()))
            sent = stack.enter_context(_receiver())
            people = [secrets.token_bytes(20) for _ in range(members)]
            _endpoints(database, sent, people[:browsers])
            [owner, *_] = await rpc.call("eth_accounts")
            group = Chain(rpc, addresses(deployment), owner)
            await group.found(people)
            environment = {
                **os.environ,
                "DCHAT_DATABASE_URL": database,
                "DCHAT_REDIS_URL": redis,
                "DCHAT_RPC_URLS": rpc.url,
                "DCHAT_DEPLOYMENT": str(deployment),
                "DCHAT_HOME": str(home.path),
                "DCHAT_VAPID_KEY": new_key(),
                "DCHAT_WEBHOOK_PRIVATE": "true",
            }
            started = {}
            for name in ("index", "worker"):
                words = [sys.executable, "-m", "indexer.cli", name]
                started[name] = spawn(words, log=home.log(name), env=environment, cwd=Path.cwd())
                stack.callback(_end, started[name])
            with psycopg.connect(database, autocommit=True) as db:
                await _quiet(db, rpc)
                return await _measured(
                    db, rpc, group, per_minute, minutes, members, started["worker"].pid
                )


async def _measured(
    db: Any, rpc: JsonRpc, group: Chain, per_minute: int, minutes: float, members: int, worker: int
) -> Report:
    lags: list[float] = []
    behind = [0]
    watching = asyncio.create_task(_watch(db, rpc, lags, behind))
    before, began = _processor(worker), time.monotonic()
    packets = round(per_minute * minutes / members)
    for number in range(packets):
        await group.send(CreateFixedRedPacket, [b"group_1", 1, b"hello"], value=10**15)
        due = began + (number + 1) * minutes * 60 / packets
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    told, _, _ = await _until(db, packets * members)
    took = time.monotonic() - began
    await _quiet(db, rpc)
    watching.cancel()
    delays = sorted(delay for (delay,) in db.execute(DELAYS).fetchall())
    _, _, deliveries = db.execute(STATE).fetchone()
    return Report(
        asked_per_minute=per_minute,
        minutes=minutes,
        notifications=told,
        per_minute=told / took * 60,
        deliveries=deliveries,
        index_median=statistics.median(lags),
        index_worst=max(lags),
        behind=behind[0],
        blocks=len(lags),
        told_median=statistics.median(delays),
        told_p99=delays[len(delays) * 99 // 100],
        worker_seconds=_processor(worker) - before,
        machine=machine(db),
    )


async def _watch(db: Any, rpc: JsonRpc, lags: list[float], behind: list[int]) -> None:
    """Notes how long each block took to be indexed, and whether the next one was there by then."""
    appeared: dict[int, float] = {}
    last = await rpc.number("eth_blockNumber")
    while True:
        head, now = await rpc.number("eth_blockNumber"), time.monotonic()
        for number in range(last + 1, head + 1):
            behind[0] += bool(appeared)
            appeared[number] = now
        last = max(last, head)
        [(indexed,)] = db.execute("SELECT block_number FROM cursor").fetchall()
        for number in [number for number in appeared if number <= indexed]:
            lags.append(time.monotonic() - appeared.pop(number))
        await asyncio.sleep(0.02)


async def _until(db: Any, many: int) -> tuple[int, int, int]:
    deadline = time.monotonic() + PATIENCE
    while True:
        state = db.execute(STATE).fetchone()
        if state[0] >= many:
            return state  # type: ignore[no-any-return]
        if time.monotonic() > deadline:
            raise SystemExit(f"only {state[0]} of {many} notifications after {PATIENCE:g} s")
        await asyncio.sleep(0.05)


async def _quiet(db: Any, rpc: JsonRpc) -> None:
    """Everything is indexed and nothing is due."""
    deadline = time.monotonic() + PATIENCE
    while True:
        rows = db.execute("SELECT block_number FROM cursor").fetchall()
        level = rows and rows[0][0] >= await rpc.number("eth_blockNumber") - 1
        if level and db.execute(STATE).fetchone()[1] == 0:
            return
        if time.monotonic() > deadline:
            raise SystemExit("the index or the worker did not get there")
        await asyncio.sleep(0.1)


async def _awake(rpc: JsonRpc) -> None:
    for _ in range(600):
        try:
            await rpc.call("eth_chainId")
            return
        except Exception:
            await asyncio.sleep(0.1)


def _endpoints(database: str, url: str, people: Sequence[bytes]) -> None:
    with connect(database) as connection, connection.cursor() as db:
        webhooks.add(db, url, "secret", None, None)
        for number, who in enumerate(people):
            key = point(ec.generate_private_key(ec.SECP256R1()))
            db.execute(SUBSCRIBE, [f"{url}{number}", who, key, secrets.token_bytes(16)])


@contextmanager
def _receiver() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def _processor(pid: int) -> float:
    import psutil

    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


def _end(process: Any) -> None:
    if process.poll() is None:
        stop(process)
    reap(process, grace=10)


def main() -> None:
    """Prints one run and keeps it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notifications", description=__doc__)
    parser.add_argument("--per-minute", type=count, default=10_000, help="notifications [10000]")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long [1]")
    parser.add_argument("--members", type=count, default=50, help="whom a packet is told to [50]")
    parser.add_argument(
        "--browsers", type=at_least(0), default=5, help="members with a browser [5]"
    )
    asked = parser.parse_args()
    report = asyncio.run(run(asked.per_minute, asked.minutes, asked.members, asked.browsers))
    save("notifications", report)
    Console().print(report)


if __name__ == "__main__":
    with ending():
        main()
