"""Subscriptions: what the index learns reaches those who wait for it, once and in order."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import Engine

from indexer.units import keccak
from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.rows import account, event, group, id_of, key_of, payment, put

JOINED = keccak(b"MemberJoined(string,address,uint256)")
BACKED = keccak(b"CrowdfundingBacked(bytes32,address,uint256,uint256)")


def joined(at: int, index: int, group_number: int = 1) -> dict[str, Any]:
    who = bytes(12) + account(2)
    return event(at, index, 0, JOINED, key_of(group_number), who, data=bytes(32))


@pytest.fixture
def chain(database: Engine) -> Chain:
    return Chain(database)


class Listener:
    """Collects what a subscription sends."""

    def __init__(self, client: Client, query: str, most: int = 1000) -> None:
        self.items: list[Any] = []
        self._task = asyncio.create_task(self._collect(client.stream(query), most))

    async def _collect(self, stream: AsyncGenerator[Any, None], most: int) -> None:
        async with aclosing(stream):
            async for result in stream:
                self.items.append(result.data if result.errors is None else result.errors)
                if len(self.items) == most:
                    return

    async def until(self, count: int) -> list[Any]:
        """The items, once there are so many."""
        async with asyncio.timeout(10):
            while len(self.items) < count:
                assert not self._task.done(), self.items
                await asyncio.sleep(0.01)
        return self.items

    async def stop(self) -> list[Any]:
        await asyncio.sleep(0.1)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.items


async def listening(client: Client, query: str) -> Listener:
    """A listener whose feed is open."""
    listener = Listener(client, query)
    async with asyncio.timeout(10):
        while not client.index.broker._feeds:
            await asyncio.sleep(0.01)
    return listener


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


async def test_after_a_reorg_the_new_blocks_events_follow(client: Client, chain: Chain) -> None:
    chain.grow(blocks=3, events=[joined(at, 0) for at in (11, 12, 13)])
    listener = Listener(
        client, 'subscription { events(after: "11-0") { event { id block { hash } } } }'
    )
    await listener.until(2)
    chain.reorg(2, 3, events=[joined(at, 1) for at in (12, 14)])
    assert ids(await listener.until(4)) == ["12-0", "13-0", "12-1", "14-1"]
    await listener.stop()


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


def since(event_id: str) -> str:
    return f'subscription {{ events(after: "{event_id}") {{ event {{ id block {{ hash }} }} }} }}'


def ids(items: list[Any]) -> list[str]:
    return [item["events"]["event"]["id"] for item in items]
