"""A chain with something on it, and nodes that serve it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from structlog.testing import capture_logs

from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from tests.fakes import FakeChain, FakeNode

Connect = Callable[..., Node]


@pytest.fixture
def chain() -> FakeChain:
    """Ten blocks; every second one has an event of ours."""
    chain = FakeChain()
    for number in range(1, 11):
        chain.mine([(b"\x11" * 20, (bytes([number]) * 32,), b"data")] if number % 2 else [])
    return chain


@pytest.fixture
async def other(chain: FakeChain) -> AsyncIterator[FakeNode]:
    async with FakeNode(chain) as node:
        yield node


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes Nodes that are closed at the end."""
    async with AsyncExitStack() as stack:

        def make(*fakes: FakeNode | str, **settings: Any) -> Node:
            urls = [one if isinstance(one, str) else one.url for one in fakes]
            defaults = {"expected_chain_id": 31337, "timeout": 5.0, "patience": 5.0}
            node = Node(Rpc(urls, **(defaults | settings)))
            stack.push_async_callback(node.close)
            return node

        yield make


@pytest.fixture
def lines() -> Any:
    with capture_logs() as captured:
        yield captured
