"""Far from the head a second node is asked for the same; receipts decide where two differ."""

from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from indexer.chain import agreement
from indexer.db.completeness import Proof
from indexer.errors import BadAnswer
from indexer.sync.fetch import Fetcher
from tests.fakes import FakeChain, FakeNode
from tests.fakes.lies import changing, forging, hiding
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine
from tests.integration.sync.test_completeness import proofs, some

NewIndex = Callable[[], Index]
FAR = 100
"""So many of the chain's blocks are more than 64 from its head."""


class Alone(Fetcher):
    """Asks nobody twice."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given, cross_check=False)


@pytest.fixture
def chain() -> FakeChain:
    chain = FakeChain(block_timestamps=True)
    mine(chain, Random(1), FAR + 64, busy=0.3)
    return chain


@pytest.fixture
async def other(chain: FakeChain) -> AsyncIterator[FakeNode]:
    async with FakeNode(chain) as node:
        yield node


@pytest.fixture
async def right(fake: FakeNode, new_index: NewIndex) -> Index:
    """An index that nobody lied to."""
    index = new_index()
    await follow(index, fake, fetching=Alone)
    return index


def far(index: Index) -> list[Proof]:
    return proofs(index)[:FAR]


async def test_two_nodes_that_agree_are_believed_as_two(
    fake: FakeNode, other: FakeNode, right: Index, index: Index
) -> None:
    await follow(index, fake, other)
    assert index.everything() == right.everything()
    assert {*far(index)} <= {Proof.PROVIDERS, Proof.NODE}
    assert Proof.PROVIDERS in far(index)
    assert {*far(right)} == {Proof.NODE}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lie", [hiding, forging, changing])
@pytest.mark.parametrize("liar", [0, 1])
async def test_whoever_of_two_lies_the_index_is_right(
    liar: int,
    lie: Any,
    seed: int,
    fake: FakeNode,
    other: FakeNode,
    right: Index,
    index: Index,
) -> None:
    (fake, other)[liar].lie = lie(some(seed, 0.3))
    with capture_logs() as lines:
        await follow(index, fake, other, most=30)
    assert index.everything() == right.everything()
    assert Proof.RECEIPTS in far(index)
    rests = [line for line in lines if line["event"] == "a node rests"]
    assert {line["node"][-4:] for line in rests} == {f"(#{liar + 1})"}
    assert all(line["pause_s"] == 60 for line in rests)


async def test_two_that_both_hide_logs_of_a_stretch_are_both_found_out(
    fake: FakeNode, other: FakeNode, right: Index, index: Index
) -> None:
    fake.lie = hiding(lambda block, _: block % 3 == 0)
    other.lie = hiding(lambda block, _: block % 3 == 1)
    await follow(index, fake, other)
    assert index.everything() == right.everything()
    assert {*far(index)} == {Proof.RECEIPTS, Proof.NODE}


async def test_a_third_node_is_asked_where_the_second_lied(
    chain: FakeChain, fake: FakeNode, other: FakeNode, right: Index, index: Index
) -> None:
    block = first_carrier(right)
    other.lie = hiding(lambda number, _: number == block)
    async with FakeNode(chain) as third:
        await follow(index, fake, other, third)
    assert index.everything() == right.everything()
    known = far(index)
    assert known[block - 1] is Proof.RECEIPTS
    assert {*known} == {Proof.RECEIPTS, Proof.PROVIDERS}


def first_carrier(index: Index) -> int:
    """The first block with a log of ours."""
    return int(index.value("SELECT min(block_number) FROM events"))


async def test_a_node_that_lost_all_old_logs_costs_no_more_than_some_receipts(
    fake: FakeNode, other: FakeNode, new_index: NewIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.sync.cross_check.SETTLED", 5)
    right, index = new_index(), new_index()
    await follow(right, fake, fetching=Alone)
    for liar in (other, fake):
        liar.lie, index = hiding(lambda block, _: block <= FAR), new_index()
        fake.methods.clear()
        other.methods.clear()
        await follow(index, fake, other, to_block=FAR)
        assert index.value("SELECT count(*) FROM events") == right.value(
            "SELECT count(*) FROM events WHERE block_number <= %s", FAR
        )
        assert far_known(index) == (5, FAR - 64 - 5)
        liar.lie = None


def far_known(index: Index) -> tuple[int, int]:
    """Blocks of the one stretch that are proven by receipts, and that a node vouches for."""
    known = proofs(index)[: FAR - 64]
    return known.count(Proof.RECEIPTS), known.count(Proof.NODE)


async def test_without_a_proof_two_that_differ_are_named_and_not_believed(
    fake: FakeNode, other: FakeNode, right: Index, index: Index
) -> None:
    fake.rpc.receipts = other.rpc.receipts = False
    block = first_carrier(right)
    other.lie = hiding(lambda number, _: number == block)
    named = rf"\(#1\) and .*\(#2\) contradict each other about block {block}, .*DCHAT_CROSS_CHECK"
    with pytest.raises(BadAnswer, match=named):
        await follow(index, fake, other, patience=0.3)
    assert index.block() == 0
    await follow(index, fake, other, fetching=Alone)
    assert index.everything() == right.everything()


async def test_a_block_that_two_nodes_hash_otherwise_proves_nothing(
    fake: FakeNode, other: FakeNode, right: Index, index: Index
) -> None:
    """A whole forged block proves itself: that is why both have to know it."""
    block = first_carrier(right)

    def forked(method: str, params: list[Any], told: Any) -> Any:
        if method == "eth_getLogs":
            return hiding(lambda number, _: number == block)(method, params, told)
        if method == "eth_getBlockByNumber" and params[0] == hex(block):
            return told | {"hash": "0x" + "66" * 32}
        return told

    other.lie = forked
    with pytest.raises(BadAnswer, match=f"contradict each other about block {block}"):
        await follow(index, fake, other, patience=0.3)


async def test_two_nodes_on_different_branches_are_not_believed(
    fake: FakeNode, other: FakeNode, index: Index
) -> None:
    other.rpc.chain = FakeChain(seed=7)
    other.rpc.chain.mine_empty(FAR + 64)
    with pytest.raises(BadAnswer, match="contradict each other about block 100"):
        await follow(index, fake, other, patience=0.3)


@pytest.mark.parametrize(
    ("limit", "known"), [(50, Proof.PROVIDERS), (12, Proof.PROVIDERS), (6, Proof.NODE)]
)
async def test_a_second_node_with_a_smaller_limit_is_asked_in_pieces(
    limit: int,
    known: Proof,
    fake: FakeNode,
    other: FakeNode,
    right: Index,
    index: Index,
) -> None:
    other.rpc.max_range = limit
    await follow(index, fake, other)
    assert index.everything() == right.everything()
    assert far(index)[0] is known


async def test_a_second_node_that_is_down_is_done_without(
    fake: FakeNode, other: FakeNode, right: Index, index: Index
) -> None:
    await other.stop()
    await follow(index, fake, other)
    assert index.everything() == right.everything()
    assert {*far(index)} == {Proof.NODE}


async def test_a_second_node_that_stands_still_says_nothing(
    fake: FakeNode,
    other: FakeNode,
    right: Index,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agreement, "LONG_STILL", 0.2)
    other.rpc.lag = 80
    await follow(index, fake, other, to_block=FAR + 64, once=False)
    assert index.everything() == right.everything()


async def test_who_pays_by_the_request_is_not_made_to_pay_twice(
    fake: FakeNode, other: FakeNode, right: Index, index: Index
) -> None:
    await follow(index, fake, other, fetching=Alone)
    assert index.everything() == right.everything()
    assert other.methods["eth_getLogs"] == other.methods["eth_getBlockReceipts"] == 0
