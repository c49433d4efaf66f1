"""`python -m benchmarks.latency`: how long a new block takes from the node to a subscriber."""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import verify
from benchmarks.chain import Recipe, arguments, chain
from benchmarks.live import Growing, LiveNode
from benchmarks.machine import busy, machine
from benchmarks.program import Failed, at_least, ending
from benchmarks.program import events as enough
from benchmarks.results import told
from benchmarks.verify import Wrong
from indexer.db import schema
from indexer.db.cursor import CHANNEL
from indexer.dev.ports import free_port
from indexer.dev.postgres import embedded_postgres

ABOUT: Final = """\
Grows a synthetic chain block by block under `dchat index` and `dchat serve`, and takes the time
from a block's announcement until the index commits it and until a subscriber over WebSocket has all
of its events. A run counts only if each event was told once, and the index is what it should be.
With --no-announcements the node takes no subscriptions, and the index has to poll.
Writes benchmarks/results/latency-<time>.json."""
EVENTS: Final = 50_000
"""Length of the chain whose last blocks are measured."""
INTERVAL: Final = 0.5
"""Seconds between two blocks."""
TELLING: Final = 10.0
"""Seconds that the last events have to reach the subscriber."""
SPARE: Final = 0.5
"""Seconds in which an event that is told twice would come."""
SUBSCRIPTION: Final = "subscription { events { event { id } } }"


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the announcement of each block, in the order of the blocks."""

    announced: bool
    interval: float
    events_per_block: float
    load: float
    committed: list[float]
    told: list[float]
    machine: dict[str, str]


class Seen:
    """When each block was committed, and when its last event was told."""

    def __init__(self) -> None:
        self.committed: dict[int, float] = {}
        self.told: dict[int, float] = {}
        self.events: dict[int, int] = {}

    async def commits(self, url: str) -> None:
        """Notes what the index notifies: Postgres sends that when it commits."""
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            async for note in connection.notifies():
                moved = json.loads(note.payload)
                for block in range(moved["from"], moved["to"] + 1):
                    self.committed[block] = time.perf_counter()

    async def subscribe(self, port: int, ready: asyncio.Event) -> None:
        """Notes what a subscriber is told."""
        url = f"ws://127.0.0.1:{port}/graphql"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, protocols=["graphql-transport-ws"]) as channel,
        ):
            await channel.send_json({"type": "connection_init"})
            await channel.receive()
            subscribed = {"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}}
            await channel.send_json(subscribed)
            ready.set()
            async for frame in channel:
                said = json.loads(frame.data)
                if said["type"] == "next":
                    self._note(said["payload"]["data"]["events"]["event"]["id"])

    def _note(self, event: str) -> None:
        block = int(event.split("-")[0])
        self.told[block] = time.perf_counter()
        self.events[block] = self.events.get(block, 0) + 1


async def measured(folder: Path, url: str, given: Mapping[str, Any]) -> Latency:
    """Grows the chain of the folder by its last blocks, and waits until all of them were told.

    Raises Failed where a program ends, and Wrong where an event was not told, or told twice, or
    the index does not hold what the chain's generator knows.
    """
    seen, load = Seen(), busy()
    top = Growing(folder, 0).last - given["blocks"]
    if top < 1:
        raise Failed(f"the chain has {top + given['blocks']:,} blocks: ask for fewer")
    node = LiveNode(Growing(folder, top), announces=given["announcements"])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(node.running())
        port, alive = await stack.enter_async_context(_programs(folder, url, node.url))
        await _until(lambda: alive() and _block(url) >= top, 900)
        ready = asyncio.Event()
        for work in (seen.commits(url), seen.subscribe(port, ready)):
            task = asyncio.create_task(work)
            stack.callback(task.cancel)
        await ready.wait()
        await asyncio.sleep(1.0)
        began = {}
        for _ in range(given["blocks"]):
            announced = time.perf_counter()
            began[await node.grow()] = announced
            await asyncio.sleep(given["interval"])
        events = {block: node.chain.count(block) for block in began}
        counted = [block for block in began if events[block]]
        await _until(lambda: alive() and _block(url) >= node.chain.top, 60)
        with suppress(TimeoutError):  # what is missing is told below
            await _until(lambda: all(seen.events.get(one) for one in counted), TELLING)
        await asyncio.sleep(SPARE)
    _check(seen, {block: events[block] for block in counted})
    with psycopg.connect(url, autocommit=True) as database:
        verify.check(database, node.chain.meta.totals)
        return Latency(
            announced=given["announcements"],
            interval=given["interval"],
            events_per_block=statistics.mean(events[block] for block in counted),
            load=round(load, 2),
            committed=[_ms(seen.committed[block] - began[block]) for block in counted],
            told=[_ms(seen.told[block] - began[block]) for block in counted],
            machine=machine(database),
        )


def _check(seen: Seen, wanted: Mapping[int, int]) -> None:
    """Raises Wrong unless every block was committed, and every event told once."""
    for block, events in wanted.items():
        told = seen.events.get(block, 0)
        if told != events or block not in seen.committed:
            raise Wrong(f"of the {events:,} events of block {block:,}, {told:,} were told")


def alone(folder: Path, given: Mapping[str, Any]) -> Latency:
    """The same in a Postgres of its own."""
    with tempfile.TemporaryDirectory(prefix="dchat-bench-") as home:
        with embedded_postgres(Path(home) / "home") as url:
            schema.migrate(url)
            return asyncio.run(measured(folder, url, given))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _block(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as database:
        row = database.execute("SELECT block_number FROM cursor").fetchone()
        return row[0] if row else -1


async def _until(condition: Any, seconds: float) -> None:
    """Waits for the condition, which may take its time. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _programs(
    folder: Path, url: str, node: str
) -> AsyncIterator[tuple[int, Callable[[], bool]]]:
    """Indexer and API as people start them; the port, and what raises Failed once one ended."""
    port = await asyncio.to_thread(free_port)
    settings = {
        "DCHAT_DATABASE_URL": url,
        "DCHAT_RPC_URLS": node,
        "DCHAT_DEPLOYMENT": str(folder / "deployment.json"),
        "DCHAT_PORT": str(port),
        "DCHAT_REDIS_URL": "redis://127.0.0.1:1",
        "DCHAT_EFFECTS_AGE": "0",
    }
    with ExitStack() as stack:
        words = (["index", "--no-audit"], ["serve"])
        running = [stack.enter_context(_program(one, folder, settings)) for one in words]

        def alive() -> bool:
            return all([one() for one in running])

        await _until(lambda: alive() and _answers(port), 60)
        yield port, alive


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


@contextmanager
def _program(
    words: list[str], folder: Path, settings: Mapping[str, str]
) -> Iterator[Callable[[], bool]]:
    """The program, as long as the context lasts; what is given raises Failed once it ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DCHAT_")}
    command = [str(Path(sys.executable).with_name("dchat")), *words]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, env={**kept, **settings}, cwd=folder, stdout=said, stderr=said
        ) as process,
    ):

        def alive() -> bool:
            if process.poll() is None:
                return True
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()[-20:]
            raise Failed("\n".join([f"`dchat {' '.join(words)}` ended:", *lines]))

        try:
            yield alive
            alive()
        finally:
            process.terminate()


def show(latency: Latency, console: Console) -> None:
    """Prints the distribution."""
    how = "announced" if latency.announced else "polled"
    table = Table(title=f"{len(latency.told)} blocks, {latency.events_per_block:.0f} events each")
    for name in (f"ms from a block, {how}", "p50", "p90", "p99", "most"):
        table.add_column(name, justify="right")
    for name, values in (("committed", latency.committed), ("told", latency.told)):
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        shown = (cuts[49], cuts[89], cuts[98], max(values))
        table.add_row(name, *(f"{value:.1f}" for value in shown))
    console.print(table)
    console.print(", ".join(f"{name} {words}" for name, words in latency.machine.items()))


def main() -> None:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=ABOUT)
    parser.add_argument(
        "--events", type=enough, default=EVENTS, help="length of the chain (50,000)"
    )
    parser.add_argument(
        "--blocks", type=at_least(2), default=200, help="blocks measured (default: 200)"
    )
    parser.add_argument(
        "--interval", type=float, default=INTERVAL, help="seconds between two blocks (default: 0.5)"
    )
    parser.add_argument(
        "--announcements", action=argparse.BooleanOptionalAction, default=True,
        help="whether the node announces blocks",
    )  # fmt: skip
    arguments(parser)
    given = vars(parser.parse_args())
    asked = {name: given.pop(name) for name in ("blocks", "interval", "announcements")}
    folder = chain(Recipe(**given))
    told("latency", lambda: alone(folder, asked), show)


if __name__ == "__main__":
    with ending():
        main()
