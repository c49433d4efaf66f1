"""Who answered is known, others can be asked, and liars rest."""

from collections.abc import Callable
from typing import Any

import pytest

from indexer.chain.blocks import Header, Log
from indexer.chain.bodies import Body
from indexer.chain.node import Node
from indexer.chain.rpc import LIARS_REST
from indexer.errors import BadAnswer, NodeBehind, RangeTooLarge, Unserved
from indexer.units import Address, BlockNumber
from tests.fakes import FakeChain, FakeNode
from tests.fakes.faults import Fault
from tests.fakes.lies import forging
from tests.integration.chain.conftest import Connect

OURS = {Address(b"\x11" * 20)}
B = BlockNumber


async def blocks(node: Node, first: int, last: int) -> list[Body]:
    return [*(await node.strand(B(first), B(last), OURS, whole=False)).bodies]


def headers(found: list[Body]) -> list[Header]:
    return [body.header for body in found]


def numbers(found: list[list[Log] | None]) -> list[list[BlockNumber] | None]:
    return [None if logs is None else [log.block_number for log in logs] for logs in found]


async def test_receipts_of_several_blocks_are_one_request(fake: FakeNode, connect: Connect) -> None:
    node = connect(fake)
    bodies = await blocks(node, 3, 6)
    asked = fake.requests
    assert numbers(await node.witnesses.receipts(bodies, OURS)) == [[3], [], [5], []]
    assert await node.witnesses.receipts(bodies, {Address(b"\x12" * 20)}) == [[], [], [], []]
    assert fake.requests == asked + 2


async def test_receipts_have_the_logs_that_a_question_for_logs_has(
    fake: FakeNode, connect: Connect
) -> None:
    node = connect(fake)
    [body] = await blocks(node, 5, 5)
    [[mine]] = await node.witnesses.logs_again([body.header], OURS)
    [told] = await node.witnesses.receipts([body], OURS)
    assert told is not None
    names = [one for one in Log.__struct_fields__ if one != "block_timestamp"]
    assert [getattr(told[0], one) for one in names] == [getattr(mine, one) for one in names]
    assert told[0].block_timestamp == body.header.timestamp


async def test_forged_receipts_are_none(fake: FakeNode, connect: Connect) -> None:
    node = connect(fake)
    bodies = await blocks(node, 3, 5)
    fake.lie = forging(lambda block, _: block == 5)
    assert numbers(await node.witnesses.receipts(bodies, OURS)) == [[3], [], None]


async def test_receipts_that_no_node_serves_or_has_yet_are_told_apart(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    node = connect(fake, other)
    bodies = await blocks(node, 3, 3)
    fake.rpc.receipts = False
    assert numbers(await node.witnesses.receipts(bodies, OURS)) == [[3]]
    other.rpc.lag = 9
    with pytest.raises(NodeBehind):
        await node.witnesses.receipts(bodies, OURS)
    other.rpc.receipts = False
    with pytest.raises(Unserved):
        await node.witnesses.receipts(bodies, OURS)


async def test_it_is_known_who_answered_and_the_others_are_asked_for_themselves(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    node = connect(fake, other)
    span = await node.span(B(2), B(9), OURS)
    assert span.by.url == fake.url
    [second] = node.witnesses.others({span.by})
    asked = fake.requests
    told = await node.witnesses.span_of(second, [(B(2), B(4)), (B(5), B(9))], OURS)
    assert told is not None and told == (span.last, span.logs)
    found = await node.witnesses.headers_of(second, [B(3), B(7)])
    assert found is not None and [one.header.number for one in found] == [3, 7]
    assert await node.witnesses.logs_of(second, headers(found), OURS) == [
        [log for log in span.logs if log.block_number == number] for number in (3, 7)
    ]
    assert fake.requests == asked


@pytest.mark.parametrize(
    "limp",
    [
        lambda fake: setattr(fake.rpc, "lag", 5),
        lambda fake: fake.faults.arm(Fault.SERVER_ERROR, times=None),
        lambda fake: setattr(fake, "lie", lambda *_: "nonsense"),
    ],
)
async def test_a_witness_that_limps_is_silent_at_once(
    limp: Callable[[FakeNode], None], fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    node = connect(fake, other)
    span = await node.span(B(2), B(9), OURS)
    bodies = await blocks(node, 9, 9)
    for ask in range(4):
        second = other_than(node, span.by)
        limp(other)
        questions: list[Any] = [
            node.witnesses.span_of(second, [(B(2), B(9))], OURS),
            node.witnesses.headers_of(second, [B(9)]),
            node.witnesses.logs_of(second, headers(bodies), OURS),
            node.witnesses.receipts_of(second, bodies, OURS),
        ]
        assert await questions.pop(ask) in (None, [None])
        for one in questions:
            one.close()


def other_than(node: Node, by: Any) -> Any:
    """The other endpoint, as if it had not failed yet."""
    [second] = [one for one in node.witnesses._rpc.pool.endpoints if one is not by]
    second.health.rests_until, second.health.cause, second.health.verified = 0.0, None, True
    return second


async def test_a_witness_that_wants_fewer_blocks_says_so(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    node = connect(fake, other)
    span = await node.span(B(2), B(9), OURS)
    [second] = node.witnesses.others({span.by})
    other.rpc.max_range = 4
    with pytest.raises(RangeTooLarge):
        await node.witnesses.span_of(second, [(B(2), B(9))], OURS)
    assert await node.witnesses.span_of(second, [(B(2), B(5)), (B(6), B(9))], OURS)


async def test_a_liar_rests_for_long_where_there_are_others_and_shortly_where_there_are_none(
    fake: FakeNode, other: FakeNode, connect: Connect
) -> None:
    for fakes, least, most in (((fake, other), LIARS_REST, LIARS_REST), ((fake,), 0.1, 0.3)):
        node = connect(*fakes)
        span = await node.span(B(2), B(9), OURS)
        node.witnesses.blame(span.by, BadAnswer("a lie"))
        state = node.endpoints()[0]
        assert (state.well, state.cause) == (False, "a lie")
        assert least - 1 < state.pause <= most
        assert (await node.span(B(2), B(9), OURS)).logs == span.logs


async def test_a_node_that_tells_blocks_that_do_not_fit_over_several_requests_rests(
    chain: FakeChain, fake: FakeNode, connect: Connect
) -> None:
    chain.mine_empty(30)

    def lie(method: str, params: list[Any], told: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(8):
            return told | {"parentHash": "0x" + "66" * 32}
        return told

    fake.lie = lie
    node = connect(fake)
    with pytest.raises(BadAnswer, match="block 8 names parent 0x6666"):
        await node.strand(B(1), B(35), OURS, whole=False)
    assert "block 8 names parent" in (node.endpoints()[0].cause or "")


async def test_a_node_that_hides_logs_and_then_tells_them_rests(
    fake: FakeNode, connect: Connect
) -> None:
    def lie(method: str, params: list[Any], told: Any) -> Any:
        return [] if method == "eth_getLogs" and "fromBlock" in params[0] else told

    fake.lie = lie
    node = connect(fake)
    with pytest.raises(BadAnswer, match="first hid logs of block 9"):
        await node.span(B(2), B(9), OURS)
    assert "first hid logs" in (node.endpoints()[0].cause or "")
