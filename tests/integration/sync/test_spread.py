"""What others fetch is what would be fetched here, and whatever they do wrong is done here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, Final

import msgspec
import pytest
from structlog.testing import capture_logs

from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.errors import BadAnswer
from indexer.settings import Settings
from indexer.sync.batch import Batch
from indexer.sync.fetch import Fetcher
from indexer.sync.spread import parcel
from indexer.sync.spread.giving import Giver
from indexer.sync.spread.parcel import Failed, Wanted, asked, refusal, unpacked
from indexer.units import BlockNumber
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import ADDRESSES, mine

OURS = {address: contract for contract, address in ADDRESSES.items()}
WANTED = Wanted(chain_id=31337, contracts=tuple(OURS.items()), cross_check=True, seconds=9)
Spoil = Callable[[bytes], bytes | None]


class Local(Fetcher):
    """Counts the stretches that are fetched here."""

    stretches = 0

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        type(self).stretches += 1
        return await super().stretch(first, last)


class Hands:
    """A worker of this process; `spoil` makes its answers wrong, or loses them."""

    def __init__(self, *nodes: FakeNode) -> None:
        self.giver = Giver(Settings(rpc_urls=tuple(node.url for node in nodes)))
        self.waiting: dict[str, bytes] = {}
        self.spoil: Spoil = lambda answer: answer
        self.asked, self.thread = 0, ThreadPoolExecutor(1)

    async def ask(self, key: str, message: bytes, *, seconds: float) -> None:
        self.asked += 1
        self.waiting[key] = message

    async def answer(self, key: str, *, seconds: float) -> bytes | None:
        return self.spoil(await self.give(self.waiting[key]))

    async def give(self, message: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.thread, self.giver.give, message)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self.thread, self.giver.close)
        self.thread.shutdown()


@pytest.fixture
async def hands(fake: FakeNode) -> AsyncIterator[Hands]:
    Local.stretches = 0
    one = Hands(fake)
    yield one
    await one.close()


async def test_a_stretch_on_its_way_loses_nothing(
    chain: FakeChain, fake: FakeNode, hands: Hands
) -> None:
    """Blocks, rows, facts with their causes, and proofs, of logs of all kinds."""
    mine(chain, Random(1), 80, busy=1.0)
    node = Node(Rpc([fake.url], expected_chain_id=31337))
    here = await Fetcher(node, OURS).stretch(BlockNumber(3), BlockNumber(77))
    await node.close()
    wanted = WANTED.at(BlockNumber(3), BlockNumber(77))
    answer = await hands.give(asked(wanted))
    assert {type(fact.cause) for fact in here.facts} > {type(None)}
    assert not all(row[10] for row in here.events)
    assert unpacked(answer, wanted) == here
    for spoil in SPOILS:
        with pytest.raises(BadAnswer):
            unpacked(spoil(answer), wanted)


SPOILS: Final[list[Callable[[bytes], bytes]]] = [
    lambda answer: b"\x93nonsense",
    lambda answer: answer[:-1],
    lambda answer: refusal(Failed(cause="its nodes are down")),
    lambda answer: _changed(answer, 2, lambda last: [last[0] + 1, *last[1:]]),
    lambda answer: _changed(answer, 3, lambda blocks: blocks[:-1]),
    lambda answer: _changed(answer, 3, lambda blocks: blocks[1:]),
    lambda answer: _changed(answer, 4, lambda rows: rows[::-1]),
    lambda answer: _changed(answer, 4, lambda rows: [[1, *rows[0][1:]], *rows[1:]]),
    lambda answer: _changed(answer, 4, lambda rows: [_undecoded(row) for row in rows]),
    lambda answer: _changed(answer, 5, lambda proofs: []),
]


@pytest.mark.parametrize("spoil", [lambda answer: None, SPOILS[0]], ids=["nothing", "nonsense"])
async def test_what_does_not_come_back_is_fetched_here(
    spoil: Spoil, chain: FakeChain, fake: FakeNode, hands: Hands, new_index: Callable[[], Index]
) -> None:
    mine(chain, Random(2), 100, busy=0.5)
    index, other, hands.spoil = new_index(), new_index(), spoil
    with capture_logs() as lines:
        await follow(index, fake, fetching=Local, carrier=hands, most=10)
    await follow(other, fake)
    assert Local.stretches >= 4
    assert index.everything() == other.everything()
    assert sum(line["event"] == "workers do not fetch: done here" for line in lines) == 1


def _changed(answer: bytes, place: int, change: Callable[[Any], Any]) -> bytes:
    fields = msgspec.msgpack.decode(answer)
    fields[place] = change(fields[place])
    return msgspec.msgpack.encode(fields)


def _undecoded(row: list[Any]) -> list[Any]:
    return [*row[:10], not row[10], *row[11:]]


async def test_a_stretch_that_is_lost_once_is_asked_again(
    chain: FakeChain, fake: FakeNode, hands: Hands, new_index: Callable[[], Index]
) -> None:
    mine(chain, Random(3), 100, busy=0.5)
    index, other, dice = new_index(), new_index(), Random(3)
    seen = set[bytes]()

    def lose(answer: bytes) -> bytes | None:
        known = answer in seen
        seen.add(answer)
        return answer if known else None

    hands.spoil = lose
    await follow(index, fake, fetching=Local, carrier=hands, most=dice.randint(5, 15))
    await follow(other, fake)
    assert hands.asked == 2 * len(seen) and Local.stretches == 0
    assert index.everything() == other.everything()


async def test_what_is_too_large_to_be_sent_is_asked_for_in_parts(
    chain: FakeChain,
    fake: FakeNode,
    hands: Hands,
    new_index: Callable[[], Index],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And a single block that is, is fetched here."""
    mine(chain, Random(4), 100, busy=0.5)
    index, other = new_index(), new_index()
    monkeypatch.setattr(parcel, "MOST", 2_000)
    await follow(index, fake, fetching=Local, carrier=hands)
    await follow(other, fake)
    assert hands.asked > Local.stretches > 0
    assert index.everything() == other.everything()


async def test_workers_whose_nodes_are_of_another_chain_are_not_believed(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(5), 100)
    async with FakeNode(FakeChain()) as stranger:
        stranger.rpc.chain_id = 5
        elsewhere = Hands(stranger)
        with capture_logs() as lines:
            await follow(index, fake, carrier=elsewhere)
        await elsewhere.close()
    [told] = [line for line in lines if line["event"] == "workers do not fetch: done here"]
    assert "chain 5, and chain 31337 is wanted" in told["cause"]
    assert index.block() == 100
