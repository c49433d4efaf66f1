"""Subscribers hear of what changed without an event: seen at once, or found late by the audit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from api.app import make_index
from api.context import Context
from api.context import Index as Shared
from api.limits import Limits
from api.reads.engine import dispose
from api.schema import make_schema
from indexer.events.calls.group_chat import MuteMember
from indexer.events.observations import Kind
from indexer.settings import Settings
from tests.fakes import FakeChain, FakeNode
from tests.integration.audit.village import (
    ADA,
    BOB,
    FUND,
    KEY,
    TEA,
    member,
    question,
    settle,
    silently,
)
from tests.integration.indexing import Index, follow
from tests.integration.sync.test_watch import by

SCHEMA = make_schema(Limits())
WHO = "0x" + BOB.hex()
GROUP = f'group {{ name isActive member(address: "{WHO}") {{ isMuted }} }}'
GROUPS = f'groupUpdated(key: "0x{KEY.hex()}") {{ event {{ id }} reverted {GROUP} }}'
OTHERS = 'groupUpdated(groupId: "group_2") { reverted }'
PAYMENTS = f'paymentUpdated(paymentId: "0x{FUND.hex()}") {{ event {{ id }} payment {{ status }} }}'
META = "meta { block { number } }"


@pytest.fixture
async def shared(index: Index) -> AsyncIterator[Shared]:
    shared = make_index(Settings(database_url=index.url), Limits())
    yield shared
    await shared.broker.stop()
    await dispose(shared.engine)


class Listener:
    """What a subscription sends; to be made before anything happens."""

    def __init__(self, shared: Shared, field: str) -> None:
        self.items: list[Any] = []
        self._shared, self._field = shared, field
        self._task = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        query = f"subscription {{ {self._field} }}"
        async with aclosing(await SCHEMA.stream(query, context_value=Context(self._shared))) as all:
            async for result in all:
                assert result.errors is None, result.errors
                [item] = result.data.values()
                self.items.append(item)

    async def until(self, count: int) -> list[Any]:
        """The items, once there are so many."""
        async with asyncio.timeout(30):
            while len(self.items) < count:
                assert not self._task.done(), self._task.exception()
                await asyncio.sleep(0.02)
        return self.items

    async def stop(self) -> list[Any]:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.items


async def listeners(shared: Shared, *fields: str) -> list[Listener]:
    made = [Listener(shared, field) for field in fields]
    async with asyncio.timeout(30):
        while len(shared.broker._feeds) < len(made):
            await asyncio.sleep(0.02)
    return made


@pytest.fixture
def views(chain: FakeChain, fake: FakeNode) -> dict[bytes, bytes]:
    """What the contracts of a little village answer."""
    fake.rpc.views = settle(chain)
    return fake.rpc.views


async def test_a_mute_is_told_with_its_block_and_taken_back_with_it(
    views: dict[bytes, bytes], chain: FakeChain, fake: FakeNode, index: Index, shared: Shared
) -> None:
    await follow(index, fake)
    about, others = await listeners(shared, GROUPS, OTHERS)
    chain.mine(transactions=[by(ADA, MuteMember(TEA, BOB, True))])
    views[question(Kind.MEMBER, KEY, BOB)] = member(BOB, muted=True)
    await follow(index, fake)
    await about.until(1)
    chain.fork(1)
    chain.mine_empty(2)
    await follow(index, fake)
    await about.until(2)
    group = {"name": "tea", "isActive": True}
    assert await about.stop() == [
        {"event": None, "reverted": gone, "group": {**group, "member": {"isMuted": not gone}}}
        for gone in (False, True)
    ]
    assert await others.stop() == []


async def test_what_the_audit_finds_late_is_told_as_it_stands_though_no_block_came(
    views: dict[bytes, bytes], chain: FakeChain, fake: FakeNode, index: Index, shared: Shared
) -> None:
    chain.mine_empty(150)
    await follow(index, fake)
    groups, payments, meta = await listeners(shared, GROUPS, PAYMENTS, META)
    silently(views)
    await follow(index, fake, audit=0)
    await groups.until(1)
    await payments.until(1)
    final = {"name": "coffee", "isActive": False, "member": {"isMuted": True}}
    told = await groups.stop()
    assert {(one["event"], one["reverted"]) for one in told} == {(None, False)}
    assert told[-1]["group"] == final
    assert await payments.stop() == [{"event": None, "payment": {"status": "CANCELLED"}}]
    assert await meta.stop() == []
    assert index.value("SELECT count(DISTINCT number) FROM observations") == 4
