"""No log is missing near the head, whatever a node hides; and the index says how that is known."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from indexer.db.completeness import Proof
from indexer.errors import BadAnswer
from indexer.sync.status import status
from tests.fakes import FakeChain, FakeNode
from tests.fakes.lies import changing, forging, hiding
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine

NewIndex = Callable[[], Index]


def proofs(index: Index) -> list[Proof]:
    """How each block from 1 on is known."""
    rows = index.rows("SELECT first_block, last_block, proof FROM completeness ORDER BY 1")
    found = [(number, proof) for a, b, proof in rows for number in range(a, b + 1)]
    assert [number for number, _ in found] == list(range(1, index.block() + 1))
    return [Proof(proof) for _, proof in found]


def some(seed: int, part: float) -> Callable[[int, int], bool]:
    """Always the same logs."""
    return lambda block, place: Random(f"{seed}/{block}/{place}").random() < part


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lie", [hiding, changing])
async def test_whatever_a_node_hides_near_the_head_is_indexed(
    seed: int, lie: Any, chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    dice, index, other = Random(seed), new_index(), new_index()
    fake.lie = lie(some(seed, dice.choice([0.1, 0.5, 1.0])))
    for blocks in (1, 1, 20, 2):
        mine(chain, dice, blocks, busy=0.7)
        await follow(index, fake)
    chain.fork(5)
    mine(chain, dice, 9, busy=0.7)
    await follow(index, fake)
    fake.lie = None
    await follow(other, fake)
    assert index.everything() == other.everything()
    assert {*proofs(index)} == {*proofs(other)} == {Proof.BLOOM, Proof.RECEIPTS}


async def test_a_node_that_hides_logs_is_named_once(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    fake.lie = hiding(lambda *_: True)
    with capture_logs() as lines:
        for seed in range(4):
            mine(chain, Random(seed), 1, busy=1.0)
            await follow(index, fake)
    causes = [line["cause"] for line in lines if line["event"] == "a node rests"]
    assert len(causes) == 4, "each run says it once"
    assert "told 0 logs of block 1, which has" in causes[0]


async def test_a_block_that_carries_logs_of_ours_is_proven_by_its_receipts(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(1), 30, busy=0.5)
    await follow(index, fake)
    carriers = {number for (number,) in index.rows("SELECT DISTINCT block_number FROM events")}
    known = proofs(index)
    assert carriers and all(known[number - 1] is Proof.RECEIPTS for number in carriers)
    empty = [number for number in range(1, len(chain)) if not chain[number].transactions]
    assert empty and all(known[number - 1] is Proof.BLOOM for number in empty)


async def test_a_node_without_receipts_is_indexed_from_as_ever_and_left_alone(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(2), 40, busy=0.5)
    await follow(other, fake)
    fake.rpc.receipts = False
    fake.methods.clear()
    await follow(index, fake)
    assert index.everything() == other.everything()
    assert {*proofs(index)} == {Proof.BLOOM, Proof.NODE}
    assert fake.methods["eth_getBlockReceipts"] <= 8 + 1


@pytest.mark.parametrize(
    "nonsense", [None, [], {}, 7, "0x", [None], [{"logs": []}], [{"logs": [{}]}]]
)
async def test_receipts_that_make_no_sense_prove_nothing_and_stop_nothing(
    nonsense: Any,
    chain: FakeChain,
    fake: FakeNode,
    new_index: NewIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.sync.spare.PAUSES", (0.01, 0.01))
    index, other = new_index(), new_index()
    mine(chain, Random(3), 20, busy=0.5)
    await follow(other, fake)
    fake.lie = lambda method, _, told: nonsense if method == "eth_getBlockReceipts" else told
    await follow(index, fake)
    assert index.everything() == other.everything()
    assert {*proofs(index)} == {Proof.BLOOM, Proof.NODE}


async def test_headers_that_cannot_be_recomputed_prove_nothing_and_stop_nothing(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(4), 20, busy=0.5)
    await follow(other, fake)

    def simple(method: str, _: Any, told: Any) -> Any:
        if method == "eth_getBlockByNumber":
            del told["mixHash"]
        return told

    fake.lie = simple
    fake.methods.clear()
    await follow(index, fake)
    assert index.everything() == other.everything()
    assert {*proofs(index)} == {Proof.NODE}
    assert fake.methods["eth_getBlockReceipts"] == 0


async def test_forged_receipts_prove_nothing_and_another_node_is_believed_with_proof(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(5), 20, busy=0.6)
    await follow(other, fake)
    fake.lie = forging(some(5, 0.5))
    async with FakeNode(chain) as honest:
        await follow(index, fake, honest)
        for _ in range(3):
            mine(chain, Random(6), 1, busy=1.0)
            await follow(index, fake, honest)
    fake.lie = None
    await follow(other, fake)
    assert index.everything() == other.everything()
    assert Proof.NODE not in proofs(index)


async def test_two_nodes_that_prove_nothing_and_agree_are_believed_as_two(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(7), 20, busy=0.6)
    async with FakeNode(chain) as other:
        fake.rpc.receipts = other.rpc.receipts = False
        await follow(index, fake, other)
        mine(chain, Random(8), 5, busy=1.0)
        await follow(index, fake, other)
    assert {*proofs(index)[-5:]} <= {Proof.PROVIDERS, Proof.NODE}


async def test_a_log_that_is_told_only_when_asked_again_is_waited_for(
    chain: FakeChain, fake: FakeNode, new_index: NewIndex
) -> None:
    index, other = new_index(), new_index()
    mine(chain, Random(9), 20, busy=0.6)
    await follow(other, fake)
    fake.rpc.receipts = False
    lie, told = hiding(lambda *_: True), iter(range(2))

    def lagging(method: str, params: list[Any], honest: Any) -> Any:
        by_range = method == "eth_getLogs" and "fromBlock" in params[0]
        return lie(method, params, honest) if by_range and next(told, None) is not None else honest

    fake.lie = lagging
    await follow(index, fake)
    assert index.everything() == other.everything()


async def test_two_nodes_that_contradict_each_other_without_proof_are_not_believed(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(10), 3, busy=1.0)
    async with FakeNode(chain) as other:
        await follow(index, fake, other, to_block=1)
        fake.rpc.receipts = other.rpc.receipts = False
        fake.lie = hiding(lambda block, _: block == 3)
        with pytest.raises(BadAnswer, match=r"\(#1\) and .*\(#2\) contradict .* about block 3"):
            await follow(index, fake, other, patience=0.3)
    assert index.block() == 1


async def test_status_says_how_blocks_are_known(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    mine(chain, Random(11), 150, busy=0.1)
    await follow(index, fake, to_block=100)
    lines = [line for line in status(index.url) if line.startswith("complete")]
    known = proofs(index)
    assert lines == [
        f"complete   {known.count(Proof.RECEIPTS)} blocks: their receipts have the root that their"
        " hash commits to",
        f"complete   {known.count(Proof.BLOOM)} blocks: their blooms, to which their hash commits,"
        " hold no address of ours",
        "complete   36 blocks: a node says so, first of blocks 1 to 36",
    ]
