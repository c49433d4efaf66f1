"""Who lied, where two endpoints tell different logs of one block: its receipts say so."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from indexer.chain.blocks import Log
from indexer.chain.bodies import Body
from indexer.chain.endpoint import Endpoint
from indexer.chain.witnesses import Witnesses
from indexer.errors import BadAnswer
from indexer.units import Address, BlockNumber

GROUP: Final = 8
"""Blocks whose receipts are one request; a block's may have some megabytes."""

Logs = Mapping[BlockNumber, Sequence[Log]]


class Told(NamedTuple):
    """The logs of blocks, as one endpoint told them."""

    logs: Logs
    by: Endpoint

    def of(self, number: BlockNumber) -> Sequence[Log]:
        """Those of one block."""
        return self.logs.get(number, ())


class Verdict(NamedTuple):
    """The logs that are proven, and who told others."""

    logs: dict[BlockNumber, list[Log]]
    liars: set[Endpoint]


class Judge:
    """Lets those rest who lied."""

    def __init__(self, witnesses: Witnesses, ours: Collection[Address]) -> None:
        self._witnesses = witnesses
        self._ours = ours

    async def settle(self, blocks: Sequence[Body], one: Told, two: Told) -> Verdict:
        """What the blocks, in which two endpoints differ, hold in truth.

        The receipts may be anybody's, because they prove themselves. Raises BadAnswer where there
        are none.
        """
        right: dict[BlockNumber, list[Log]] = {}
        for endpoint in (one.by, two.by, *self._witnesses.others({one.by, two.by})):
            left = [body for body in blocks if body.header.number not in right]
            right |= await self._proven(endpoint, left)
        for body in blocks:
            if body.header.number not in right:
                raise unsettled(one.by, two.by, body.header.number)
        liars = {told.by for told in (one, two) if self.blame(told, right)}
        return Verdict(right, liars)

    async def _proven(
        self, endpoint: Endpoint, blocks: Iterable[Body]
    ) -> dict[BlockNumber, list[Log]]:
        asked = [body for body in blocks if body.receipts_root is not None]
        right: dict[BlockNumber, list[Log]] = {}
        for start in range(0, len(asked), GROUP):
            part = asked[start : start + GROUP]
            told = await self._witnesses.receipts_of(endpoint, part, self._ours)
            found = zip(part, told, strict=True)
            right |= {body.header.number: logs for body, logs in found if logs is not None}
        return right

    def blame(self, told: Told, right: Logs) -> bool:
        """Whether the endpoint told other logs than is right; it rests then."""
        for number, logs in right.items():
            if not same(told.of(number), logs):
                error = BadAnswer(
                    f"eth_getLogs: the node told {len(told.of(number))} logs of block {number},"
                    f" which has {len(logs)}, as the block's hash proves"
                )
                self._witnesses.blame(told.by, error)
                return True
        return False


def same(one: Sequence[Log], two: Sequence[Log]) -> bool:
    """Whether these are the same logs of a block, as far as its receipts say."""
    return len(one) == len(two) and [*map(_content, one)] == [*map(_content, two)]


def _content(log: Log) -> tuple[object, ...]:
    return log.block_hash, log.transaction_index, log.address, log.topics, log.data


def unsettled(one: Endpoint, two: Endpoint, number: BlockNumber) -> BadAnswer:
    """The error of two endpoints that contradict each other."""
    return BadAnswer(
        f"{one.name} and {two.name} contradict each other about block {number}, and nothing proves"
        " who is right: take the wrong one out of DCHAT_RPC_URLS, or set DCHAT_CROSS_CHECK=false"
    )
