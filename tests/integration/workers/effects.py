"""Effects in a database, and an endpoint that records what it is sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg

from indexer.db import cursor as cursors
from indexer.db import outbox
from indexer.db.connection import connect
from indexer.effects import effect
from indexer.effects.effect import Audience, Effect, Kind, Whom
from indexer.units import Address, Hash32, to_hex

ANN, BOB, CAT = (Address(bytes([n]) * 20) for n in (1, 2, 3))
GROUP, THING = Hash32(b"\x11" * 32), Hash32(b"\x22" * 32)
BLOCK = 100

MEMBER = """
INSERT INTO members (group_key, address, role, is_muted, joined_at, joined_block, joined_log,
    updated_block) VALUES (%s, %s, %s, false, now(), 1, %s, 1)
"""


def hash_of(block: int) -> Hash32:
    return Hash32(block.to_bytes(32))


def begin(url: str, *, head: int = BLOCK, safe: int = BLOCK, finalized: int = BLOCK) -> None:
    """An index of these heights."""
    with connect(url) as connection, connection.cursor() as db:
        cursors.begin(db, 31337, head + 1)
        cursors.observe(db, head, safe, finalized)


def effects(url: str, many: int, *, block: int = BLOCK, **how: Any) -> list[bytes]:
    """So many effects of a block; their keys."""
    usual: dict[str, Any] = {"kind": Kind.REMOVED, "people": (BOB,), "arguments": {"n": "1"}}
    one = Effect(**(usual | how))
    payload = {
        "people": [to_hex(person) for person in one.people],
        "audiences": [[whom, to_hex(key)] for whom, key in one.audiences],
        "but": [to_hex(person) for person in one.but],
        "arguments": one.arguments,
        "refunds": one.refunds,
    }
    rows = [
        outbox.Row(key, one.kind, 0, payload, block, hash_of(block), log, one.finality)
        for log in range(many)
        for key in [effect.key(hash_of(block), log, one.kind)]
    ]
    with connect(url) as connection, connection.cursor() as db:
        outbox.add(db, rows)
    return [row.key for row in rows]


def admins() -> tuple[Audience, ...]:
    return (Audience(Whom.ADMINS, GROUP),)


def ask(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(query.encode(), values)
        return done.fetchall() if done.description else []


@dataclass(slots=True)
class Heard:
    """A request as the endpoint saw it."""

    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["Dchat-Key"]

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """What was heard, and what is answered: a status for each request, the last one for ever."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, one: Heard) -> int:
        with self.lock:
            self.heard.append(one)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """An endpoint on a port of its own."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.answer(Heard(dict(self.headers), body)))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook?of=dchat"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
