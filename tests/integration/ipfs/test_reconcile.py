"""What is pinned follows what is referred to, however often and by how many it is reconciled."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from structlog.testing import capture_logs

from indexer.db import pins
from indexer.db.connection import connect
from indexer.db.pins import Pin, Referrer, State
from indexer.ipfs.building import build
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.reading import read
from indexer.ipfs.store import BlockStore
from indexer.settings import Settings
from tests.fakes.ipfs import FakeGateway
from tests.fakes.pinning import FakePinningService
from tests.integration.api.rows import group, key_of, put, standing_at
from tests.integration.conftest import named
from workers.ipfs.reconcile import TRIES, Tally, reconcile


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    name = database_url.rsplit("/", 1)[1]
    engine = create_engine(named(database_url, name, driver="postgresql+psycopg"))
    put(engine, cursor=[standing_at(10)])
    yield engine
    engine.dispose()


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with FakeGateway() as gateway:
        yield gateway


@pytest.fixture
def settings(tmp_path: Path, gateway: FakeGateway) -> Settings:
    return Settings(home=tmp_path, ipfs_gateways=(gateway.url,), pin_timeout=10)


def rows(url: str) -> list[Pin]:
    with connect(url) as connection, connection.cursor() as db:
        return pins.newest(db, most=100)


def states(url: str) -> dict[Cid, State]:
    return {pin.cid: pin.state for pin in rows(url)}


def execute(url: str, statement: str, *values: Any) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement, values)


def later(url: str) -> None:
    """Makes everything due."""
    execute(url, "UPDATE pins SET next_try = now()")


async def test_avatars_are_pinned_and_verified_once(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea, old = gateway.add(b"tea"), gateway.add(b"old", version=0)
    put(
        database,
        groups=[
            group(1, avatar=f"ipfs://{tea}"),
            group(2, avatar=str(old)),
            group(3, avatar=f"https://ipfs.io/ipfs/{tea}"),
            group(4, avatar="https://example.org/a.png"),
            group(5, avatar="🍵"),
            group(6, avatar=""),
        ],
    )
    assert await reconcile(settings, database_url) == Tally(referred=5, pinned=2)
    assert await reconcile(settings, database_url) == Tally()
    assert states(database_url) == {tea: State.PINNED, old.v1: State.PINNED}
    by_cid = {pin.cid: pin for pin in rows(database_url)}
    assert (by_cid[tea].size, by_cid[tea].references, by_cid[tea].attempts) == (3, 2, 0)
    store = BlockStore(settings.ipfs_folder)
    assert b"".join(read(old, store.get)) == b"old"
    later(database_url)
    assert await reconcile(settings, database_url) == Tally(pinned=2), "verified again"


async def test_what_nothing_refers_to_is_unpinned_after_the_grace_period(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea, cake = gateway.add(b"tea"), gateway.add(b"cake")
    put(database, groups=[group(1, avatar=str(tea)), group(2, avatar=str(cake))])
    await reconcile(settings, database_url)
    execute(database_url, "UPDATE groups SET avatar = 'none' WHERE key = %s", key_of(1))
    execute(database_url, "DELETE FROM groups WHERE key = %s", key_of(2))
    assert await reconcile(settings, database_url, whole=True) == Tally(referred=1)
    assert {pin.references for pin in rows(database_url)} == {0}
    assert set(states(database_url)) == {tea, cake}, "still within the grace period"
    later(database_url)
    assert await reconcile(settings, database_url) == Tally(unpinned=2)
    assert rows(database_url) == []


@pytest.mark.parametrize("whole", [False, True])
async def test_what_is_referred_to_again_stays(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway, whole: bool
) -> None:
    tea = gateway.add(b"tea")
    put(database, groups=[group(1, avatar=str(tea))])
    await reconcile(settings, database_url)
    execute(database_url, "UPDATE groups SET avatar = 'none'")
    await reconcile(settings, database_url, whole=True)
    assert rows(database_url)[0].unreferenced_since is not None
    execute(database_url, "UPDATE groups SET avatar = %s", f"/ipfs/{tea}")
    assert (await reconcile(settings, database_url, whole=whole)).pinned == 1
    assert rows(database_url)[0].unreferenced_since is None
    later(database_url)
    assert (await reconcile(settings, database_url)).unpinned == 0


def test_content_that_is_wanted_again_while_it_is_given_up_is_queued(database_url: str) -> None:
    cid = Cid.of(b"tea", Codec.RAW)
    with connect(database_url) as connection, connection.cursor() as db:
        one = [pins.Reference(b"a", str(cid), cid)]
        pins.refer(db, Referrer.HAND, one)
        assert pins.drop(db, cid) is False
        pins.unrefer(db, Referrer.HAND, [b"a"])
        db.execute("UPDATE pins SET unreferenced_since = now()")
        assert pins.drop(db, cid) is True
        assert pins.newest(db, most=9) == []


async def test_only_recent_changes_are_looked_at_between_runs_of_the_whole(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea = gateway.add(b"tea")
    put(database, groups=[group(1, at=5, avatar=str(tea))])
    execute(database_url, "UPDATE cursor SET block_number = 1000000")
    assert await reconcile(settings, database_url) == Tally()
    assert await reconcile(settings, database_url, whole=True) == Tally(referred=1, pinned=1)


async def test_failures_are_counted_kept_and_tried_again(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea, gateway.status = gateway.add(b"tea"), 503
    put(database, groups=[group(1, avatar=str(tea))])
    for attempt in range(1, TRIES + 1):
        assert (await reconcile(settings, database_url)).failed == 1
        assert await reconcile(settings, database_url) == Tally(), "not before its time"
        [pin] = rows(database_url)
        assert (pin.attempts, pin.last_error is not None) == (attempt, True)
        assert "gateway 1 answered 503" in str(pin.last_error)
        assert pin.state == (State.FAILED if attempt == TRIES else State.QUEUED)
        later(database_url)
    gateway.status = None
    assert await reconcile(settings, database_url) == Tally(pinned=1)
    [pin] = rows(database_url)
    assert (pin.state, pin.attempts, pin.last_error) == (State.PINNED, 0, None)


async def test_too_large_content_has_failed_at_once_and_keeps_no_other_from_its_turn(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea, large = gateway.add(b"tea"), gateway.add(bytes(range(256)) * 9)
    put(database, groups=[group(1, avatar=str(tea)), group(2, avatar=str(large))])
    small = settings.model_copy(update={"pin_max_size": 1000})
    assert await reconcile(small, database_url) == Tally(referred=2, pinned=1, failed=1)
    assert states(database_url) == {tea: State.PINNED, large: State.FAILED}


async def test_many_at_once_do_each_thing_once(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    cids = [gateway.add(f"tea {number}".encode()) for number in range(40)]
    put(database, groups=[group(number, avatar=str(cid)) for number, cid in enumerate(cids)])
    gateway.status = 503
    await reconcile(settings, database_url)
    later(database_url)
    gateway.status = None
    gateway.paths.clear()
    runs = [reconcile(settings, database_url, whole=bool(n % 2)) for n in range(4)]
    tallies = await asyncio.gather(*runs)
    assert sum(tally.pinned for tally in tallies) == 40
    assert set(states(database_url).values()) == {State.PINNED}
    assert max(gateway.paths.values()) == 1


async def test_a_lease_that_runs_out_gives_the_pin_to_another(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea = gateway.add(b"tea")
    put(database, groups=[group(1, avatar=str(tea))])
    broken = settings.model_copy(update={"ipfs_gateways": ()})
    await reconcile(broken, database_url)
    execute(database_url, "UPDATE pins SET state = 1, next_try = now() + interval '1 hour'")
    assert await reconcile(settings, database_url) == Tally(), "somebody is at it"
    later(database_url)
    assert await reconcile(settings, database_url) == Tally(pinned=1)


async def test_a_block_that_rots_is_fetched_anew(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea = gateway.add(b"tea")
    put(database, groups=[group(1, avatar=str(tea))])
    await reconcile(settings, database_url)
    store = BlockStore(settings.ipfs_folder)
    next(store.root.glob(f"blocks/*/{store.key(tea)}")).write_bytes(b"rot")
    later(database_url)
    assert await reconcile(settings, database_url) == Tally(pinned=1)
    assert store.get(tea) == b"tea"


async def test_a_service_s_work_is_asked_about_until_it_is_done(
    database: Engine, database_url: str, settings: Settings, gateway: FakeGateway
) -> None:
    tea = gateway.add(b"tea")
    put(database, groups=[group(1, avatar=str(tea))])
    async with FakePinningService() as service:
        remote = {"pin_backend": "service", "pin_url": service.url, "pin_token": service.token}
        given = settings.model_copy(update=remote)
        assert await reconcile(given, database_url) == Tally(referred=1, pending=1)
        assert states(database_url) == {tea: State.PINNING}
        service.move("pinned")
        later(database_url)
        assert await reconcile(given, database_url) == Tally(pinned=1)
        execute(database_url, "UPDATE groups SET avatar = ''")
        await reconcile(given, database_url, whole=True)
        later(database_url)
        assert await reconcile(given, database_url) == Tally(unpinned=1)
        assert service.states() == []


async def test_a_run_of_the_whole_sweeps_what_nobody_keeps(
    database: Engine, database_url: str, settings: Settings
) -> None:
    store = BlockStore(settings.ipfs_folder)
    build(io.BytesIO(b"tea"), store.put)
    for path in store.root.glob("blocks/*/*"):
        os.utime(path, (0, 0))
    assert await reconcile(settings, database_url) == Tally()
    assert await reconcile(settings, database_url, whole=True) == Tally(swept=1)


async def test_an_index_that_has_not_begun_has_nothing_to_pin(
    database_url: str, settings: Settings
) -> None:
    assert await reconcile(settings, database_url) == Tally()


def test_the_statements_that_run_often_are_served_by_indexes(
    database: Engine, database_url: str
) -> None:
    with database.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN SELECT cid FROM pins WHERE next_try <= now() ORDER BY next_try LIMIT 4"
        plan = "\n".join(row[0] for row in connection.execute(text(explain)))
        assert "pins_next_try_idx" in plan and "Sort" not in plan
        explain = pins.AVATARS.replace("%s", "7", 1).replace("%s", "1000")
        plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {explain}")))
        assert "groups_updated_block_created_block_created_log_idx" in plan
