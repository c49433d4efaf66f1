"""Who subscribes to notifications is told each once, and of what a reorg takes back."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from api.accounts.viewer import EVERYTHING, Viewer
from api.context import Context
from api.errors import ApiError, unavailable
from api.limits import Limits
from api.notifying import feeds
from api.notifying.feeds import Feeds
from api.reads import engine as engines
from api.reads.engine import dispose, make_engine
from indexer.db import outbox
from indexer.db.connection import connect
from indexer.units import Address, Hash32
from tests.integration.api.conftest import Client
from tests.integration.api.listener import Listener
from tests.integration.api.telling import ANN, BOB, asked


async def test_who_listens_is_told_once_and_of_what_is_taken_back(
    client: Client, database_url: str, told: Any
) -> None:
    query = "subscription { notificationAdded { reverted unreadCount notification { id text } } }"
    listener = await listening(client, query)
    told(BOB)
    told(ANN, 2)
    items = await listener.until(2)
    assert [one["notificationAdded"]["reverted"] for one in items] == [False, False]
    with connect(database_url) as connection, connection.cursor() as db:
        db.execute(
            "INSERT INTO outbox (key, kind, webhook, payload, block_number, block_hash, log_index,"
            " finality, state) VALUES ('x', 4, 0, '{}', 5, %s, 0, 0, 2)",
            [Hash32(b"\x05" * 32)],
        )
        outbox.settle(db, 5, None, [])
    *_, a, b = [one["notificationAdded"] for one in await listener.until(4)]
    assert (a["reverted"], b["reverted"], b["unreadCount"]) == (True, True, 0)
    sent = [one["notificationAdded"]["notification"]["id"] for one in items[:2]]
    assert [a["notification"]["id"], b["notification"]["id"]] == sent[::-1]
    await listener.stop()


async def test_what_was_told_while_the_connection_was_lost_is_sent_after_it(
    client: Client, database: Engine, told: Any
) -> None:
    query = "subscription { notificationAdded { notification { id } } }"
    listener = await listening(client, query)
    told(ANN, 1)
    await listener.until(1)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    asked(database, cut + " AND datname = current_database()")
    told(ANN, 1, block=6)
    items = await listener.until(2)
    assert len({str(one) for one in items}) == 2
    await listener.stop()


async def test_what_was_told_is_sent_also_where_the_look_for_it_fails_at_first(
    client: Client, database: Engine, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "OVERLAP", timedelta(0))
    listener = await listening(client, "subscription { notificationAdded { notification { id } } }")
    honest, looks = Feeds._look, 0

    async def failing(self: Feeds, which: Any) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise unavailable("the database does not answer")
        await honest(self, which)

    monkeypatch.setattr(Feeds, "_look", failing)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    asked(database, cut + " AND datname = current_database()")
    async with asyncio.timeout(10):
        while client.index.notices._listening.is_set():
            await asyncio.sleep(0.01)
    told(ANN, 1)
    assert len(await listener.until(1)) == 1
    assert looks == 2
    await listener.stop()


async def test_who_subscribes_while_the_database_is_away_is_told_so() -> None:
    engine = make_engine("postgresql://postgres@127.0.0.1:1/nowhere", Limits())
    notices = Feeds(engine, Limits(connection_wait=0.2))
    with pytest.raises(ApiError, match="the database does not answer"):
        async with asyncio.timeout(5), notices.feed(ANN):
            pass
    await notices.stop()
    await dispose(engine)


async def test_a_connection_that_listens_notices_that_its_server_vanished(
    client: Client, database: Engine
) -> None:
    async with engines.listening(client.index.engine, "news", Limits()) as connection:
        assert int(connection.info.get_parameters()["tcp_user_timeout"]) <= 15_000


async def listening(client: Client, query: str) -> Listener:
    """ANN's, once it is told of what comes."""

    async def stream(query: str) -> Any:
        viewer = Viewer(address=Address(ANN), scopes=EVERYTHING)
        context = Context(client.index, viewer=viewer)
        async with aclosing(await client._schema.stream(query, context_value=context)) as results:
            async for result in results:
                yield result

    client.stream = stream  # type: ignore[method-assign]
    listener = Listener(client, query)
    async with asyncio.timeout(20):
        while not client.index.notices._listening.is_set():
            assert not listener._task.done(), listener.items
            await asyncio.sleep(0.01)
    return listener
