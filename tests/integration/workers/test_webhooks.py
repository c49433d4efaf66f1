"""Endpoints are told, again and again where that helps, and never where they must not be."""

import hashlib
import hmac
import ipaddress
import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from indexer.db import outbox
from indexer.db.connection import connect
from indexer.db.dispatch import Task
from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.endpoints import parsed, public
from indexer.errors import ConfigError
from indexer.units import to_hex
from tests.integration.workers.conftest import Work
from tests.integration.workers.effects import BLOCK, BOB, Receiver, ask, begin, effects, hash_of
from workers.tasks.effects import Doer
from workers.terms import Terms
from workers.webhooks.addresses import Forbidden, checked
from workers.webhooks.request import Failed, Refused, post

DELIVERIES = "SELECT state, attempts, last_error FROM outbox WHERE webhook > 0 ORDER BY id"
DUE = "UPDATE outbox SET next_try = now()"
DOCS = Path(__file__).parents[3] / "docs/operations.md"


@pytest.fixture(autouse=True)
def index(database_url: str) -> None:
    begin(database_url)


def deliveries(url: str) -> list[Any]:
    return ask(url, DELIVERIES)


def test_an_endpoint_hears_of_the_effect_with_its_place(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    effects(database_url, 1)
    work()
    assert receiver.heard == []
    work()
    [one] = receiver.heard
    assert one.said == {
        "key": one.key,
        "kind": "REMOVED",
        "chainId": 31337,
        "block": {"number": BLOCK, "hash": to_hex(hash_of(BLOCK))},
        "logIndex": 0,
        "arguments": {"n": "1"},
    }
    assert deliveries(database_url) == [(State.DONE, 1, None)]


def test_the_three_lines_of_the_documentation_verify_a_request(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    effects(database_url, 1)
    work()
    work()
    [one] = receiver.heard
    found = re.search(r"```python\n((?:.+\n){3})```", DOCS.read_text())
    assert found
    for body, wanted in ((one.body, True), (one.body + b" ", False)):
        names: dict[str, Any] = {"headers": one.headers, "body": body, "secret": "s3cret"}
        names |= {"hmac": hmac, "hashlib": hashlib, "time": time}
        exec(found[1], names)
        assert names["genuine"] is wanted


def test_a_request_that_fails_is_repeated_under_its_key(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    receiver.answers = [503, 429, 200]
    effects(database_url, 1)
    work()
    for _ in range(3):
        work()
        ask(database_url, DUE)
    assert deliveries(database_url) == [(State.DONE, 3, None)]
    assert len({one.key for one in receiver.heard}) == 1
    assert len({one.body for one in receiver.heard}) == 1


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_what_an_endpoint_refuses_is_given_up_and_can_be_replayed(
    database_url: str, work: Work, receiver: Receiver, hook: int, status: int
) -> None:
    receiver.answers = [status]
    receiver.headers = {"Location": receiver.url}
    effects(database_url, 1)
    work()
    work()
    assert deliveries(database_url) == [(State.DEAD, 1, f"it answered {status}")]
    assert len(receiver.heard) == 1


def test_pauses_grow_and_retry_after_is_heeded(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    receiver.answers, receiver.headers = [503], {"Retry-After": "1800"}
    effects(database_url, 1)
    work()
    work()
    wait = "SELECT extract(epoch FROM next_try - now())::int FROM outbox WHERE webhook > 0"
    assert 1700 < ask(database_url, wait)[0][0] <= 1800
    receiver.headers = {}
    ask(database_url, "UPDATE outbox SET attempts = 10, next_try = now() WHERE webhook > 0")
    work()
    assert 400 < ask(database_url, wait)[0][0] < 1600


def test_after_many_attempts_a_delivery_is_given_up(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    receiver.answers = [500]
    effects(database_url, 1)
    work()
    ask(database_url, "UPDATE outbox SET attempts = 15 WHERE webhook > 0")
    work()
    assert deliveries(database_url) == [(State.DEAD, 16, "it answered 500")]


def test_an_endpoint_that_fails_again_and_again_rests(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    receiver.answers = [500]
    effects(database_url, 20)
    work()
    work()
    assert len(receiver.heard) == 6
    states = {(state, attempts) for state, attempts, _ in deliveries(database_url)}
    assert states == {(State.QUEUED, 0), (State.QUEUED, 1)}


def test_an_endpoint_that_fails_for_a_day_is_disabled(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    receiver.answers = [500]
    effects(database_url, 3)
    work()
    ask(database_url, "UPDATE webhooks SET failing_since = now() - interval '25 hours'")
    work()
    assert ask(database_url, "SELECT disabled_at IS NOT NULL FROM webhooks") == [(True,)]
    assert {state for state, *_ in deliveries(database_url)} == {State.DEAD}
    effects(database_url, 1, block=BLOCK - 1)
    work()
    assert len(deliveries(database_url)) == 3


def test_an_endpoint_hears_only_of_its_kinds_and_its_address(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    narrow = "UPDATE webhooks SET kinds = %s::jsonb, address = %s"
    for kinds, address, wanted in (
        ('["REMOVED"]', None, 1),
        ('["MUTED"]', None, 0),
        (None, BOB, 1),
        (None, b"\x09" * 20, 0),
    ):
        ask(database_url, "DELETE FROM outbox")
        ask(database_url, narrow, kinds, address)
        effects(database_url, 1, kind=Kind.REMOVED)
        work()
        assert len(deliveries(database_url)) == wanted, (kinds, address)


def test_a_retraction_follows_what_was_sent(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    effects(database_url, 1)
    work()
    work()
    with connect(database_url) as connection, connection.cursor() as db:
        outbox.settle(db, BLOCK, None, [])
    work()
    sent, retraction = receiver.heard
    assert retraction.said["retracts"] == sent.key
    assert retraction.key != sent.key


def test_a_retraction_waits_for_the_request_that_is_under_way(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    effects(database_url, 1)
    work()
    busy = "UPDATE outbox SET state = 1, attempts = 1, busy_until = now() + interval '%s s'"
    ask(database_url, busy.replace("%s", "60") + " WHERE webhook > 0")
    with connect(database_url) as connection, connection.cursor() as db:
        outbox.settle(db, BLOCK, None, [])
    assert work() == 0
    ask(database_url, "UPDATE outbox SET busy_until = now()")
    assert work() == 1
    assert len(receiver.heard) == 1


def test_private_addresses_are_refused_unless_they_are_allowed(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    effects(database_url, 1)
    work()
    ask(database_url, "UPDATE outbox SET state = 1")
    [(id_, key)] = ask(database_url, "SELECT id, key FROM outbox WHERE webhook > 0")
    strict = Doer(database_url, Terms())
    strict.do(Task(id_, key))
    strict.close()
    assert receiver.heard == []
    [(state, _, error)] = deliveries(database_url)
    assert state == State.DEAD
    assert "127.0.0.1 has an address that is not public" in error


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1"
    " 255.255.255.255 ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:127.0.0.1 64:ff9b::10.0.0.1"
    " 2002:7f00:1::1 fec0::1 2001:db8::1".split(),
)
def test_an_address_that_not_everybody_can_call_is_not_public(address: str) -> None:
    assert not public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert public(ipaddress.ip_address(address))


def test_a_name_with_a_private_address_among_others_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(Forbidden, match="has an address that is not public"):
        checked("rebinding.example", 443, private=False)


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rebinding: what was checked is what is connected to, and the name is not asked again."""
    answers, reached = ["1.1.1.1", "127.0.0.1"], []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        assert host == "rebinding.example"
        return [(2, 1, 6, "", (answers.pop(0), port))]

    def connect_to(address: Any, **_: Any) -> Any:
        reached.append(address)
        raise OSError("as far as this goes")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect_to)
    with pytest.raises(Failed):
        post("http://rebinding.example/", b"{}", {}, seconds=1, private=False)
    assert (reached, answers) == ([("1.1.1.1", 80)], ["127.0.0.1"])
    with pytest.raises(Refused, match="not public"):
        post("http://rebinding.example/", b"{}", {}, seconds=1, private=False)
    assert len(reached) == 1


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example", "http://", "https://u:p@x.example", "http://x:99999", "http://x/ y", "x"],
)
def test_a_url_that_nobody_could_call_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        parsed(url)


def test_an_endpoint_that_says_a_little_now_and_then_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(Failed):
            post(url, b"{}", {}, seconds=0.3, private=True)
