"""Subscribers that collect what they are sent."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from indexer.units import keccak
from tests.integration.api.conftest import Client
from tests.integration.api.rows import account, event, key_of

JOINED = keccak(b"MemberJoined(string,address,uint256)")


def joined(at: int, index: int, group_number: int = 1) -> dict[str, Any]:
    who = bytes(12) + account(2)
    return event(at, index, 0, JOINED, key_of(group_number), who, data=bytes(32))


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
    """A listener whose feed is open: its own, or that of the stream which it shares."""
    feeds, sharing = client.index.broker._feeds, client.index.sharing
    before, streams, heard = len(feeds), sharing.streams, sharing.subscribers
    listener = Listener(client, query)
    async with asyncio.timeout(10):
        while len(feeds) <= before:
            if sharing.subscribers > heard and sharing.streams == streams:
                break
            await asyncio.sleep(0.01)
    return listener


def since(after: str) -> str:
    fields = "reverted cursor event { id finality block { hash } }"
    return f'subscription {{ events(after: "{after}") {{ {fields} }} }}'


def ids(items: list[Any]) -> list[str]:
    return [item["events"]["event"]["id"] for item in items]


def told(items: list[Any]) -> list[str]:
    """Ids in the order in which they came, those of retractions with a minus."""
    updates = [item["events"] for item in items]
    return ["-" * update["reverted"] + update["event"]["id"] for update in updates]
