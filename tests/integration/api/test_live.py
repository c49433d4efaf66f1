"""Subscriptions: what the index learns reaches those who wait for it, once and in order."""

import asyncio

import pytest

from indexer.units import keccak
from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.listener import Listener, ids, joined, listening, since
from tests.integration.api.rows import (
    account,
    event,
    group,
    id_of,
    key_of,
    observation,
    payment,
    put,
    red_packet,
)

BACKED = keccak(b"CrowdfundingBacked(bytes32,address,uint256,uint256)")


async def test_each_move_of_the_index_sends_meta(client: Client, chain: Chain) -> None:
    listener = await listening(client, "subscription { meta { block { number } lag } }")
    for blocks in (1, 3):
        chain.grow(blocks)
        await listener.until(len(listener.items) + 1)
    assert await listener.stop() == [
        {"meta": {"block": {"number": number}, "lag": 0}} for number in (11, 14)
    ]


async def test_live_events_pass_the_filter_and_know_their_block(
    client: Client, chain: Chain
) -> None:
    where = f'{{name: "MemberJoined", groupKey: "0x{key_of(2).hex()}"}}'
    fields = "event { id name args finality block { number timestamp } } reverted"
    listener = await listening(client, f"subscription {{ events(where: {where}) {{ {fields} }} }}")
    chain.grow(events=[joined(11, 0), joined(11, 1, group_number=2)])
    (item,) = await listener.until(1)
    found = item["events"]["event"]
    assert (found["id"], found["block"]["number"], item["events"]["reverted"]) == (
        "11-1",
        11,
        False,
    )
    assert len(await listener.stop()) == 1


async def test_plain_events_are_told_as_executed_documents_tell_them(
    client: Client, chain: Chain
) -> None:
    block = "block { __typename number at: hash timestamp }"
    fields = f"contract transactionHash transactionIndex logIndex name args {block}"
    plain = f"__typename cursor reverted what: event {{ __typename id {fields} }}"
    twice = "what: event { id } what: event { name }"
    documents = (plain, f"{plain} more: event {{ finality }}", twice)
    listeners = [
        await listening(client, f"subscription {{ told: events {{ {one} }} }}") for one in documents
    ]
    chain.grow(events=[joined(11, 0), joined(11, 1, group_number=2)])
    chain.grow(events=[event(12, 0, 0, keccak(b"Nobody()"), decoded=False)])
    short, full, merged = [[one["told"] for one in await it.until(3)] for it in listeners]
    assert [one.pop("more") for one in full] == [{"finality": "LATEST"}] * 3
    assert short == full
    names = [{name: one["what"][name] for name in ("id", "name")} for one in full]
    assert [one["what"] for one in merged] == names
    assert [one["name"] for one in names] == ["MemberJoined", "MemberJoined", "Unknown"]
    for listener in listeners:
        await listener.stop()


async def test_a_group_is_sent_with_each_event_about_it_and_when_it_changes_without_one(
    client: Client, chain: Chain
) -> None:
    query = """subscription { groupUpdated(groupId: "group_1") {
      event { id } group { name members { totalCount } } reverted } }"""
    listener = await listening(client, query)
    chain.grow(groups=[group(1, at=11), group(2, at=11)], events=[joined(11, 0), joined(11, 1, 2)])
    await listener.until(1)
    chain.grow(blocks=2)
    items = await listener.stop()
    shown = {"name": "Group 1", "members": {"totalCount": 0}}
    assert items == [{"groupUpdated": {"event": {"id": "11-0"}, "group": shown, "reverted": False}}]

    silent = await listening(
        client, "subscription { groupUpdated { event { id } group { name } } }"
    )
    chain.grow(groups=[group(3, at=14)])
    await silent.until(1)
    assert await silent.stop() == [{"groupUpdated": {"event": None, "group": {"name": "Group 3"}}}]


async def test_a_payment_is_sent_to_those_who_watch_it_or_its_group(
    client: Client, chain: Chain
) -> None:
    put(chain._database, payments=[payment(1), payment(2, group_key=key_of(2))])
    queries = (
        f'paymentUpdated(paymentId: "0x{id_of(1).hex()}")',
        'paymentUpdated(groupId: "group_1")',
        "paymentUpdated",
    )
    wanted = "{ payment { paymentId } event { name } }"
    listeners = [await listening(client, f"subscription {{ {q} {wanted} }}") for q in queries]
    await asyncio.sleep(0.2)
    who = bytes(12) + account(2)
    backed = [event(11, n, 1, BACKED, id_of(n), who, data=bytes(64)) for n in (1, 2)]
    chain.grow(events=backed)
    await listeners[2].until(2)
    assert [len(await listener.stop()) for listener in listeners] == [1, 1, 2]


async def test_an_observation_is_told_once_to_those_who_watch_what_it_is_about(
    client: Client, chain: Chain
) -> None:
    put(chain._database, groups=[group(1), group(2)], red_packets=[red_packet(1), red_packet(2)])
    queries = (
        'groupUpdated(groupId: "group_1")',
        f'redPacketUpdated(redPacketId: "0x{id_of(1).hex()}")',
    )
    groups, packets = [
        await listening(client, f"subscription {{ {query} {{ event {{ id }} }} }}")
        for query in queries
    ]
    await asyncio.sleep(0.2)
    seen = [(0, key_of(1)), (0, key_of(2)), (5, id_of(1)), (6, id_of(1)), (5, id_of(3))]
    late = [observation(3, kind, key) for kind, key in seen]
    chain.grow(observations=late, events=[joined(11, 0), joined(11, 1, group_number=2)])
    await groups.until(2)
    await packets.until(1)
    chain.grow(observations=[observation(12, 0, key_of(1))])
    await groups.until(3)
    told = [item["groupUpdated"]["event"] for item in await groups.stop()]
    assert told == [{"id": "11-0"}, None, None]
    assert await packets.stop() == [{"redPacketUpdated": {"event": None}}]


async def test_a_lost_notification_delays_news_and_loses_none(client: Client, chain: Chain) -> None:
    listener = await listening(client, "subscription { events { event { id } } }")
    chain.grow(events=[joined(11, 0)], notify=False)
    chain.grow(events=[joined(12, 0)])
    assert ids(await listener.until(2)) == ["11-0", "12-0"]
    await listener.stop()


async def test_resumed_subscribers_end_with_exactly_the_list_of_events(
    client: Client, chain: Chain
) -> None:
    """Disconnected after every few events, with more stored and more arriving meanwhile."""
    chain.grow(blocks=3, events=[joined(at, n) for at in (11, 12, 13) for n in range(150)])
    expected = [f"{at}-{n}" for at in (11, 12, 13) for n in range(150)]
    seen = ["0-0"]
    for number in range(14, 20):
        listener = Listener(client, since(seen[-1]), most=70)
        await listener.until(70)
        chain.grow(events=[joined(number, n) for n in range(3)])
        expected += [f"{number}-{n}" for n in range(3)]
        seen += ids(await listener.stop())
    listener = Listener(
        client, f'subscription {{ events(after: "{seen[-1]}") {{ event {{ id }} }} }}'
    )
    seen += ids(await listener.stop())
    assert seen[1:] == expected


async def test_who_falls_too_far_behind_is_told_and_can_resume(
    client: Client, chain: Chain
) -> None:
    async with client.index.broker.feed() as feed:
        chain.grow()
        move = await feed.next()
        for _ in range(client.index.limits.queued_updates + 1):
            feed.put(move)
        with pytest.raises(Exception, match="too slow") as caught:
            await feed.next()
    assert caught.value.extensions["code"] == "SLOW_CLIENT"  # type: ignore[attr-defined]


async def test_a_wrong_argument_ends_the_subscription_with_a_typed_error(client: Client) -> None:
    for field in ('events(after: "x") { reverted }', 'events(where: {name: "x"}) { reverted }'):
        (errors,) = [result.errors async for result in client.stream(f"subscription {{ {field} }}")]
        assert errors[0].extensions["code"] == "BAD_USER_INPUT"
