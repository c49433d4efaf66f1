"""Blocks near the head are fetched whole: what calls our contracts is seen, event or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from random import Random

import pytest

from indexer.chain import health
from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.events.calls.group_chat import CreateGroup
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.sync.batch import Sighting
from indexer.sync.fetch import Fetcher
from indexer.units import Address, BlockNumber, Hash32, keccak
from tests.fakes import FakeChain, FakeNode, Sent
from tests.fakes.faults import Fault
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import ADDRESSES, STRANGER, calldata, log_of, mine, sent

CHAT = ADDRESSES[Contract.GROUP_CHAT]
CREATED = chat.GroupCreated(keccak(b"group_1"), b"Tea", Address(b"\xad" * 20), 8)
CALL = CreateGroup(b"Tea", b"green", b"", False, 8)


@pytest.fixture
async def fetcher(fake: FakeNode) -> AsyncIterator[Fetcher]:
    async with AsyncExitStack() as stack:
        node = Node(Rpc([fake.url], expected_chain_id=31337, timeout=5.0, patience=5.0))
        stack.push_async_callback(node.close)
        yield Fetcher(node, {address: contract for contract, address in ADDRESSES.items()})


async def sightings(fetcher: Fetcher, first: int, last: int) -> list[Sighting]:
    return [*(await fetcher.linked(BlockNumber(first), BlockNumber(last))).calls]


async def test_what_calls_names_or_moves_our_contracts_is_seen_and_nothing_else(
    chain: FakeChain, fetcher: Fetcher
) -> None:
    told = [
        Sent(to=CHAT, input=b"\x01\x02\x03\x04"),
        Sent(to=STRANGER, input=b"\x00" * 36 + CHAT + b"\x00" * 7),
        Sent(to=None, input=b"\x60" + ADDRESSES[Contract.RED_PACKET]),
        Sent(to=STRANGER, logs=[log_of(Contract.GROUP_CHAT, CREATED)]),
        Sent(to=STRANGER, input=CHAT[:19]),
        Sent(to=STRANGER, logs=[(STRANGER, [b"\x01" * 32], CHAT)]),
    ]
    block = chain.mine(transactions=told)
    assert await sightings(fetcher, 1, 1) == [
        Sighting(
            BlockNumber(1),
            Hash32(block.transactions[place].hash),
            Address(one.sender),
            None if one.to is None else Address(one.to),
            one.input,
        )
        for place, one in enumerate(told[:4])
    ]


@pytest.mark.parametrize("blocks", [1, 2, 7, 8, 9, 10, 15, 16, 17, 64])
async def test_every_block_is_seen_once_and_in_order(
    blocks: int, chain: FakeChain, fetcher: Fetcher, fake: FakeNode
) -> None:
    for _ in range(blocks):
        chain.mine(transactions=[Sent(to=CHAT, input=b"\x01")])
    seen = await sightings(fetcher, 1, blocks)
    assert [one.block for one in seen] == list(range(1, blocks + 1))
    assert fake.methods["eth_getBlockByNumber"] == blocks
    assert fake.requests <= 2 + blocks // 8 + blocks // 8 + 1


async def test_calls_of_live_blocks_are_known_without_asking_for_their_transactions(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, CREATED, call=CALL)])
    await follow(index, fake)
    assert index.value("SELECT input FROM events") == calldata(CALL)
    assert fake.methods["eth_getTransactionByHash"] == 0


@pytest.mark.parametrize("whole", [False, None])
async def test_a_node_that_does_not_tell_whole_blocks_is_indexed_from_as_ever(
    whole: bool | None,
    chain: FakeChain,
    fake: FakeNode,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "FIRST_PAUSE", 0.01)
    fake.rpc.whole_blocks = whole
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, CREATED, call=CALL)])
    await follow(index, fake)
    assert index.value("SELECT input FROM events") == calldata(CALL)


async def test_nodes_that_fail_now_and_then_are_not_taken_for_unable(
    chain: FakeChain, fetcher: Fetcher, fake: FakeNode
) -> None:
    fake.faults.arm(Fault.SERVER_ERROR, times=4, method="eth_getLogs")
    chain.mine(transactions=[Sent(to=CHAT, input=b"\x01")])
    assert len(await sightings(fetcher, 1, 1)) == 1


async def test_transactions_that_make_no_sense_are_left_out_alone(
    chain: FakeChain, fetcher: Fetcher, fake: FakeNode
) -> None:
    chain.mine(transactions=[Sent(to=CHAT, input=b"\x01"), Sent(to=CHAT, input=b"\x02")])

    def lie(method: str, _: object, result: object) -> object:
        if method == "eth_getBlockByNumber" and isinstance(result, dict):
            first, second = result["transactions"]
            return result | {"transactions": [first | {"input": 7}, None, 3, second]}
        return result

    fake.lie = lie
    assert [one.input for one in await sightings(fetcher, 1, 1)] == [b"\x02"]


async def test_whole_blocks_bring_the_same_index(
    chain: FakeChain, fake: FakeNode, new_index: Callable[[], Index]
) -> None:
    mine(chain, Random(3), 40)
    first, second = new_index(), new_index()
    await follow(first, fake)
    fake.rpc.whole_blocks = False
    await follow(second, fake)
    assert first.everything() == second.everything()


async def test_a_limit_is_learnt_near_the_head_too(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(3), 60, busy=0.2)
    fake.rpc.max_range, fake.rpc.range_message = 10, "eth_getLogs is limited to a 10 range"
    await follow(index, fake)
    assert index.block() == 60
    assert fake.methods["eth_getLogs"] <= 8, "one was refused, and named the limit"


async def test_a_block_is_indexed_when_it_is_announced_and_not_when_the_clock_says_so(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    class Announced:
        def __init__(self) -> None:
            self.waits = asyncio.Event()
            self.news = asyncio.Event()

        async def wait(self, seconds: float) -> None:
            assert seconds == 3600
            self.waits.set()
            await self.news.wait()

    news = Announced()
    mine(chain, Random(3), 5)
    async with following(index, fake, poll_interval=3600, news=news) as follower:
        running = asyncio.create_task(follower.run())
        await asyncio.wait_for(news.waits.wait(), 30)
        assert index.block() == 5
        mine(chain, Random(4), 1)
        news.waits.clear()
        news.news.set()
        await asyncio.wait_for(news.waits.wait(), 30)
        assert index.block() == 6
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
