"""Endpoints that fail: each failure is got over, bounded, and said once."""

import asyncio
import time
from typing import Any

import pytest

from indexer.chain.rpc import Rpc
from indexer.errors import (
    ChainMismatch,
    ConfigError,
    NodeBehind,
    NodeUnavailable,
    RangeTooLarge,
)
from indexer.units import Address, BlockNumber
from tests.fakes import FakeNode, Fault
from tests.integration.chain.conftest import Connect

OURS = frozenset({Address(b"\x11" * 20)})
B = BlockNumber
QUICK = [fault for fault in Fault if fault not in (Fault.HANG, Fault.NULL)]


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name)
async def test_a_single_node_that_fails_twice_is_asked_until_it_answers(
    fault: Fault, fake: FakeNode, connect: Connect
) -> None:
    fake.faults.arm(fault, times=2, method="eth_getLogs")
    logs = await connect(fake).logs(B(1), B(10), OURS)
    assert [log.block_number for log in logs] == [1, 3, 5, 7, 9]


async def test_null_for_every_result_is_a_node_that_is_behind(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    fake.faults.arm(Fault.NULL, times=None, method="eth_getLogs")
    with pytest.raises(NodeBehind, match="no block 1 yet"):
        await connect(fake).logs(B(1), B(10), OURS)
    assert len(await connect(fake, other).logs(B(1), B(10), OURS)) == 5


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name)
async def test_another_node_answers_at_once(
    fault: Fault, fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    fake.faults.arm(fault, times=None)
    began = time.monotonic()
    logs = await connect(fake, other).logs(B(1), B(10), OURS)
    assert len(logs) == 5
    assert time.monotonic() - began < 3


async def test_a_fifth_of_all_requests_may_fail(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    for one in (fake, other):
        one.faults.rate = 0.2
        one.faults.kinds = tuple(QUICK)
    node = connect(fake, other, patience=30.0)
    for _ in range(40):
        assert len(await node.logs(B(1), B(10), OURS)) == 5


async def test_an_unreachable_node_is_named_with_its_cause_when_patience_ends(
    fake: FakeNode, connect: Connect, lines: Any
) -> None:
    await fake.stop()
    began = time.monotonic()
    with pytest.raises(
        NodeUnavailable, match=r"for 1 s \(DCHAT_RPC_PATIENCE\): http://127.0.0.1:\d+"
    ):
        await connect(fake, patience=1.0).heads()
    assert 0.5 < time.monotonic() - began < 4
    said = [line for line in lines if line["event"] == "a node rests"]
    assert len(said) == 1
    assert "cannot be reached" in said[0]["cause"]


async def test_a_host_that_has_no_address_is_named_and_another_one_asked(
    fake: FakeNode, connect: Connect, lines: Any
) -> None:
    nowhere = "http://node.invalid:8545"
    assert (await connect(nowhere, fake).heads()).latest == 10
    with pytest.raises(NodeUnavailable, match=r"node\.invalid.*cannot be reached"):
        await connect(nowhere, patience=0.5).heads()
    assert any("node.invalid" in line.get("node", "") for line in lines)


async def test_no_patience_still_asks_once(fake: FakeNode, connect: Connect) -> None:
    assert (await connect(fake, patience=0.0).heads()).latest == 10


async def test_a_node_that_comes_back_is_used_again(fake: FakeNode, connect: Connect) -> None:
    node = connect(fake)
    await node.heads()
    await fake.stop()
    waiting = asyncio.create_task(node.heads())
    await asyncio.sleep(0.3)
    await fake.start()
    assert (await waiting).latest == 10


async def test_the_first_node_is_returned_to_when_it_is_well(
    fake: FakeNode, other: FakeNode, connect: Connect, lines: Any
) -> None:
    node = connect(fake, other)
    fake.faults.arm(Fault.SERVER_ERROR, times=1, method="eth_getLogs")
    await node.logs(B(1), B(2), OURS)
    assert [state.well for state in node.endpoints()] == [False, True]
    for _ in range(100):
        await asyncio.sleep(0.02)
        await node.logs(B(1), B(2), OURS)
        if fake.methods["eth_getLogs"] > 1:
            break
    assert [state.well for state in node.endpoints()] == [True, True]
    assert [line["event"] for line in lines] == ["a node rests", "a node is well again"]


async def test_a_node_that_hangs_is_left_for_another(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    fake.faults.arm(Fault.HANG, times=None, method="eth_getLogs")
    assert len(await connect(fake, other, timeout=0.3).logs(B(1), B(10), OURS)) == 5


async def test_a_range_that_takes_every_node_too_long_is_asked_for_in_smaller_parts(
    fake: FakeNode, connect: Connect
) -> None:
    fake.faults.arm(Fault.HANG, times=1, method="eth_getLogs")
    node = connect(fake, timeout=0.3)
    with pytest.raises(RangeTooLarge, match=r"no answer within 0\.3 s"):
        await node.span(B(1), B(10), OURS)
    assert len(await node.logs(B(1), B(5), OURS)) == 3


async def test_patience_ends_between_two_nodes_that_take_turns_in_hanging(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    node = connect(fake, other, timeout=0.4, patience=1.0)
    for one in (fake, other):
        one.faults.arm(Fault.HANG, times=None, method="eth_getBlockByNumber")
    began = time.monotonic()
    with pytest.raises(NodeUnavailable, match="gave no answer within"):
        await node.headers([B(1)])
    assert time.monotonic() - began < 4


async def test_retry_after_is_kept(fake: FakeNode, connect: Connect) -> None:
    fake.faults.retry_after = "1"
    fake.faults.arm(Fault.TOO_MANY, times=1, method="eth_getLogs")
    began = time.monotonic()
    await connect(fake).logs(B(1), B(2), OURS)
    assert time.monotonic() - began >= 1


async def test_a_node_of_another_chain_is_set_aside_with_one_line(
    fake: FakeNode, other: FakeNode, connect: Connect, lines: Any
) -> None:
    fake.rpc.chain_id = 5
    node = connect(fake, other)
    for _ in range(3):
        assert (await node.heads()).latest == 10
    assert fake.methods.keys() == {"eth_chainId"}
    assert [(line["event"], line["cause"]) for line in lines] == [
        ("a node was set aside", "is of chain 5, and chain 31337 is wanted")
    ]


async def test_only_nodes_of_another_chain_are_fatal_at_once(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    fake.rpc.chain_id, other.rpc.chain_id = 5, 6
    with pytest.raises(ChainMismatch, match=r"is of chain 5.* is of chain 6"):
        await connect(fake, other, patience=60.0).heads()


async def test_a_node_that_changes_its_chain_is_noticed_with_the_next_head(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    alone = connect(fake)
    several = connect(fake, other)
    for node in (alone, several):
        assert (await node.heads()).latest == 10
    fake.rpc.chain_id = 5
    with pytest.raises(ChainMismatch, match="is of chain 5"):
        await alone.heads()
    for _ in range(3):
        assert (await several.heads()).latest == 10
    assert not several.endpoints()[0].well


async def test_without_an_expected_chain_the_first_answer_decides(
    fake: FakeNode, connect: Connect
) -> None:
    node = connect(fake, expected_chain_id=None)
    assert await node.chain_id() == 31337
    fake.rpc.chain_id = 5
    with pytest.raises(ChainMismatch):
        await node.heads()


async def test_a_batch_that_is_too_large_for_a_node_is_cut_until_it_fits(
    fake: FakeNode, connect: Connect
) -> None:
    for most in (3, 1):
        fake.max_batch = most
        node = connect(fake)
        headers = await node.headers([B(number) for number in range(11)])
        assert [one.number for one in headers] == list(range(11))
        assert len(await node.logs(B(1), B(10), OURS)) == 5
        before = fake.requests
        await node.headers([B(number) for number in range(6)])
        assert fake.requests - before <= 6


async def test_heads_are_those_of_the_majority(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    async with FakeNode(fake.chain) as third:
        node = connect(fake, other, third)
        await node.heads()
        await asyncio.sleep(0.1)
        fake.rpc.lag, other.rpc.lag = 3, 2
        assert (await node.heads()).latest == 8


async def test_many_operations_at_once_keep_to_the_limit_of_requests(
    fake: FakeNode, connect: Connect
) -> None:
    fake.delay = 0.05
    node = connect(fake, concurrency=2)
    await node.heads()
    began = time.monotonic()
    await asyncio.gather(*(node.headers([B(1)]) for _ in range(8)))
    assert time.monotonic() - began >= 4 * 0.05


async def test_keys_in_urls_are_never_shown(fake: FakeNode, connect: Connect, lines: Any) -> None:
    secret = fake.url.replace("http://", "http://user:hunter2@") + "v3/hunter2?key=hunter2"
    with pytest.raises(NodeUnavailable, match="HTTP 404") as caught:
        await connect(secret, patience=0.1).heads()
    assert "hunter2" not in str(caught.value) + repr(lines)


async def test_a_node_that_changes_its_chain_with_every_answer_is_waited_for_within_bounds(
    fake: FakeNode, connect: Connect
) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return "0x5" if method == "eth_chainId" and fake.requests % 2 == 0 else result

    fake.lie = lie
    with pytest.raises((NodeUnavailable, ChainMismatch), match="chain 5"):
        await connect(fake, patience=1.0).heads()
    assert fake.requests < 30


@pytest.mark.parametrize("urls", [[], ["http://x:y/"], ["ws://x/"], ["http:///key"], ["key"]])
def test_urls_that_are_none_are_a_configuration_error(urls: list[str]) -> None:
    with pytest.raises(ConfigError, match="DCHAT_RPC_URLS") as caught:
        Rpc(urls)
    assert "key" not in str(caught.value)
