"""Subscribers of one group, each on a WebSocket of its own: when does the last one hear?

`python -m benchmarks.api.subscribers PORT KEY COUNT` opens so many, prints `ready`, and then, for
each line that it reads, prints when the last of them heard of the next event (a monotonic time).
"""

import asyncio
import json
import os
import struct
import sys
from typing import Any, Final, cast

import uvloop

TOGETHER: Final = 100
"""Connections that are opened at once."""
HELLO: Final = {"type": "connection_init"}
PING, TEXT, CLOSE, PONG = 9, 1, 8, 10


def frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame; its mask is zero."""
    size = len(payload)
    long = b"" if size < 126 else struct.pack(">H", size)
    return bytes([128 | opcode, 128 | min(size, 126)]) + long + bytes(4) + payload


class Subscriber(asyncio.Protocol):
    """`heard` counts updates; `last` is when the newest came, by the loop's clock."""

    def __init__(self, host: str, subscribe: bytes) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard, self.last, self.lost = 0, 0.0, ""
        self._host, self._subscribe, self._buffer = host, subscribe, b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(
            f"GET /graphql HTTP/1.1\r\nhost: {self._host}\r\nupgrade: websocket\r\n"
            "connection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: "
            "AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "sec-websocket-protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, there, rest = self._buffer.partition(b"\r\n\r\n")
            if not there:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._open, self._buffer = True, rest
            self._transport.write(frame(TEXT, json.dumps(HELLO).encode()))
        while self._take():
            pass

    def _take(self) -> bool:
        """Heeds the next frame, if it is whole."""
        told = self._buffer
        if len(told) < 2:
            return False
        size, start = told[1], 2
        if size == 126:
            size, start = int.from_bytes(told[2:4]), 4
        if len(told) < start + size:
            return False
        self._heed(told[0] & 15, told[start : start + size])
        self._buffer = told[start + size :]
        return True

    def _heed(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._transport.write(frame(PONG, payload))
        elif opcode == CLOSE:
            self.lost = payload.decode(errors="replace")
        elif b"connection_ack" in payload:
            self._transport.write(frame(TEXT, self._subscribe))
            self.ready.set_result(None)
        elif b'"next"' in payload:
            self.heard, self.last = self.heard + 1, asyncio.get_running_loop().time()
        else:
            self.lost = payload.decode()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = self.lost or f"the connection ended: {exc}"
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(self.lost))


async def serve(port: int, key: str, count: int) -> None:
    """Opens the connections; then answers each line of the input."""
    loop, made = asyncio.get_running_loop(), list[Subscriber]()
    query = f'subscription {{ groupUpdated(key: "{key}") {{ group {{ name memberCount }} }} }}'
    told: Any = {"id": "1", "type": "subscribe", "payload": {"query": query}}
    subscribe = json.dumps(told).encode()

    async def opened() -> None:
        host = f"127.0.0.1:{port}"
        _, one = await loop.create_connection(
            lambda: Subscriber(host, subscribe), "127.0.0.1", port
        )
        made.append(one)
        await one.ready

    for begun in range(0, count, TOGETHER):
        await asyncio.gather(*(opened() for _ in range(min(TOGETHER, count - begun))))
    print("ready", flush=True)
    events = 0
    while await loop.run_in_executor(None, sys.stdin.readline):
        events += 1
        while any(one.heard < events for one in made):
            for one in made:
                assert not one.lost, one.lost
            await asyncio.sleep(0.01)
        print(max(one.last for one in made), flush=True)
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
