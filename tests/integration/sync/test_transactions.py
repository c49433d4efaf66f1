"""A transaction that a node does not tell is waited for, but never for ever."""

from typing import Any

import pytest

from indexer.chain import health
from indexer.events.calls.group_chat import CreateGroup
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.sync import transactions
from indexer.units import keccak
from tests.fakes import FakeChain, FakeNode, Sent
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import ADDRESSES, calldata, log_of
from tests.unit.events.answers import ADA

METHOD = "eth_getTransactionByHash"
AVATAR = "SELECT avatar, sources->>'avatar' FROM groups"


@pytest.fixture
def group(chain: FakeChain, fake: FakeNode) -> None:
    fake.rpc.whole_blocks = False
    event = chat.GroupCreated(keccak(b"group_1"), b"tea", ADA, 1)
    call = CreateGroup(b"tea", b"green", b"", True, 5)
    to, logs = ADDRESSES[Contract.GROUP_CHAT], [log_of(Contract.GROUP_CHAT, event)]
    chain.mine(transactions=[Sent(to=to, input=calldata(call), logs=logs)])


async def test_a_node_that_lags_is_waited_for(
    group: None, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PAUSES", (0.01, 0.01, 0.01))
    fake.lie = lambda method, params, result: (
        None if method == METHOD and fake.methods[METHOD] < 3 else result
    )
    await follow(index, fake)
    assert index.rows(AVATAR) == [("green", "call")]


async def test_a_node_that_has_no_transactions_does_not_stop_the_index(
    group: None, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PAUSES", (0.01, 0.01))
    fake.lie = lambda method, params, result: None if method == METHOD else result
    await follow(index, fake)
    assert index.rows(AVATAR) == [("", "unknown")]


async def test_a_node_that_does_not_serve_transactions_does_not_stop_the_index(
    group: None, fake: FakeNode, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nonsense(method: str, params: Any, result: Any) -> Any:
        return "no such method" if method == METHOD else result

    monkeypatch.setattr(transactions, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(health, "FIRST_PAUSE", 0.01)
    fake.lie = nonsense
    await follow(index, fake)
    assert index.rows(AVATAR) == [("", "unknown")]
