"""What happens by the clock is noticed once, by the chain's clock, and goes with its block."""

import time
from typing import Any

import pytest

from indexer.db import outbox
from indexer.db.connection import connect
from indexer.effects import effect
from indexer.effects.effect import Kind
from indexer.units import to_hex
from tests.integration.workers.conftest import Work
from tests.integration.workers.effects import (
    ANN,
    BLOCK,
    BOB,
    CAT,
    GROUP,
    THING,
    ask,
    begin,
    hash_of,
)
from workers.notify.deadlines import LATE, SOON, notice

NOW = int(time.time()) - 100
"""The chain's time."""
PAYMENT = """
INSERT INTO payments (payment_id, kind, group_key, initiator, target_amount, collected_amount,
    per_person_amount, description, deadline_seconds, status, funds_withdrawn, sources, created_at,
    created_block, created_log, updated_block)
VALUES (%s, 1, %s, %s, 10, 0, 5, '', %s, %s, false, '{}', now(), %s, 3, %s)
"""
PACKET = """
INSERT INTO red_packets (packet_id, kind, group_key, sender, message, total_amount,
    remaining_amount, total_count, remaining_count, status, created_at, expires_at, sources,
    created_block, created_log, updated_block)
VALUES (%s, 0, %s, %s, '', 10, %s, 2, 1, %s, now(), to_timestamp(%s), '{}', %s, 4, %s)
"""


@pytest.fixture(autouse=True)
def index(database_url: str) -> None:
    begin(database_url)
    clock(database_url, NOW)
    ask(database_url, "INSERT INTO blocks VALUES (%s, %s, now())", BLOCK, hash_of(BLOCK))
    for place, who in enumerate((BOB, CAT)):
        people = "INSERT INTO participants VALUES (%s, %s, %s, %s)"
        ask(database_url, people, THING, place, who, BLOCK)
    gave = (
        "INSERT INTO contributions (payment_id, contributor, amount, contributed_at,"
        " created_block, created_log, updated_block) VALUES (%s, %s, 5, now(), 1, 0, 1)"
    )
    ask(database_url, gave, THING, CAT)


def clock(url: str, now: int) -> None:
    ask(url, "UPDATE cursor SET synced = true, block_timestamp = to_timestamp(%s)", now)


def payment(url: str, deadline: int, *, status: int = 0) -> None:
    ask(url, PAYMENT, THING, GROUP, ANN, deadline, status, BLOCK, BLOCK)


def packet(url: str, expires: int, *, left: int = 4, status: int = 0) -> None:
    ask(url, PACKET, THING, GROUP, ANN, left, status, expires, BLOCK, BLOCK)


def noticed(url: str, age: float = 86_400) -> int:
    with connect(url) as connection, connection.cursor() as db:
        return notice(db, age=age)


def told(url: str) -> list[tuple[Any, ...]]:
    return ask(url, "SELECT recipient, kind, arguments FROM notifications ORDER BY recipient")


def test_who_has_not_paid_is_told_once_that_it_is_due(database_url: str, work: Work) -> None:
    payment(database_url, NOW + SOON)
    assert [noticed(database_url), noticed(database_url)] == [1, 0]
    work()
    arguments = {
        "payment_id": to_hex(THING),
        "group_key": to_hex(GROUP),
        "deadline": str(NOW + SOON),
        "share": "5",
    }
    assert told(database_url) == [(BOB, Kind.PAYMENT_DUE, arguments)]


def test_a_sender_is_told_once_what_a_packet_that_ran_out_still_holds(
    database_url: str, work: Work
) -> None:
    packet(database_url, NOW)
    assert [noticed(database_url), noticed(database_url)] == [1, 0]
    work()
    [(who, kind, arguments)] = told(database_url)
    assert (who, kind, arguments["refundable"]) == (ANN, Kind.PACKET_EXPIRED, "4")
    [(key,)] = ask(database_url, "SELECT key FROM outbox")
    assert key == effect.key(hash_of(BLOCK), 4, Kind.PACKET_EXPIRED)


@pytest.mark.parametrize(
    ("deadline", "status"),
    [(NOW + SOON + 1, 0), (NOW, 0), (NOW + 1, 1), (NOW + 1, 2)],
    ids=["far", "past", "completed", "cancelled"],
)
def test_a_payment_that_is_not_due_or_over_is_not_told(
    database_url: str, deadline: int, status: int
) -> None:
    payment(database_url, deadline, status=status)
    assert noticed(database_url) == 0


@pytest.mark.parametrize(
    ("expires", "left", "status"),
    [(NOW + 1, 4, 0), (NOW, 0, 0), (NOW, 4, 3), (NOW - LATE, 4, 0)],
    ids=["runs", "empty", "refunded", "long ago"],
)
def test_a_packet_that_runs_or_is_empty_or_refunded_is_not_told(
    database_url: str, expires: int, left: int, status: int
) -> None:
    packet(database_url, expires, left=left, status=status)
    assert noticed(database_url) == 0


def test_a_deadline_at_the_end_of_time_harms_nobody(database_url: str) -> None:
    ask(database_url, PAYMENT, THING, GROUP, ANN, 2**256 - 1, 0, BLOCK, BLOCK)
    assert noticed(database_url) == 0


def test_an_index_that_is_behind_tells_nobody(database_url: str) -> None:
    payment(database_url, NOW + 1)
    assert noticed(database_url, age=10) == 0
    ask(database_url, "UPDATE cursor SET synced = false")
    assert noticed(database_url) == 0


def test_what_was_noticed_goes_with_the_block_of_its_payment(database_url: str) -> None:
    payment(database_url, NOW + 1)
    noticed(database_url)
    with connect(database_url) as connection, connection.cursor() as db:
        outbox.settle(db, BLOCK, None, [])
    assert ask(database_url, "SELECT count(*) FROM outbox") == [(0,)]
