"""Who was told of an event is told when a reorg takes it back, once, before what came instead."""

import asyncio
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, text

from indexer.db import reversals
from indexer.db.models import GROUPS
from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.listener import Listener, joined, listening, since, told
from tests.integration.api.rows import group, key_of, payment, put, red_packet

GROUP = "group { name maxMembers createdAt sources members { totalCount } }"
PAYMENT = "payment { paymentId targetAmount status deadline participants group { name } }"
PACKET = """redPacket { redPacketId status expiresAt exclusiveRecipients
    claimable(address: "0x0000000000000000000000000000000000000003") { ok reason } }"""
EVENTS = "subscription { events { reverted cursor event { id finality block { hash } } } }"


@pytest.fixture
def forked(chain: Chain) -> Chain:
    """Blocks 11 to 13 with an event each."""
    chain.grow(blocks=3, events=[joined(at, 0) for at in (11, 12, 13)])
    return chain


async def updates(client: Client, query: str, count: int) -> list[Any]:
    """The first updates of a subscription; fails where there are more."""
    listener = Listener(client, query)
    await listener.until(count)
    items = await listener.stop()
    assert len(items) == count, items
    return items


async def test_retractions_come_newest_first_and_before_the_new_blocks(
    client: Client, forked: Chain
) -> None:
    listener = Listener(client, since("11-0"))
    before = list(await listener.until(2))
    forked.reorg(2, 3, events=[joined(at, 1) for at in (12, 14)])
    await listener.until(6)
    items = await listener.stop()
    assert told(items) == ["12-0", "13-0", "-13-0", "-12-0", "12-1", "14-1"]
    shown = [item["events"]["event"] for item in items]
    assert [one["events"]["event"]["block"] for one in before] == [
        shown[3]["block"],
        shown[2]["block"],
    ]
    assert shown[0]["block"] != shown[4]["block"]
    assert {one["finality"] for one in shown[2:4]} == {"LATEST"}


async def test_each_subscriber_hears_of_what_it_may_have_seen_and_wants(
    client: Client, forked: Chain
) -> None:
    other = f'{{groupKey: "0x{key_of(2).hex()}"}}'
    picky = EVENTS.replace("events {", f"events(where: {other}) {{", 1)
    early, late = Listener(client, since("12-0")), await listening(client, EVENTS)
    narrow = Listener(client, picky)
    await early.until(1)
    await asyncio.sleep(0.2)
    forked.reorg(3, 3, events=[joined(11, 1)])
    forked.grow(events=[joined(14, 0)])
    await late.until(5)
    retracted = ["-13-0", "-12-0", "-11-0"]
    assert told(await late.stop()) == [*retracted, "11-1", "14-0"]
    assert told(await early.stop()) == ["13-0", *retracted, "11-1", "14-0"]
    assert await narrow.stop() == []


async def test_who_resumes_hears_of_the_retractions_that_it_missed(
    client: Client, forked: Chain
) -> None:
    [first, second] = await updates(client, since("11-0"), 2)
    forked.reorg(2, 2, events=[joined(12, 0), joined(12, 1)])
    forked.reorg(3, 4, events=[joined(11, 0), joined(13, 0)])
    again = ["-11-0", "11-0", "13-0"]
    for item, missed in ((second, ["-13-0", "-12-0"]), (first, ["-12-0"])):
        cursor = item["events"]["cursor"]
        wanted = [*missed, *again]
        items = await updates(client, since(cursor), len(wanted))
        assert told(items) == wanted


@pytest.mark.parametrize("seed", range(3))
async def test_a_break_anywhere_loses_nothing_and_repeats_nothing(
    client: Client, chain: Chain, seed: int
) -> None:
    """Disconnected after a few updates, again and again, while the chain goes back and forth."""
    dice, seen, after = Random(seed), list[str](), "0-0@0"
    for _ in range(8):
        depth = dice.choice([0, 0, 1, 2, chain.tip - 10])
        blocks = range(chain.tip - depth + 1, chain.tip - depth + dice.randint(2, 4))
        events = [joined(at, n) for at in blocks for n in range(dice.randint(0, 3))]
        chain.reorg(depth, len(blocks), events=events) if depth else chain.grow(
            len(blocks), events=events
        )
        items = await taken(client, since(after), dice.randint(1, 9))
        seen += told(items)
        after = items[-1]["events"]["cursor"] if items else after
    seen += told(await taken(client, since(after), 1000))
    stored = await client.data("{ events(first: 200) { nodes { id } } }")
    assert standing(seen) == [node["id"] for node in stored["events"]["nodes"]]


async def taken(client: Client, query: str, most: int) -> list[Any]:
    """So many updates, or fewer where no more come for a while."""
    listener = Listener(client, query, most=most)
    while True:
        count = len(listener.items)
        await asyncio.sleep(0.3)
        if len(listener.items) == count:
            return await listener.stop()


def standing(seen: list[str]) -> list[str]:
    """What a client is left with that takes back what it is told to."""
    left: list[str] = []
    for one in seen:
        if one.startswith("-"):
            assert left.pop() == one[1:], seen
        else:
            left.append(one)
    return left


async def test_a_reorg_between_two_pages_of_stored_events_is_told_in_its_place(
    client: Client, chain: Chain
) -> None:
    chain.grow(blocks=2, events=[joined(at, n) for at in (11, 12) for n in range(150)])
    stream = client.stream(since("0-0"))
    items = [(await anext(stream)).data for _ in range(200)]
    chain.reorg(1, 1, events=[joined(12, 200)])
    items += [(await anext(stream)).data for _ in range(51)]
    await stream.aclose()
    stored = [f"11-{n}" for n in range(150)] + [f"12-{n}" for n in range(50)]
    taken = [f"-12-{n}" for n in reversed(range(50))]
    assert told(items) == [*stored, *taken, "12-200"]


async def test_an_event_s_id_means_the_one_that_a_reorg_took_back(
    client: Client, forked: Chain
) -> None:
    forked.reorg(2, 2, events=[joined(12, 0), joined(12, 1)])
    assert told(await updates(client, since("12-0"), 3)) == ["-12-0", "12-0", "12-1"]
    assert told(await updates(client, since("13-0"), 4)) == ["-13-0", "-12-0", "12-0", "12-1"]
    assert told(await updates(client, since("11-0"), 2)) == ["12-0", "12-1"]


async def test_an_id_that_several_reorgs_took_back_means_each_of_them(
    client: Client, forked: Chain
) -> None:
    forked.reorg(2, 2, events=[joined(12, 0)])
    forked.reorg(3, 3, events=[joined(12, 0)])
    items = await updates(client, since("12-0"), 4)
    assert told(items) == ["-12-0", "-12-0", "-11-0", "12-0"]
    assert len({item["events"]["event"]["block"]["hash"] for item in items}) == 4


async def test_who_was_away_too_long_starts_over(
    client: Client, forked: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    [item] = await updates(client, since("12-0"), 1)
    monkeypatch.setattr(reversals, "MOST", 1)
    forked.reorg(2, 2, events=[joined(12, 1)])
    for after in (item["events"]["cursor"], "13-0"):
        (errors,) = [result.errors async for result in client.stream(since(after))]
        extensions = errors[0].extensions
        assert (extensions["code"], extensions["fromBlock"]) == ("START_OVER", 12)
    assert told(await updates(client, since("11-0"), 1)) == ["12-1"]
    (errors,) = [result.errors async for result in client.stream(since("11-0@9"))]
    assert errors[0].extensions["code"] == "START_OVER"


@pytest.mark.parametrize("after", ["1-2@", "1-2@x", "1@2", "1-2@3@4", "1-99999999999@1", "-2-0@0"])
async def test_a_cursor_that_is_none_is_refused(client: Client, after: str) -> None:
    (errors,) = [result.errors async for result in client.stream(since(after))]
    assert errors[0].extensions["code"] == "BAD_USER_INPUT"


async def test_live_subscribers_of_everything_are_told_when_it_is_too_much_to_tell(
    client: Client, forked: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = [EVENTS, "subscription { groupUpdated { reverted } }"]
    listeners = [await listening(client, query) for query in queries]
    await asyncio.sleep(0.2)
    monkeypatch.setattr(reversals, "MOST", 1)
    forked.reorg(2, 2, events=[joined(12, 1)])
    for listener in listeners:
        [errors] = await listener.until(1)
        assert errors[0].extensions["code"] == "START_OVER"


@pytest.mark.parametrize(
    ("field", "rows", "shown"),
    [
        ("groupUpdated", {"groups": [group(1, at=11, max_members=2**256 - 1)]}, GROUP),
        ("paymentUpdated", {"payments": [payment(1, at=11)]}, PAYMENT),
        ("redPacketUpdated", {"red_packets": [red_packet(1, at=11)]}, PACKET),
    ],
)
async def test_what_a_reorg_took_away_altogether_is_shown_as_it_last_stood(
    client: Client, chain: Chain, field: str, rows: Any, shown: str
) -> None:
    listener = await listening(client, f"subscription {{ {field} {{ reverted {shown} }} }}")
    await asyncio.sleep(0.2)
    chain.grow(**rows)
    await listener.until(1)
    chain.reorg(1, 1)
    await listener.until(2)
    before, after = (item[field] for item in await listener.stop())
    assert (before.pop("reverted"), after.pop("reverted")) == (False, True)
    assert after == before


async def test_a_change_without_an_event_is_taken_back_too(
    client: Client, chain: Chain, database: Engine
) -> None:
    put(database, groups=[group(1), group(2)])
    listener = await listening(
        client, 'subscription { groupUpdated(groupId: "group_1") { reverted group { name } } }'
    )
    await asyncio.sleep(0.2)
    chain.grow()
    then = {name: value for name, value in group(1).items() if name in (*GROUPS.changing, "key")}
    put(database, groups_history=[then | {"until_block": 11}])
    with database.begin() as db:
        db.execute(text("UPDATE groups SET name = 'Renamed', updated_block = 11"))
    chain.reorg(1, 2)
    await listener.until(1)
    assert await listener.stop() == [
        {"groupUpdated": {"reverted": True, "group": {"name": "Group 1"}}}
    ]
