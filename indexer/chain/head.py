"""The newest, the safe and the finalized block; by agreement where there are several nodes."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from indexer.chain.blocks import read_header, read_quantity
from indexer.chain.wire import Answer, Call
from indexer.errors import BadAnswer, ChainMismatch, NodeBehind
from indexer.units import BlockNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Depths:
    """How many blocks below the newest a chain counts as safe and as finalized without tags."""

    safe: int
    finalized: int


BEACON: Final = Depths(safe=32, finalized=64)
"""Two epochs of 32 slots: what Ethereum and its test networks need to finalize."""
KNOWN_DEPTHS: Final[Mapping[int, Depths]] = {
    56: Depths(safe=2, finalized=15),  # BNB Smart Chain
    137: Depths(safe=16, finalized=256),  # Polygon PoS
    31337: Depths(safe=1, finalized=2),  # Hardhat and anvil
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Three block numbers with finalized ≤ safe ≤ latest."""

    latest: BlockNumber
    safe: BlockNumber
    finalized: BlockNumber


def depths_of(chain_id: int) -> Depths:
    """The depths to use on a chain whose nodes lack the tags."""
    return KNOWN_DEPTHS.get(chain_id, BEACON)


HEAD_CALLS: Final = (
    Call(method="eth_chainId"),
    Call(method="eth_getBlockByNumber", params=("latest", False)),
    Call(method="eth_getBlockByNumber", params=("safe", False)),
    Call(method="eth_getBlockByNumber", params=("finalized", False)),
)


def read_heads(answers: Sequence[Answer], chain_id: int, depths: Depths) -> Heads:
    """The heads of one node's answers to HEAD_CALLS; raises ChainMismatch when it changed chain."""
    told = read_quantity(answers[0])
    if told != chain_id:
        raise ChainMismatch(f"the node is of chain {told} now, and was of chain {chain_id}")
    newest = read_header(answers[1])
    if newest is None:
        raise NodeBehind("eth_getBlockByNumber: the node has no newest block")
    latest = newest.number
    safe = min(_tag(answers[2], latest - depths.safe), latest)
    finalized = min(_tag(answers[3], latest - depths.finalized), safe)
    return Heads(
        latest=latest, safe=BlockNumber(max(0, safe)), finalized=BlockNumber(max(0, finalized))
    )


def _tag(answer: Answer, otherwise: int) -> int:
    """The number of a tagged block, `otherwise` where the node has no such tag or block."""
    with suppress(BadAnswer, NodeBehind):
        answer.raw()
        header = read_header(answer)
        return otherwise if header is None else header.number
    return otherwise


def agreed(heads: Sequence[Heads]) -> Heads:
    """What at least half of the nodes have reached: neither the luckiest nor the slowest decides.

    Of safe and finalized, which are believed for good, more than half.
    """
    half, most = (len(heads) - 1) // 2, len(heads) // 2
    latest = sorted((one.latest for one in heads), reverse=True)[half]
    safe = min(sorted((one.safe for one in heads), reverse=True)[most], latest)
    finalized = min(sorted((one.finalized for one in heads), reverse=True)[most], safe)
    return Heads(latest=latest, safe=safe, finalized=finalized)
