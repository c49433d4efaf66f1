"""The node facade against a real server that is honest, behind, limited or lying."""

from typing import Any

import pytest

from indexer.errors import BadAnswer, NodeBehind, NodeUnavailable, RangeTooLarge
from indexer.units import Address, BlockNumber, Hash32
from tests.fakes import FakeChain, FakeNode, Sent
from tests.integration.chain.conftest import Connect

OURS = frozenset({Address(b"\x11" * 20)})
B = BlockNumber


async def test_heads_follow_the_tags_and_fall_back_to_depths(
    fake: FakeNode, connect: Connect
) -> None:
    node = connect(fake)
    heads = await node.heads()
    assert (heads.latest, heads.safe, heads.finalized) == (10, 6, 2)
    fake.rpc.tags = False
    heads = await node.heads()
    assert (heads.latest, heads.safe, heads.finalized) == (10, 9, 8)


async def test_headers_come_in_the_order_of_the_request(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    headers = await connect(fake).headers([B(7), B(3), B(7)])
    assert [one.hash for one in headers] == [chain[7].hash, chain[3].hash, chain[7].hash]
    assert headers[1].parent_hash == chain[2].hash
    assert headers[1].timestamp == chain[3].timestamp
    assert headers[1].logs_bloom == chain[3].logs_bloom
    assert await connect(fake).headers([]) == []


async def test_a_header_is_found_by_hash_until_its_block_leaves_the_chain(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    node, block = connect(fake), chain[9]
    header = await node.header_by_hash(Hash32(block.hash))
    assert header is not None and header.number == 9
    chain.fork(3)
    assert await node.header_by_hash(Hash32(block.hash)) is None


async def test_a_span_is_one_request_with_logs_and_both_headers(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    node = connect(fake)
    span = await node.span(B(2), B(9), OURS)
    assert (span.first.number, span.last.number) == (2, 9)
    assert [log.block_number for log in span.logs] == [3, 5, 7, 9]
    assert [log.block_hash for log in span.logs] == [chain[n].hash for n in (3, 5, 7, 9)]
    assert span.logs[0].topics == (b"\x03" * 32,) and span.logs[0].data == b"data"
    assert fake.requests == 2  # chain id; logs and headers together
    one = await node.span(B(3), B(3), OURS)
    assert one.first == one.last and len(one.logs) == 1
    assert await node.logs(B(4), B(4), OURS) == []


async def test_logs_of_others_are_not_asked_for(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    chain.mine([(b"\x99" * 20, (), b"")])
    assert await connect(fake).logs(B(11), B(11), OURS) == []


async def test_block_timestamps_are_passed_on_where_a_node_tells_them(connect: Connect) -> None:
    chain = FakeChain(block_timestamps=True)
    block = chain.mine([(b"\x11" * 20, (), b"")])
    async with FakeNode(chain) as fake:
        (log,) = await connect(fake).logs(B(1), B(1), OURS)
    assert log.block_timestamp == block.timestamp


async def test_transactions_come_with_their_input(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    sent = [Sent(to=b"\x11" * 20, input=b"\x01\x02", value=2**255), Sent(to=None)]
    block = chain.mine(transactions=sent)
    hashes = [Hash32(one.hash) for one in block.transactions]
    found = await connect(fake).transactions(hashes)
    assert set(found) == set(hashes)
    first, second = (found[one] for one in hashes)
    assert (first.input, first.value, first.to, first.index) == (
        b"\x01\x02",
        2**255,
        b"\x11" * 20,
        0,
    )
    assert (second.to, second.block_number, second.block_hash) == (None, 11, block.hash)
    assert await connect(fake).transactions([]) == {}


async def test_a_node_that_lacks_a_transaction_is_behind(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    block = chain.mine(transactions=[Sent(to=b"\x11" * 20)])
    known = Hash32(block.transactions[0].hash)
    with pytest.raises(NodeBehind, match="no transaction 0x7777"):
        await connect(fake).transactions([known, Hash32(b"\x77" * 32)])


async def test_the_creation_block_is_found_by_receipt(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    node = connect(fake)
    assert await node.creation_block(Hash32(chain[5].transactions[0].hash)) == 5
    with pytest.raises(NodeBehind, match="knows no transaction 0x77"):
        await node.creation_block(Hash32(b"\x77" * 32))


async def test_a_lagging_node_is_behind_and_never_empty(fake: FakeNode, connect: Connect) -> None:
    fake.rpc.lag = 4
    node = connect(fake)
    with pytest.raises(NodeBehind, match="no block 9 yet"):
        await node.span(B(2), B(9), OURS)
    with pytest.raises(NodeBehind):
        await node.headers([B(9)])
    assert (await node.heads()).latest == 6


async def test_a_node_that_is_not_behind_stands_in(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    fake.rpc.lag = 4
    span = await connect(fake, other).span(B(2), B(9), OURS)
    assert len(span.logs) == 4


async def test_logs_that_only_the_bloom_tells_of_are_asked_for_again(
    fake: FakeNode, connect: Connect
) -> None:
    def hide(method: str, params: list[Any], result: Any) -> Any:
        return [] if method == "eth_getLogs" and "toBlock" in params[0] else result

    fake.lie = hide
    with pytest.raises(BadAnswer, match="hid logs of block 9"):
        await connect(fake).span(B(8), B(9), OURS)


async def test_the_range_that_a_node_suggests_is_passed_on(
    fake: FakeNode, connect: Connect
) -> None:
    fake.rpc.max_range, fake.rpc.range_message = 4, "eth_getLogs is limited to a 4 range"
    node = connect(fake)
    with pytest.raises(RangeTooLarge, match="limited to a 4 range") as caught:
        await node.span(B(1), B(9), OURS)
    assert caught.value.suggested == 4
    assert len(await node.logs(B(1), B(4), OURS)) == 2


async def test_too_many_results_ask_for_fewer_blocks(fake: FakeNode, connect: Connect) -> None:
    fake.rpc.max_results = 3
    with pytest.raises(RangeTooLarge, match="more than 3 results"):
        await connect(fake).span(B(1), B(10), OURS)


async def test_an_answer_beyond_the_limit_of_bytes_asks_for_fewer_blocks(
    fake: FakeNode, connect: Connect
) -> None:
    node = connect(fake, max_bytes=3_500, patience=0.3)
    with pytest.raises(RangeTooLarge, match="more than 3500 bytes"):
        await node.span(B(1), B(10), OURS)
    with pytest.raises(NodeUnavailable, match="more than 3500 bytes"):
        await node.headers([B(1), B(2), B(3), B(4)])


async def test_200_000_events_are_served_in_one_answer(connect: Connect) -> None:
    chain = FakeChain()
    for _ in range(200):
        chain.mine(transactions=[Sent(to=None, logs=[(b"\x11" * 20, (), b"")] * 1_000)])
    async with FakeNode(chain) as fake:
        logs = await connect(fake, timeout=60.0).logs(B(1), B(200), OURS)
    assert len(logs) == 200_000
