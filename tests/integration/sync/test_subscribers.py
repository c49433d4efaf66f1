"""Subscribers of a real index whose chain forks hear of each event once, and of its end once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random
from typing import Any

import pytest

from api.app import make_index
from api.context import Context
from api.context import Index as Shared
from api.limits import Limits
from api.reads.engine import dispose
from api.schema import make_schema
from indexer.settings import Settings
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine

FIELDS = "reverted cursor event { id name block { hash } }"
SCHEMA = make_schema(Limits())


@pytest.fixture
async def shared(index: Index) -> AsyncIterator[Shared]:
    shared = make_index(Settings(database_url=index.url), Limits())
    yield shared
    await shared.broker.stop()
    await dispose(shared.engine)


class Subscriber:
    """A subscription that lasts, or is broken off and resumed after its last update."""

    def __init__(self, shared: Shared) -> None:
        self._shared, self._after = shared, "0-0@0"
        self.seen: list[tuple[str, str]] = []

    async def read(self, wanted: list[tuple[str, str]] | None) -> None:
        """Reads on until it is left with these events, or for ever."""
        query = f'subscription {{ events(after: "{self._after}") {{ {FIELDS} }} }}'
        results = await SCHEMA.stream(query, context_value=Context(self._shared))
        async with aclosing(results):
            while self.seen != wanted:
                result = await anext(results)
                assert result.errors is None, result.errors
                self._take(result.data["events"])

    def _take(self, update: dict[str, Any]) -> None:
        one = (update["event"]["id"], update["event"]["block"]["hash"])
        if update["reverted"]:
            assert self.seen.pop() == one
        else:
            assert one not in self.seen
            self.seen.append(one)
        self._after = update["cursor"]


def canonical(index: Index) -> list[tuple[str, str]]:
    query = (
        "SELECT block_number || '-' || log_index, '0x' || encode(hash, 'hex') FROM events"
        " JOIN blocks ON number = block_number ORDER BY block_number, log_index"
    )
    return [(id_, hash_) for id_, hash_ in index.rows(query)]


@pytest.mark.parametrize("seed", range(3))
async def test_each_event_is_told_once_and_taken_back_once_in_every_subscription(
    seed: int, chain: FakeChain, fake: FakeNode, index: Index, shared: Shared
) -> None:
    dice = Random(seed)
    lasting, resuming = Subscriber(shared), Subscriber(shared)
    mine(chain, dice, 20)
    await follow(index, fake)
    reading = asyncio.create_task(lasting.read(None))
    for _ in range(4):
        depth = dice.randint(1, min(15, len(chain) - 1))
        chain.fork(depth)
        mine(chain, dice, dice.randint(depth, depth + 4))
        await follow(index, fake)
        if dice.random() < 0.7:
            await resuming.read(canonical(index))
    await resuming.read(canonical(index))
    await settled(lasting, canonical(index), reading)
    assert len(index.rows("SELECT FROM retractions")) > 20


async def settled(
    subscriber: Subscriber, wanted: list[tuple[str, str]], reading: asyncio.Task[None]
) -> None:
    async with asyncio.timeout(30):
        while subscriber.seen != wanted and not reading.done():
            await asyncio.sleep(0.02)
    if reading.done():
        reading.result()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert subscriber.seen == wanted


THINGS = {
    "groupUpdated": "group { key }",
    "paymentUpdated": "payment { paymentId }",
    "redPacketUpdated": "redPacket { redPacketId }",
}


@pytest.mark.parametrize("field", THINGS)
async def test_each_change_of_a_thing_is_told_once_and_taken_back_once(
    field: str, chain: FakeChain, fake: FakeNode, index: Index, shared: Shared
) -> None:
    dice, told = Random(7), list[Told]()
    mine(chain, dice, 15, busy=1.0)
    await follow(index, fake)
    reading = asyncio.create_task(collect(shared, field, told))
    async with asyncio.timeout(30):
        while not shared.broker._feeds:
            await asyncio.sleep(0.01)
    mine(chain, dice, 5, busy=1.0)
    await follow(index, fake)
    for _ in range(4):
        chain.fork(dice.randint(1, 8))
        mine(chain, dice, 9, busy=1.0)
        await follow(index, fake)
    stands = set(canonical(index))
    async with asyncio.timeout(30):
        while shared.broker._state[1] != index.block() or left(told) - stands:
            await asyncio.sleep(0.02)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    taken_back = {event for event, reverted in told if reverted}
    assert len(told) == len(set(told))
    assert taken_back and not taken_back & stands


Told = tuple[tuple[str, str], bool]
"""An event's id and block, and whether it was taken back."""


async def collect(shared: Shared, field: str, told: list[Told]) -> None:
    """Adds what the subscription says of events."""
    query = (
        f"subscription {{ {field} {{ reverted event {{ id block {{ hash }} }} {THINGS[field]} }} }}"
    )
    results = await SCHEMA.stream(query, context_value=Context(shared))
    async with aclosing(results):
        async for result in results:
            assert result.errors is None, result.errors
            if (event := result.data[field]["event"]) is not None:
                told.append(((event["id"], event["block"]["hash"]), result.data[field]["reverted"]))


def left(told: list[Told]) -> set[tuple[str, str]]:
    """What was told and not taken back."""
    return {event for event, reverted in told if not reverted} - {
        event for event, reverted in told if reverted
    }
