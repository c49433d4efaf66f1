"""Whoever resumes where it was ends with exactly the events of the chain, whatever happened."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any, Final

import httpx
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from indexer.dev.home import Home
from indexer.dev.postgres import embedded_postgres
from indexer.dev.process import stop
from tests.e2e.commands import eventually
from tests.e2e.stack import Stack, dev_chain
from tests.e2e.workload import Workload

QUERY: Final = """subscription ($after: ID) {
  events(after: $after) { cursor reverted event { id transactionHash block { hash } } } }"""
PAGE: Final = """query ($after: String) { events(first: 200, after: $after) {
  nodes { id transactionHash block { hash } } pageInfo { hasNextPage endCursor } } }"""
ROUNDS: Final = 10
Transport = Callable[[str, dict[str, Any]], Iterator[Any]]


def by_websocket(url: str, payload: dict[str, Any]) -> Iterator[Any]:
    """The results of a subscription; ends with the connection."""
    place, protocol = url.replace("http", "ws", 1), Subprotocol("graphql-transport-ws")
    with connect(place, subprotocols=[protocol], open_timeout=5) as socket:
        socket.send('{"type": "connection_init"}')
        socket.recv(5)
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        for told in map(json.loads, socket):
            assert told["type"] == "next", told
            yield told["payload"]


def by_server_sent_events(url: str, payload: dict[str, Any]) -> Iterator[Any]:
    headers = {"accept": "text/event-stream"}
    with httpx.stream("POST", url, json=payload, headers=headers, timeout=60) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                yield json.loads(line.removeprefix("data: "))


class Subscriber(threading.Thread):
    """Keeps the events that stand; goes on behind the last update whenever it was cut off."""

    def __init__(self, url: str, transport: Transport, start: str, dice: Random) -> None:
        super().__init__(daemon=True)
        self._url, self._transport, self._dice = url, transport, dice
        self._after, self._over = start, threading.Event()
        self.events: list[Any] = []
        self.wrong: list[str] = []
        self.cuts = self.retracted = 0

    def run(self) -> None:
        while not self._over.is_set() and not self.wrong:
            with suppress(OSError, httpx.HTTPError, WebSocketException):
                self._listen()
            self.cuts += 1
            self._over.wait(0.05)

    def _listen(self) -> None:
        """Until the server ends it, or for so many updates."""
        payload = {"query": QUERY, "variables": {"after": self._after}}
        patience = self._dice.randint(1, 60)
        for result in self._transport(self._url, payload):
            self._heed(result)
            patience -= 1
            if patience == 0 or self.wrong or self._over.is_set():
                return

    def _heed(self, result: Any) -> None:
        if "errors" in result:
            return self.wrong.append(str(result))
        update = result["data"]["events"]
        if not update["reverted"]:
            self.events.append(update["event"])
        elif self.events[-1:] == [update["event"]]:
            self.events.pop()
            self.retracted += 1
        else:
            self.wrong.append(f"{update} took back what did not come last: {self.events[-2:]}")
        self._after = update["cursor"]

    def end(self) -> None:
        self._over.set()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = Home.open(tmp_path_factory.mktemp("subscribers") / "home")
    with embedded_postgres(home.path) as url, dev_chain(home, past=False) as chain:
        made = Stack(home=home, chain=chain, database_url=url)
        made.migrate()
        try:
            for verb in ("index", "serve"):
                made.start(verb)
            yield made
        finally:
            made.close()


def test_subscribers_end_with_the_events_of_the_chain_whatever_happens_to_it_and_to_the_api(
    stack: Stack,
) -> None:
    assert eventually(lambda: stack.is_up() and stack.graph.answers())
    url, dice = f"http://127.0.0.1:{stack.port}/graphql", Random(6)
    transports = [by_websocket, by_websocket, by_server_sent_events]
    subscribers = [
        Subscriber(url, transport, "0-0", Random(n)) for n, transport in enumerate(transports)
    ]
    for one in subscribers:
        one.start()
    work = Workload(stack.chain, seed=6)
    work.run(12)
    for n in range(ROUNDS):
        work.run(dice.randint(1, 3))
        if n % 2:
            assert eventually(stack.graph.answers)
            stack.synced()
            calls = [work.moves.call() for _ in range(dice.randint(0, 4))]
            stack.chain.reorg(dice.choice((1, 2, 5, 10)), *calls)
        if n % 3 == 2:
            how = signal.SIGTERM if n == 5 else signal.SIGKILL
            time.sleep(dice.random() / 2)
            stop(stack.parts.pop("serve"), how=how)
            stack.start("serve")
    work.run(3)
    assert eventually(stack.graph.answers)
    stack.synced()
    wanted = canonical(stack)
    assert eventually(lambda: all(one.wrong or one.events == wanted for one in subscribers), 30)
    for one in subscribers:
        one.end()
        assert not one.wrong
        assert one.events == wanted
        assert one.cuts > 3
    assert sum(one.retracted for one in subscribers) > 0
    assert len(wanted) > 20


def canonical(stack: Stack) -> list[Any]:
    """The events that stand, page by page."""
    found: list[Any] = []
    after, more = None, True
    while more:
        page = stack.graph.query(PAGE, after=after)["events"]
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found
