"""Who types and who is there is told to those who share a conversation, on any API process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import Engine

from api.messages import signs
from api.schema import Schema
from indexer.dev.redis import embedded_redis
from indexer.settings import Settings
from tests.integration.api.conftest import Client
from tests.integration.api.rows import account
from tests.integration.messages.conftest import People
from tests.integration.messages.test_live import ears

TYPING = "subscription { typing%s { user typing conversation } }"
PRESENCE = 'subscription { presence(groupId: "group_1") { user online } }'
TYPE = 'mutation { setTyping(groupId: "group_1"%s) { typing } }'


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_redis(Path(tmp_path_factory.mktemp("redis")) / ".dchat") as url:
        yield url


@pytest.fixture
async def client(
    schema: Schema, database: Engine, database_url: str, redis_url: str
) -> AsyncIterator[Client]:
    client = Client(schema, Settings(database_url=database_url, redis_url=redis_url))
    yield client
    await client.index.close()


async def test_typing_is_seen_in_the_conversation_on_every_process(
    people: People, client: Client, another: Client
) -> None:
    others = People(another)
    two, stranger = await ears(
        another,
        (others[2], TYPING % '(groupId: "group_1")'),
        (others[9], TYPING % ""),
    )
    await people[1].data(TYPE % "")
    await people[1].data(TYPE % ", typing: false")
    heard = await two.until(2)
    assert [one["typing"] for one in heard] == [True, False]
    assert heard[0]["user"] == "0x" + account(1).hex()
    refused = await people[9].error(TYPE % "")
    assert refused["reason"] == "NOT_A_MEMBER"
    assert await stranger.stop() == []
    await two.stop()


async def test_presence_is_seen_by_those_who_share_a_conversation(
    people: People, client: Client
) -> None:
    await people[1].data("mutation { setPresence { online } }")
    [ear] = await ears(client, (people[2], PRESENCE))
    assert online(await ear.until(1)) == [(1, True)]
    await people[9].data("mutation { setPresence { online } }")
    await people[3].data("mutation { setPresence { online } }")
    await people[1].data("mutation { setPresence(online: false) { online } }")
    assert online(await ear.until(3))[1:] == [(3, True), (1, False)]
    await ear.stop()


async def test_signs_end_by_themselves(
    people: People, client: Client, another: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who says nothing more is not there: also to who comes later, on any process."""
    monkeypatch.setattr(signs, "PRESENT", timedelta(milliseconds=200))
    monkeypatch.setattr(signs, "TYPING", timedelta(milliseconds=200))
    redis = Redis.from_url(client.settings.redis_url or "")
    async with redis, asyncio.timeout(20):
        await redis.flushdb()
        told = await people[1].data("mutation { setPresence { online } }")
        assert told["setPresence"]["online"]
        assert (await people[1].data(TYPE % ""))["setTyping"]["typing"]
        while await redis.keys("dchat:sign:*"):
            await asyncio.sleep(0.02)
    [ear] = await ears(another, (People(another)[2], PRESENCE))
    await people[3].data("mutation { setPresence { online } }")
    assert {*online(await ear.until(1))} == {(3, True)}
    await ear.stop()


def online(heard: list[Any]) -> list[tuple[int, bool]]:
    return [(int(one["user"], 16), one["online"]) for one in heard]


async def test_without_redis_nobody_is_seen_and_that_is_said(
    schema: Schema, database: Engine, database_url: str, people: People
) -> None:
    lonely = Client(schema, Settings(database_url=database_url))
    refused = await People(lonely)[1].error(TYPE % "")
    assert refused["code"] == "SERVICE_UNAVAILABLE"
    await lonely.index.close()
    await asyncio.sleep(0)
