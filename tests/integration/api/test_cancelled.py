"""Whoever is cancelled at whatever moment, the pool gets its connections back."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.limits import Limits
from api.reads.engine import connected, dispose, make_engine, make_writing_engine
from api.reads.snapshot import Snapshot

ONE = text("SELECT 1")


async def snapshot(engine: AsyncEngine) -> None:
    one = Snapshot(engine, lambda: asyncio.sleep(0))
    try:
        await one.rows(ONE)
    finally:
        await one.close()


async def transaction(engine: AsyncEngine) -> None:
    async with connected(engine) as connection, connection.begin():
        await connection.execute(ONE)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of opening a connection takes a while."""
    for name in ("set_autocommit", "set_isolation_level", "set_read_only", "rollback"):
        monkeypatch.setattr(AsyncConnection, name, _slow(getattr(AsyncConnection, name)))


def _slow(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def slow(*given: Any) -> Any:
        await asyncio.sleep(0.001)
        return await method(*given)

    return slow


@pytest.mark.parametrize("make", [make_engine, make_writing_engine])
@pytest.mark.parametrize("use", [snapshot, transaction])
async def test_what_is_cancelled_gives_its_connection_back(
    use: Callable[[AsyncEngine], Awaitable[None]],
    make: Callable[[str, Limits], AsyncEngine],
    database_url: str,
    slow: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine, dice = make(database_url, Limits(connections=2)), Random(1)
    await use(engine)
    for _ in range(60):
        task = asyncio.ensure_future(use(engine))
        await asyncio.sleep(dice.uniform(0, 0.008))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            while engine.pool.checkedout():  # type: ignore[attr-defined]
                await asyncio.sleep(0.001)
    await dispose(engine)
    gc.collect()
    assert caplog.messages == []
