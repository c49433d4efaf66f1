"""History that real workers fetch, by a real Redis, is history; whoever is killed over it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from indexer.cli import dchat
from indexer.engine import index as run
from indexer.errors import WorkersUnavailable
from indexer.settings import Settings
from tests.fakes import FakeChain, FakeNode
from tests.fakes.faults import Fault
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine
from tests.integration.sync.test_index import deployment
from tests.integration.workers.processes import Broker, Worker, free_port
from workers.app import create_app
from workers.fetching.answers import KEPT, PIECE, PREFIX, put, take
from workers.fetching.carrier import CeleryCarrier


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    one = Broker()
    one.start()
    yield one
    one.kill()


@pytest.fixture
async def doomed(chain: FakeChain) -> AsyncIterator[FakeNode]:
    """The node of the worker that is killed."""
    async with FakeNode(chain) as node:
        yield node


@pytest.fixture
def workers(
    fake: FakeNode, doomed: FakeNode, broker: Broker, tmp_path: Path
) -> Iterator[list[Worker]]:
    """Two that only fetch, one process each, and reach no database."""
    nowhere, how = "postgresql://127.0.0.1:1/none", "--queues dchat.fetch --concurrency 1"
    found = [
        Worker(nowhere, broker.url, tmp_path / f"{n}.log", words=[*how.split(), "--rpc-urls", url])
        for n, url in enumerate((doomed.url, fake.url))
    ]
    for one in found:
        one.start()
    yield found
    for one in found:
        one.kill()


class Carrier(CeleryCarrier):
    """Counts what came back."""

    answers = 0

    async def answer(self, key: str, *, seconds: float) -> bytes | None:
        answer = await super().answer(key, seconds=seconds)
        self.answers += answer is not None
        return answer


async def listening(carrier: CeleryCarrier, workers: list[Worker]) -> int:
    for _ in range(100):
        if all("ready" in one.log.read_text() for one in workers):
            return await asyncio.to_thread(carrier.check)
        await asyncio.sleep(0.2)
    raise AssertionError("\n".join(one.log.read_text() for one in workers))


async def test_tables_are_those_of_a_local_run_though_a_worker_is_killed_over_a_stretch(
    chain: FakeChain,
    fake: FakeNode,
    doomed: FakeNode,
    broker: Broker,
    workers: list[Worker],
    tmp_path: Path,
    new_index: Callable[[], Index],
) -> None:
    mine(chain, Random(1), 250, busy=1.0)
    local, index = new_index(), new_index()
    await follow(local, fake)
    carrier = Carrier(create_app(broker.url, ""), broker.url)
    assert await listening(carrier, workers) > 0
    settings = Settings(
        rpc_urls=(fake.url,), deployment=deployment(tmp_path), max_range=10, fetch_lease=2
    )
    indexing = partial(run, to_block=None, once=True, audit=False, carrier=carrier)
    done = asyncio.create_task(asyncio.to_thread(indexing, settings, index.url))
    doomed.faults.arm(Fault.HANG, method="eth_getLogs")
    while doomed.faults.armed[0].times:
        await asyncio.sleep(0.01)
    before = carrier.answers
    workers[0].kill()
    await done
    assert carrier.answers > before + 5
    assert index.everything() == local.everything()


async def test_a_large_answer_comes_in_pieces_whoever_else_answers(broker: Broker) -> None:
    one, two = Random(1).randbytes(3 * PIECE + 1), Random(2).randbytes(2 * PIECE)
    with Redis.from_url(broker.url) as server:
        for answer in (one, two, b""):
            put(server, "a", answer)
        assert 0 < server.ttl(PREFIX + "a") <= KEPT
    async with AsyncRedis.from_url(broker.url) as server:
        assert [await take(server, "a", seconds=1) for _ in range(3)] == [one, two, b""]
        assert await take(server, "a", seconds=0.1) is None


@pytest.mark.parametrize("runs", [True, False])
def test_where_nobody_fetches_it_is_said_what_to_start(
    runs: bool, broker: Broker, database_url: str
) -> None:
    url = broker.url if runs else f"redis://127.0.0.1:{free_port()}/0"
    words = ["index", "--database-url", database_url, "--redis-url", url, "--fetchers", "celery"]
    result = CliRunner().invoke(dchat, words)
    assert isinstance(result.exception, WorkersUnavailable)
    wanted = "start `dchat worker --queues dchat.fetch`" if runs else "no broker answers"
    assert wanted in str(result.exception)
