"""The responses of a whole chain, downloaded and parsed by a loop that keeps nothing."""

import http.client
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from benchmarks.answers import LIMIT
from benchmarks.archive import Archive
from benchmarks.server import Served
from indexer.events.inputs import NEEDS_INPUT

BATCH: Final = 500
"""Transactions that one request asks for."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """The responses of a whole chain, downloaded and parsed."""

    logs: int
    inputs: int
    mb: float
    seconds: float


class _Log(msgspec.Struct, rename="camel"):
    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    transaction_index: str
    log_index: str


class _Input(msgspec.Struct, rename="camel"):
    hash: str
    input: str


class _Logs(msgspec.Struct):
    result: list[_Log]


class _Inputs(msgspec.Struct):
    result: _Input


_logs: Final = msgspec.json.Decoder(_Logs)
_inputs: Final = msgspec.json.Decoder(list[_Inputs])


def read(node: Served, folder: Path) -> Read:
    """Downloads and parses all logs, and the transactions whose input an index needs."""
    archive, size, inputs = Archive(folder), 0, 0
    wanted = {"0x" + topic.hex() for topic in NEEDS_INPUT}
    connection = http.client.HTTPConnection(urlsplit(node.url).netloc, timeout=60)
    first, began = 0, time.monotonic()
    while first <= archive.head:
        last = archive.reach(first, LIMIT)
        answer = _asked(connection, _call("eth_getLogs", _range(first, last)))
        size, first = size + len(answer), last + 1
        found = [one for one in _logs.decode(answer).result if one.topics[0] in wanted]
        for batch in _batches(list(dict.fromkeys(one.transaction_hash for one in found))):
            answer = _asked(connection, [_call("eth_getTransactionByHash", one) for one in batch])
            size, inputs = size + len(answer), inputs + len(_inputs.decode(answer))
    seconds = time.monotonic() - began
    connection.close()
    return Read(logs=archive.meta.events, inputs=inputs, mb=size / 1e6, seconds=seconds)


def _range(first: int, last: int) -> dict[str, str]:
    return {"fromBlock": hex(first), "toBlock": hex(last)}


def _call(method: str, param: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": [param]}


def _asked(connection: http.client.HTTPConnection, calls: Any) -> bytes:
    connection.request("POST", "/", msgspec.json.encode(calls))
    return connection.getresponse().read()


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(items), BATCH):
        yield items[at : at + BATCH]
