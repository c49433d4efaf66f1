"""How fast the node alone is: its answers downloaded by a client that does not read them."""

import http.client
import json
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from benchmarks.answers import LIMIT
from benchmarks.archive import Archive
from benchmarks.server import Served


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    logs: int
    seconds: float
    mb: float
    logs_per_second: float


def pace(node: Served, folder: Path) -> Pace:
    """Downloads all logs of the chain once, in the largest answers that are allowed."""
    archive = Archive(folder)
    connection = http.client.HTTPConnection(urlsplit(node.url).netloc, timeout=60)
    first, size, began = 0, 0, time.monotonic()
    while first <= archive.head:
        last = archive.reach(first, LIMIT)
        size += _download(connection, first, last)
        first = last + 1
    seconds = time.monotonic() - began
    connection.close()
    logs = archive.meta.events
    return Pace(logs=logs, seconds=seconds, mb=size / 1e6, logs_per_second=logs / seconds)


def _download(connection: http.client.HTTPConnection, first: int, last: int) -> int:
    query = {"fromBlock": hex(first), "toBlock": hex(last)}
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [query]}
    connection.request("POST", "/", json.dumps(call))
    return len(connection.getresponse().read())
