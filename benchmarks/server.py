"""A JSON-RPC node for a synthetic chain, in a process of its own: bytes from the page cache.

`python -m benchmarks.server --help` serves a chain to anybody.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import uvloop

from benchmarks.answers import Answers, Piece, Refused
from benchmarks.archive import Archive
from benchmarks.chain import HERE, Recipe, arguments, chain
from benchmarks.program import Failed, at_least, count, ending


class _Call(msgspec.Struct):
    method: str
    params: list[Any] = []
    id: Any = None


_calls: Final = msgspec.json.Decoder(_Call | list[_Call])


class Stats(msgspec.Struct):
    """What the node has done. `first` is the wall-clock time of the first request, 0 before it."""

    requests: int = 0
    calls: dict[str, int] = {}
    received: int = 0
    sent: int = 0
    first: float = 0.0
    cpu: float = 0.0


class Node:
    """Answers bodies of requests, and counts."""

    def __init__(self, archive: Archive) -> None:
        self._answers = Answers(archive)
        self._calls: Counter[str] = Counter()
        self._stats = Stats()

    def respond(self, body: bytes) -> list[Piece]:
        """The pieces of the response to a request."""
        stats = self._stats
        stats.first = stats.first or time.time()
        stats.requests += 1
        stats.received += len(body)
        pieces = self._batch(body)
        stats.sent += sum(map(len, pieces))
        return pieces

    def stats(self) -> Stats:
        """What was done so far."""
        self._stats.calls = dict(self._calls)
        self._stats.cpu = time.process_time()
        return self._stats

    def _batch(self, body: bytes) -> list[Piece]:
        try:
            calls = _calls.decode(body)
        except ValueError as error:
            return [_refusal(None, Refused(-32700, f"parse error: {error}"))]
        if isinstance(calls, _Call):
            return self._one(calls)
        pieces: list[Piece] = [b"["]
        for place, call in enumerate(calls):
            pieces += [b","] if place else []
            pieces += self._one(call)
        return [*pieces, b"]"]

    def _one(self, call: _Call) -> list[Piece]:
        self._calls[call.method] += 1
        try:
            result = self._answers.answer(call.method, call.params)
        except Refused as refused:
            return [_refusal(call.id, refused)]
        return [b'{"jsonrpc":"2.0","id":%b,"result":' % msgspec.json.encode(call.id), *result, b"}"]


def _refusal(number: Any, refused: Refused) -> bytes:
    error = {"code": refused.code, "message": str(refused)}
    return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "error": error})


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as clients of nodes use it: POST with a length, and GET /stats."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._received = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._request()) is not None:
            head, body = request
            if head.startswith(b"GET /stats"):
                self._send([msgspec.json.encode(self._node.stats())])
            else:
                self._send(self._node.respond(body))

    def _request(self) -> tuple[bytes, bytes] | None:
        """The head and the body of the next request that is here as a whole."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._received[:end])
        _, _, after = head.lower().partition(b"\r\ncontent-length:")
        upto = end + 4 + int(after.partition(b"\r\n")[0] or 0)
        if len(self._received) < upto:
            return None
        body = bytes(self._received[end + 4 : upto])
        del self._received[:upto]
        return head, body

    def _send(self, pieces: list[Piece]) -> None:
        size = sum(map(len, pieces))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.writelines([head % size, *pieces])


@dataclass(frozen=True, slots=True)
class Served:
    """A running node."""

    url: str

    def stats(self) -> Stats:
        """What it has done so far."""
        with urllib.request.urlopen(self.url + "stats", timeout=10) as response:
            return msgspec.json.decode(response.read(), type=Stats)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A node for the chain of that folder, on a free port, as long as the context lasts."""
    command = [sys.executable, "-m", "benchmarks.server", "--folder", str(folder), "--attached"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HERE.parent
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise Failed("the benchmark's node did not start: see above")
            yield Served(json.loads(line)["url"])
        finally:
            process.terminate()


async def _serve(folder: Path, port: int, attached: bool) -> None:
    loop = asyncio.get_running_loop()
    node = Node(Archive(folder))
    server = await loop.create_server(lambda: Connection(node), "127.0.0.1", port)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    print(json.dumps({"url": url, "deployment": str(folder / "deployment.json")}), flush=True)
    if attached:
        await loop.run_in_executor(None, sys.stdin.read)
    else:
        await server.serve_forever()


def main() -> None:
    """Serves a chain, which is made where it is not there yet; counts are at /stats."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=main.__doc__)
    parser.add_argument("--events", type=count, default=200_000, help="length of the chain")
    arguments(parser)
    parser.add_argument("--port", type=at_least(0), default=0, help="0 takes a free one")
    parser.add_argument("--folder", type=Path, help="serve this folder in place of making a chain")
    parser.add_argument("--attached", action="store_true", help="end when stdin ends")
    given = vars(parser.parse_args())
    port, folder, attached = given.pop("port"), given.pop("folder"), given.pop("attached")
    uvloop.run(_serve(folder or chain(Recipe(**given)), port, attached))


if __name__ == "__main__":
    with ending(tidy=False):  # a signal ends it at once: it has nothing to leave
        main()
