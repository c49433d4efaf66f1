"""Whatever a node says, what is not consistent is not believed, and the truth comes through."""

from collections.abc import Callable
from typing import Any

import pytest

from indexer.errors import NodeUnavailable
from indexer.units import Address, BlockNumber, Hash32
from tests.fakes import FakeNode
from tests.integration.chain.conftest import Connect

OURS = frozenset({Address(b"\x11" * 20)})
B = BlockNumber

Twist = Callable[[list[dict[str, Any]]], Any]

LIES: dict[str, Twist] = {
    "removed": lambda logs: [logs[0] | {"removed": True}, *logs[1:]],
    "another time than its block": lambda logs: [logs[0] | {"blockTimestamp": "0x1"}, *logs[1:]],
    "is of block hash": lambda logs: [logs[0] | {"blockHash": "0x" + "99" * 32}, *logs[1:]],
    "not in the bloom": lambda logs: [logs[0] | {"topics": ["0x" + "99" * 32]}, *logs[1:]],
    "was not asked for": lambda logs: [*logs, logs[-1] | {"address": "0x" + "99" * 20}],
    "when asked for": lambda logs: [*logs, logs[-1] | {"blockNumber": "0x63"}],
    "comes after log": lambda logs: [*logs, logs[-1]],
    "comes after a log of block": lambda logs: logs[::-1],
    "block_number": lambda logs: [logs[0] | {"blockNumber": "3"}],
    "blockHash": lambda logs: [logs[0] | {"blockHash": None}],
    "Expected `array`": lambda logs: {"logs": logs},
}


@pytest.mark.parametrize("reason", LIES)
async def test_lies_about_logs_are_named_and_another_node_is_asked(
    reason: str, fake: FakeNode, other: FakeNode, connect: Connect, lines: Any
) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return LIES[reason](result) if method == "eth_getLogs" else result

    fake.lie = lie
    logs = await connect(fake, other).logs(B(3), B(9), OURS)
    assert [log.block_number for log in logs] == [3, 5, 7, 9]
    causes = [line["cause"] for line in lines if line["event"] == "a node rests"]
    assert len(causes) == 1 and reason in causes[0]
    assert "\n" not in causes[0]


async def test_a_header_of_another_block_is_not_believed(fake: FakeNode, connect: Connect) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return result | {"number": "0x1"} if method == "eth_getBlockByNumber" else result

    fake.lie = lie
    with pytest.raises(NodeUnavailable, match="answered block 1 when asked for block 4"):
        await connect(fake, patience=0.2).headers([B(4)])


async def test_a_lie_that_ends_only_delays(fake: FakeNode, connect: Connect) -> None:
    lies = iter(range(3))

    def lie(method: str, params: list[Any], result: Any) -> Any:
        return result[::-1] if method == "eth_getLogs" and next(lies, None) is not None else result

    fake.lie = lie
    assert len(await connect(fake).logs(B(3), B(9), OURS)) == 4


async def test_a_transaction_of_another_hash_is_not_believed(
    fake: FakeNode, connect: Connect
) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return result | {"hash": "0x" + "99" * 32} if "Transaction" in method else result

    fake.lie = lie
    wanted = Hash32(fake.chain[5].transactions[0].hash)
    with pytest.raises(NodeUnavailable, match="answered another than"):
        await connect(fake, patience=0.2).transactions([wanted])
