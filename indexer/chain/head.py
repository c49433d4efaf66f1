"""The newest, the safe and the finalized block; by agreement where there are several nodes."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from indexer.chain.blocks import read_header, read_quantity
from indexer.chain.wire import Answer, Call
from indexer.errors import BadAnswer, ChainMismatch, NodeBehind
from indexer.units import BlockNumber, Hash32


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


class Seen(NamedTuple):
    """The heads of one node, and the hash of its newest block."""

    heads: Heads
    newest: Hash32


def read_heads(answers: Sequence[Answer], chain_id: int, depths: Depths) -> Seen:
    """What one node answers to HEAD_CALLS; raises ChainMismatch when it changed chain."""
    check_chain(answers[0], chain_id)
    newest = read_header(answers[1])
    if newest is None:
        raise NodeBehind("eth_getBlockByNumber: the node has no newest block")
    latest = newest.number
    safe = min(_tag(answers[2], latest - depths.safe), latest)
    finalized = min(_tag(answers[3], latest - depths.finalized), safe)
    heads = Heads(
        latest=latest, safe=BlockNumber(max(0, safe)), finalized=BlockNumber(max(0, finalized))
    )
    return Seen(heads, newest.hash)


def check_chain(answer: Answer, chain_id: int | None) -> None:
    """Raises ChainMismatch where the node has become one of another chain than that."""
    told = read_quantity(answer)
    if chain_id is not None and told != chain_id:
        raise ChainMismatch(f"the node is of chain {told} now, and was of chain {chain_id}")


def _tag(answer: Answer, otherwise: int) -> int:
    """The number of a tagged block, `otherwise` where the node has no such tag or block."""
    with suppress(BadAnswer, NodeBehind):
        answer.raw()
        header = read_header(answer)
        return otherwise if header is None else header.number
    return otherwise


def agreed(heads: Sequence[Heads]) -> Heads:
    """What more than half of the nodes have reached: neither the luckiest nor the slowest decides.

    Of two it is the slower one; who stands still altogether is not among them (see `Agreement`).
    """
    most = len(heads) // 2
    latest = sorted((one.latest for one in heads), reverse=True)[most]
    safe = min(sorted((one.safe for one in heads), reverse=True)[most], latest)
    finalized = min(sorted((one.finalized for one in heads), reverse=True)[most], safe)
    return Heads(latest=latest, safe=safe, finalized=finalized)
