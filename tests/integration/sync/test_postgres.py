"""Postgres, and the machines at both ends of a connection to it, are waited for within bounds."""

import asyncio
from random import Random

import psycopg
import pytest

from indexer.db import connection as connection_module
from indexer.db.connection import OPTIONS, connect
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, following
from tests.integration.sync.histories import mine


async def test_postgres_gives_up_a_writer_whose_machine_vanished_within_five_seconds(
    index: Index,
) -> None:
    """Four with the second between two tries of whoever stands by; nothing acknowledges here."""
    with connect(index.url) as connection:
        shown = [
            connection.execute(f"SHOW tcp_{name}".encode()).fetchall()[0][0]
            for name in ("keepalives_idle", "keepalives_interval", "keepalives_count")
        ]
        assert shown == ["1", "1", "2"]
        parameters = connection.info.get_parameters()
        assert int(parameters["tcp_user_timeout"]) <= 15_000, "nor is a vanished server waited for"


async def test_a_lock_that_somebody_keeps_is_waited_for_within_bounds_and_told(
    chain: FakeChain, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "OPTIONS", OPTIONS.replace("30s", "100ms"))
    mine(chain, Random(9), 3)
    async with following(index, fake, patience=60.0) as follower:
        with psycopg.connect(index.url) as other:
            other.execute("LOCK TABLE groups IN ACCESS EXCLUSIVE MODE")
            run = asyncio.create_task(follower.run())
            async with asyncio.timeout(20):
                while follower.waits_for is None:
                    await asyncio.sleep(0.02)
        assert "others keep a lock in Postgres" in follower.waits_for
        async with asyncio.timeout(20):
            while index.block() < 3:
                await asyncio.sleep(0.02)
        run.cancel()
