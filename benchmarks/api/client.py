"""A client that is never what is measured: requests over kept connections, bytes and no objects.

`python -m benchmarks.api.client URL BODY…` prints what it measured as JSON. An answer counts where
its status is 200 and it holds no `"errors"`.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec
import uvloop

HEAD: Final = "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
LENGTH: Final = b"content-length: "


class Wrong(Exception):
    """The server did not answer as it has to."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Requests answered in `seconds`; how long they took, in milliseconds; `cpu`: the client's."""

    requests: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    bytes_each: float
    cpu: float


class Connection(asyncio.Protocol):
    """Sends the next request when an answer is whole, until the time is over."""

    def __init__(self, requests: Iterator[bytes], end: float, took: list[float]) -> None:
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._requests, self._end, self._took = requests, end, took
        self._buffer, self._received, self._missing = b"", 0, -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._missing < 0:
            self._buffer += data
            self._begin()
        else:
            self._buffer += data
            self._missing -= len(data)
        if self._missing == 0:
            self._finish()

    def _begin(self) -> None:
        """Reads the head, once it is there."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.find(LENGTH)
        if not head.startswith(b"http/1.1 200") or start < 0:
            return self._fail(self._buffer[:2000])
        length = int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0])
        self._missing = length - (len(self._buffer) - end - 4)

    def _finish(self) -> None:
        now = time.perf_counter()
        self._took.append(now - self._began)
        if b'"errors"' in self._buffer:
            return self._fail(self._buffer[:2000])
        self._buffer, self._missing = b"", -1
        if now < self._end:
            return self._send()
        self._transport.close()
        self.done.set_result(self._received)

    def _fail(self, answer: bytes) -> None:
        self._transport.close()
        if not self.done.done():
            self.done.set_exception(Wrong(answer.decode(errors="replace")))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(Wrong(f"the server ended the connection: {exc}"))


def requests_of(url: str, bodies: Sequence[str]) -> Iterator[bytes]:
    """The requests with these bodies, over and over."""
    parts = urlsplit(url)
    head = HEAD.format(path=parts.path, host=parts.netloc)
    whole = [f"{head}content-length: {len(b.encode())}\r\n\r\n{b}".encode() for b in bodies]
    return itertools.cycle(whole)


async def load(url: str, bodies: Sequence[str], clients: int, seconds: float) -> Measured:
    """As many requests as `clients` connections can make, one at a time each. Raises Wrong."""
    loop, parts = asyncio.get_running_loop(), urlsplit(url)
    requests, took = requests_of(url, bodies), list[float]()
    began, cpu = time.perf_counter(), time.process_time()

    def connection() -> Connection:
        return Connection(requests, began + seconds, took)

    made = [
        await loop.create_connection(connection, parts.hostname or "", parts.port or 80)
        for _ in range(clients)
    ]
    received = sum(await asyncio.gather(*(protocol.done for _, protocol in made)))
    lasted = time.perf_counter() - began
    cuts = [cut * 1000 for cut in statistics.quantiles(took, n=100)]
    return Measured(
        requests=len(took),
        seconds=lasted,
        per_second=len(took) / lasted,
        p50_ms=cuts[49],
        p95_ms=cuts[94],
        p99_ms=cuts[98],
        bytes_each=received / len(took),
        cpu=time.process_time() - cpu,
    )


def main() -> None:
    """One measurement; bodies are read from a file, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("bodies", help="a file of JSON bodies, one a line")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10)
    told = parser.parse_args()
    with open(told.bodies) as file:
        bodies = [line for line in file.read().splitlines() if line]
    measured = uvloop.run(load(told.url, bodies, told.clients, told.seconds))
    print(json.dumps(msgspec.to_builtins(measured)))


if __name__ == "__main__":
    main()
