"""Heads are taken from what most nodes say, and nobody holds up or leads away the others."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from indexer.chain import agreement
from indexer.chain.node import Node
from indexer.units import BlockNumber
from tests.fakes import FakeChain, FakeNode
from tests.integration.chain.conftest import Connect


@pytest.fixture
async def third(chain: FakeChain) -> AsyncIterator[FakeNode]:
    async with FakeNode(chain) as node:
        yield node


async def all_known(node: Node) -> Node:
    """The node, once all of its endpoints are believed."""
    async with asyncio.timeout(10):
        while not all(state.well for state in node.endpoints()):
            await node.heads()
            await asyncio.sleep(0.01)
    return node


async def test_of_two_nodes_the_one_that_runs_ahead_is_not_followed_alone(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    node = await all_known(connect(fake, other))
    for one in (fake, other):
        fake.rpc.lag = other.rpc.lag = 0
        one.rpc.lag = 2
        assert (await node.heads()).latest == 8


async def test_a_node_that_stands_still_holds_nobody_up_until_it_moves_again(
    chain: FakeChain,
    fake: FakeNode,
    other: FakeNode,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agreement, "STILL", 0.05)
    node = await all_known(connect(fake, other))
    for _ in range(agreement.MISSED + 1):
        chain.mine()
        other.rpc.lag += 1
        await node.heads()
        await asyncio.sleep(0.06)
    assert (await node.heads()).latest == chain.head.number
    other.rpc.lag = 1
    assert (await node.heads()).latest == chain.head.number - 1


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_node_on_a_branch_of_its_own_is_left_alone(
    place: int, chain: FakeChain, fake: FakeNode, other: FakeNode, third: FakeNode, connect: Connect
) -> None:
    """It may be the first of them: everything would be asked of it."""
    nodes = [fake, other, third]
    branch = FakeChain(seed=1)
    branch.mine_empty(chain.head.number)
    nodes[place].rpc.chain = branch
    node = await all_known(connect(*nodes))
    await node.heads()
    assert [one.well for one in node.endpoints()] == [at != place for at in range(3)]
    assert "is on another branch than most at block 10" in str(node.endpoints()[place].cause)
    [header] = await node.headers([BlockNumber(chain.head.number)])
    assert header.hash == chain.head.hash
