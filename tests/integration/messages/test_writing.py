"""Messages are sent, numbered, changed and refused as the chain and the rules have it."""

import asyncio
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from indexer.db import months
from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.rows import account
from tests.integration.messages.conftest import People, hex_of
from tests.integration.messages.test_live import ears


async def test_messages_are_numbered_without_gaps_whoever_sends_at_once(people: People) -> None:
    sent = await asyncio.gather(
        *(people[1 + n % 4].say(f"{n}", clientId=f"c{n}") for n in range(60)),
        *(people[1].say(f"{n}", to=hex_of(2)) for n in range(10)),
    )
    numbers = sorted(int(one["seq"]) for one in sent[:60])
    assert numbers == [*range(1, 61)]
    assert sorted(int(one["seq"]) for one in sent[60:]) == [*range(1, 11)]
    told = await people[3].history("last: 200")
    assert [int(one["seq"]) for one in told] == [*range(1, 61)]
    by_seq = {one["seq"]: one["content"] for one in sent[:60]}
    assert [one["content"] for one in told] == [by_seq[one["seq"]] for one in told]


async def test_what_is_sent_again_under_the_same_id_is_the_same_message(people: People) -> None:
    once = await people[1].say("hello", clientId="mine")
    twice = await asyncio.gather(*(people[1].say("hello", clientId="mine") for _ in range(5)))
    assert {one["id"] for one in twice} == {once["id"]}
    other = await people[2].say("hello", clientId="mine")
    assert other["id"] != once["id"] and len(await people[1].history()) == 2


async def test_processes_number_together_without_gaps_and_both_tell_of_everything(
    people: People, client: Client, another: Client
) -> None:
    """What both send under one id at once is one message."""
    others = People(another)
    query = 'subscription { messageAdded(groupId: "group_1") { seq content } }'
    [here], [there] = (
        await ears(client, (people[3], query)),
        await ears(another, (others[4], query)),
    )
    sides = (people, others)
    sent = await asyncio.gather(
        *(sides[n % 2][1 + n % 4].say(f"{n}", clientId=f"c{n}") for n in range(40)),
        *(sides[n % 2][1].say("both", clientId="both") for n in range(10)),
    )
    numbers = {int(one["seq"]): one["content"] for one in sent}
    assert sorted(numbers) == [*range(1, 42)] and len({one["id"] for one in sent[40:]}) == 1
    for ear in (here, there):
        heard = await ear.until(41)
        assert {int(one["seq"]): one["content"] for one in heard} == numbers
        assert len(await ear.stop()) == 41
    told = await others[2].history("last: 200")
    assert [(int(one["seq"]), one["content"]) for one in told] == sorted(numbers.items())


async def test_at_once_and_twice_is_still_once(people: People) -> None:
    sent = await asyncio.gather(*(people[1].say("hello", clientId="mine") for _ in range(5)))
    assert len({one["id"] for one in sent}) == 1


async def test_a_refusal_names_the_reason_on_chain_and_its_block(
    people: People, chain: Chain, database: Engine
) -> None:
    assert (await people[9].refusal("hello"))["reason"] == "NOT_A_MEMBER"
    mute(database, 3, block=chain.grow(2))
    told = await people[3].refusal("hello")
    assert (told["code"], told["reason"], told["block"]) == ("FORBIDDEN", "MUTED", 12)
    assert len(await people[3].history()) == 0
    await people[2].say("an admin still may")
    unheard = (await people[3].error(SUBJECT.format(await first(people))))["reason"]
    assert unheard == "MUTED"


SUBJECT = 'mutation {{ react(id: "{}", emoji: "👍") {{ id }} }}'


async def first(people: People) -> str:
    return str((await people[1].history())[0]["id"])


def mute(database: Engine, who: int, block: int) -> None:
    """What the fold writes when MemberMuted comes in the block."""
    with database.begin() as db:
        db.execute(
            text(
                "INSERT INTO members_history SELECT group_key, address, role, is_muted, joined_at,"
                " joined_block, joined_log, updated_block, :block FROM members"
                " WHERE address = :who"
            ),
            {"block": block, "who": account(who)},
        )
        db.execute(
            text("UPDATE members SET is_muted = true, updated_block = :block WHERE address = :who"),
            {"block": block, "who": account(who)},
        )


async def test_who_sends_while_the_database_is_away_may_try_again(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(months, "ensure", away)
        error = await people[1].refusal("hello")
    assert error["code"] == "SERVICE_UNAVAILABLE"
    assert (await people[1].say("hello"))["seq"] == "1"
