"""Nodes that are well in one thing and not in another are found out, and keep nobody waiting."""

import asyncio
import time

import pytest

from indexer.chain import rpc
from indexer.chain.node import Node
from indexer.errors import NodeUnavailable, RangeTooLarge
from indexer.units import Address, BlockNumber
from tests.fakes import FakeNode, Fault
from tests.integration.chain.conftest import Connect

OURS = frozenset({Address(b"\x11" * 20)})
B = BlockNumber


async def eventually_all_well(node: Node) -> None:
    async with asyncio.timeout(10):
        while not all(state.well for state in node.endpoints()):
            await asyncio.sleep(0.01)


async def test_a_node_that_hangs_over_logs_alone_keeps_nobody_waiting(
    fake: FakeNode, other: FakeNode, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "IMPATIENCE", 0.3)
    node = connect(fake, other, timeout=60.0)
    await node.heads()
    await eventually_all_well(node)
    fake.faults.arm(Fault.HANG, times=None, method="eth_getLogs")
    began = time.monotonic()
    for _ in range(20):
        assert (await node.heads()).latest == 10
        assert len(await node.logs(B(1), B(10), OURS)) == 5
    assert time.monotonic() - began < 15
    assert fake.methods["eth_getLogs"] < 4, "it was asked first again and again"


async def test_a_node_that_hangs_over_its_head_alone_keeps_nobody_waiting(
    fake: FakeNode, other: FakeNode, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "STRAGGLERS", 0.1)
    node = connect(fake, other, timeout=60.0)
    await node.heads()
    await eventually_all_well(node)
    other.faults.arm(Fault.HANG, times=None, method="eth_getBlockByNumber")
    began = time.monotonic()
    for _ in range(20):
        assert (await node.heads()).latest == 10
    assert time.monotonic() - began < 4
    assert other.methods["eth_getBlockByNumber"] <= 6, "it is not asked again meanwhile"


@pytest.mark.parametrize("status", [200, 400, 413, 500])
async def test_words_that_nobody_knows_are_taken_for_a_limit_in_the_end(
    status: int, fake: FakeNode, connect: Connect
) -> None:
    fake.rpc.max_range, fake.rpc.range_message = 3, "the frobnicator declines"
    fake.refusal_status = status
    node = connect(fake)
    with pytest.raises(RangeTooLarge, match="frobnicator") as caught:
        await node.span(B(1), B(10), OURS)
    assert not caught.value.certain
    assert len(await node.logs(B(1), B(3), OURS)) == 2


@pytest.mark.parametrize("kind", ["gzip-cut", "gzip-none", "br", "zstd", "deflate-none", "drip"])
async def test_bodies_that_are_not_what_they_claim_to_be_are_no_answers(
    kind: str, fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    fake.body = kind
    assert len(await connect(fake, other, timeout=1.0).logs(B(1), B(10), OURS)) == 5
    with pytest.raises(NodeUnavailable, match=r"no node answered for 0\.2 s"):
        await connect(fake, timeout=0.3, patience=0.2).headers([B(1)])
