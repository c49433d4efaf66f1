"""Events of one group, committed as the indexer does, and how long until all subscribers know."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Final, cast
from urllib.parse import urlsplit

import msgspec
import psycopg

from benchmarks.api.servers import Running, Unavailable
from indexer.db.cursor import CHANNEL
from indexer.units import keccak, to_hex

KEY: Final = keccak(b"group_1")
JOINED: Final = keccak(b"MemberJoined(string,address,uint256)")
EACH: Final = 2500
"""Subscribers that a process of clients has."""
EVENTS: Final = 5
PARTITION: Final = "CREATE TABLE IF NOT EXISTS events_rest PARTITION OF events DEFAULT"
BLOCK: Final = """
INSERT INTO blocks SELECT block_number + 1, sha256(block_hash), block_timestamp + interval '12 s'
FROM cursor RETURNING number, hash
"""
EVENT: Final = """
INSERT INTO events (block_number, log_index, transaction_index, transaction_hash, contract, topic0,
    topic1, topic2, data, decoded) VALUES (%s, 0, 0, %s, 0, %s, %s, %s, %s, true)
"""
GROUP: Final = (
    "UPDATE groups SET member_count = member_count + 1, updated_block = %s WHERE key = %s"
)
CURSOR: Final = """
UPDATE cursor SET block_number = number, block_hash = hash, block_timestamp = timestamp,
    head_block = number FROM blocks WHERE number = %s
"""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the beginning of the commit until the last subscriber had the event."""

    subscribers: int
    events_ms: list[float]
    median_ms: float
    worst_ms: float
    server_cpu_ms: float


def measure(server: Running, database_url: str, subscribers: int) -> Heard:
    """Opens the subscribers, commits events, one after the other. Raises Unavailable."""
    with ExitStack() as stack, psycopg.connect(database_url) as database:
        database.execute(PARTITION)
        database.commit()
        sizes = [EACH] * (subscribers // EACH) + [subscribers % EACH] * (subscribers % EACH > 0)
        port = urlsplit(server.url).port or 0
        clients = [stack.enter_context(_clients(port, size)) for size in sizes]
        for client in clients:
            _line(client)
        _event(database, clients)  # the first one is not counted: nothing is warm yet
        before = server.cpu()
        took = [_event(database, clients) for _ in range(EVENTS)]
        spent = server.cpu() - before
    return Heard(
        subscribers=subscribers,
        events_ms=took,
        median_ms=statistics.median(took),
        worst_ms=max(took),
        server_cpu_ms=1000 * spent / EVENTS,
    )


def _event(database: psycopg.Connection, clients: list["subprocess.Popen[str]"]) -> float:
    """Milliseconds until all have heard."""
    [(number, hash_)] = database.execute(BLOCK).fetchall()
    who = bytes(12) + hash_[:20]
    database.execute(EVENT, (number, hash_, JOINED, KEY, who, bytes(32)))
    database.execute(GROUP, (number, KEY))
    database.execute(CURSOR, (number,))
    news = json.dumps({"from": number, "to": number})
    database.execute("SELECT pg_notify(%s, %s)", (CHANNEL, news))
    for client in clients:
        print(file=cast("IO[str]", client.stdin), flush=True)
    time.sleep(0.2)
    began = time.monotonic()
    database.commit()
    return 1000 * (max(float(_line(client)) for client in clients) - began)


@contextmanager
def _clients(port: int, count: int) -> Iterator["subprocess.Popen[str]"]:
    words = ["-m", "benchmarks.api.subscribers", str(port), to_hex(KEY), str(count)]
    process = subprocess.Popen(
        [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _line(client: "subprocess.Popen[str]") -> str:
    told = cast("IO[str]", client.stdout).readline()
    if not told:
        raise Unavailable("the subscribers ended: what they said is above")
    return told
