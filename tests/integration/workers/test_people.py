"""People are told once, by what the projections say, and only once a block is final enough."""

from typing import Any

import pytest

from indexer.db import outbox
from indexer.db.connection import connect
from indexer.db.outbox import State
from indexer.effects.effect import Audience, Finality, Kind, Whom
from indexer.units import to_hex
from tests.integration.workers.conftest import Work
from tests.integration.workers.effects import (
    ANN,
    BLOCK,
    BOB,
    CAT,
    GROUP,
    MEMBER,
    THING,
    admins,
    ask,
    begin,
    effects,
    hash_of,
)

TOLD = "SELECT recipient, kind, arguments FROM notifications ORDER BY recipient"
STATES = "SELECT state FROM outbox ORDER BY id"


def people(url: str) -> list[Any]:
    return [who for who, *_ in ask(url, TOLD)]


def test_who_is_named_is_told(database_url: str, work: Work) -> None:
    begin(database_url)
    effects(database_url, 1)
    assert work() == 1
    assert ask(database_url, TOLD) == [(BOB, Kind.REMOVED, {"n": "1"})]
    assert ask(database_url, STATES) == [(State.DONE,)]
    assert work() == 0


def test_the_admins_are_those_of_the_group_when_it_is_told(database_url: str, work: Work) -> None:
    begin(database_url)
    for log, (who, role) in enumerate([(ANN, 2), (BOB, 1), (CAT, 0)]):
        ask(database_url, MEMBER, GROUP, who, role, log)
    effects(database_url, 1, people=(), audiences=admins(), but=(BOB,))
    work()
    assert people(database_url) == [ANN]


@pytest.mark.parametrize("whom", Whom)
def test_every_audience_can_be_asked_for(database_url: str, work: Work, whom: Whom) -> None:
    begin(database_url)
    effects(database_url, 1, audiences=(Audience(whom, THING),))
    work()
    assert people(database_url) == [BOB]


def test_somebody_who_is_meant_twice_is_told_once(database_url: str, work: Work) -> None:
    begin(database_url)
    ask(database_url, MEMBER, GROUP, BOB, 2, 0)
    effects(database_url, 1, audiences=(*admins(), Audience(Whom.MEMBERS, GROUP)))
    work()
    ask(database_url, "UPDATE outbox SET state = 0, next_try = now()")
    work()
    assert people(database_url) == [BOB]


def test_a_refund_is_told_to_whom_it_belongs(database_url: str, work: Work) -> None:
    begin(database_url)
    effects(database_url, 1, people=(ANN, BOB), refunds={to_hex(BOB): "7"})
    work()
    assert [arguments for *_, arguments in ask(database_url, TOLD)] == [
        {"n": "1"},
        {"n": "1", "refund": "7"},
    ]


def test_the_luckiest_is_named_when_a_packet_is_empty(database_url: str, work: Work) -> None:
    begin(database_url)
    claim = (
        "INSERT INTO claims (packet_id, claimer, amount, claim_order, claimed_at, created_block,"
        " created_log) VALUES (%s, %s, %s, 1, now(), 1, %s)"
    )
    for log, (who, amount) in enumerate([(ANN, 1), (CAT, 2**255), (BOB, 3)]):
        ask(database_url, claim, THING, who, amount, log)
    packet = {"red_packet_id": to_hex(THING)}
    effects(database_url, 1, kind=Kind.PACKET_EMPTIED, arguments=packet)
    work()
    [(*_, arguments)] = ask(database_url, TOLD)
    wanted = {"luckiest": to_hex(CAT), "luckiest_amount": str(2**255)}
    assert arguments == packet | wanted


@pytest.mark.parametrize("finality", Finality)
def test_an_effect_waits_for_its_finality(
    database_url: str, work: Work, finality: Finality
) -> None:
    begin(database_url, head=BLOCK - 1, safe=BLOCK - 1, finalized=BLOCK - 1)
    effects(database_url, 1, finality=finality)
    assert work() == 0
    heights = ["block_number", "safe_block", "finalized_block"]
    for height in heights[: finality + 1]:
        assert work() == 0
        ask(database_url, f"UPDATE cursor SET {height} = %s", BLOCK)
    assert work() == 1


def test_an_effect_waits_for_a_node_that_names_a_safe_block(database_url: str, work: Work) -> None:
    begin(database_url)
    ask(database_url, "UPDATE cursor SET safe_block = NULL")
    effects(database_url, 1, finality=Finality.SAFE)
    assert work() == 0


def test_an_effect_that_cannot_be_told_is_given_up_and_kept(database_url: str, work: Work) -> None:
    begin(database_url)
    effects(database_url, 1)
    ask(database_url, """UPDATE outbox SET payload = jsonb_set(payload, '{people}', '["0xzz"]')""")
    work()
    [(state, error)] = ask(database_url, "SELECT state, last_error FROM outbox")
    assert state == State.DEAD
    assert "ValueError" in error


def test_what_is_taken_back_before_it_is_told_is_never_told(database_url: str, work: Work) -> None:
    begin(database_url)
    effects(database_url, 2)
    effects(database_url, 1, block=BLOCK - 1)
    with connect(database_url) as connection, connection.cursor() as db:
        outbox.settle(db, BLOCK, None, [hash_of(7)])
    assert work() == 1


def test_what_is_taken_back_after_it_was_told_leaves_nothing(database_url: str, work: Work) -> None:
    begin(database_url)
    effects(database_url, 2)
    work()
    with connect(database_url) as connection, connection.cursor() as db:
        outbox.settle(db, BLOCK, None, [])
    assert people(database_url) == []
    assert ask(database_url, STATES) == []
