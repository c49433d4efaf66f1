"""How it is known of blocks near the head that none of their logs is missing.

What is proven is believed, whatever a node said: a block's hash, which its child names, commits to
its bloom and to the root of its receipts. Nothing of this stops the index.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from indexer.chain.blocks import Log
from indexer.chain.bloom import holds
from indexer.chain.bodies import Body
from indexer.chain.readings import Strand
from indexer.chain.trie import EMPTY
from indexer.chain.validate import may_miss
from indexer.chain.witnesses import Witnesses
from indexer.db.completeness import Proof, Range
from indexer.errors import BadAnswer
from indexer.sync.judge import GROUP, Judge, Logs, Told, same
from indexer.sync.spare import Spare
from indexer.units import Address, BlockNumber


class Proven(NamedTuple):
    """Logs, and how it is known of each range of their blocks that there are no others."""

    logs: list[Log]
    ranges: Sequence[Range]


class Known(NamedTuple):
    """What is known of some blocks' logs; where there are none, those that were told are right."""

    proofs: dict[BlockNumber, Proof]
    logs: dict[BlockNumber, list[Log]]


class Proofs:
    """Blooms, then receipts, then another endpoint's word; `cross_check` off leaves that out."""

    def __init__(
        self, witnesses: Witnesses, ours: Collection[Address], *, cross_check: bool
    ) -> None:
        self._witnesses = witnesses
        self._ours = frozenset(ours)
        self._cross_check = cross_check
        self._judge = Judge(witnesses, self._ours)
        self._receipts = Spare("eth_getBlockReceipts", self._prove, group=GROUP, lagging=False)

    async def prove(self, strand: Strand) -> Proven:
        """The logs of the blocks as they are, which may be others than the strand's.

        Raises BadAnswer where endpoints contradict each other and nothing proves who is right.
        """
        told = Told(by_block(strand.logs), strand.by)
        known = await self._known(strand.bodies)
        self._judge.blame(told, known.logs)
        if left := [body for body in strand.bodies if body.header.number not in known.proofs]:
            more = await self._others(left, told)
            known = Known(known.proofs | more.proofs, known.logs | more.logs)
        numbers = [body.header.number for body in strand.bodies]
        ranges = [Range(number, number, known.proofs[number]) for number in numbers]
        return Proven(corrected(strand.logs, told.logs, known.logs), ranges)

    async def _prove(self, blocks: Sequence[Body]) -> list[list[Log] | None]:
        return await self._witnesses.receipts(blocks, self._ours)

    async def _known(self, bodies: Sequence[Body]) -> Known:
        """What the blocks' own hashes prove."""
        known = Known({}, {})
        sealed = [body for body in bodies if body.receipts_root is not None]
        for body in sealed:
            if silent(body, self._ours):
                known.proofs[body.header.number] = Proof.BLOOM
                known.logs[body.header.number] = []
        asked = [body for body in sealed if body.header.number not in known.proofs]
        for body, logs in zip(asked, await self._receipts.ask(asked), strict=True):
            if logs is not None:
                known.proofs[body.header.number] = Proof.RECEIPTS
                known.logs[body.header.number] = logs
        return known

    async def _others(self, bodies: Sequence[Body], told: Told) -> Known:
        """What other endpoints say of blocks that nothing proves, or the same one asked again."""
        headers = [body.header for body in bodies]
        others = self._witnesses.others({told.by}) if self._cross_check else ()
        for endpoint in others:
            said = await self._witnesses.logs_of(endpoint, headers, self._ours)
            if said is not None:
                theirs = {header.number: logs for header, logs in zip(headers, said, strict=True)}
                return await self._compared(bodies, told, Told(theirs, endpoint))
        await self._ask_again(bodies, told)
        return Known({header.number: Proof.NODE for header in headers}, {})

    async def _compared(self, bodies: Sequence[Body], one: Told, two: Told) -> Known:
        numbers = [body.header.number for body in bodies]
        apart = {number for number in numbers if not same(one.of(number), two.of(number))}
        proofs = {n: Proof.RECEIPTS if n in apart else Proof.PROVIDERS for n in numbers}
        if not apart:
            return Known(proofs, {})
        settled = [body for body in bodies if body.header.number in apart]
        return Known(proofs, (await self._judge.settle(settled, one, two)).logs)

    async def _ask_again(self, bodies: Sequence[Body], told: Told) -> None:
        """Asks by hash for blocks whose blooms speak of us though no log does."""
        headers = [body.header for body in bodies]
        odd = [one for one in headers if may_miss(one, told.of(one.number), self._ours)]
        said = await self._witnesses.logs_again(odd, self._ours) if odd else []
        for header, logs in zip(odd, said, strict=True):
            if not same(logs, told.of(header.number)):
                error = BadAnswer(
                    f"eth_getLogs: the node first hid logs of block {header.number}, then told them"
                )
                self._witnesses.blame(told.by, error)
                raise error


def silent(body: Body, ours: Iterable[Address]) -> bool:
    """Whether the block's hash commits to a bloom that holds no address of ours.

    A bloom without any bit counts only where there are no receipts at all: some chains serve it
    for every block.
    """
    bits = int.from_bytes(body.header.logs_bloom, "big")
    if body.receipts_root is None or any(holds(bits, address) for address in ours):
        return False
    return bits > 0 or body.receipts_root == EMPTY


def by_block(logs: Iterable[Log]) -> dict[BlockNumber, list[Log]]:
    """The logs of each block that has any."""
    found: dict[BlockNumber, list[Log]] = defaultdict(list)
    for log in logs:
        found[log.block_number].append(log)
    return dict(found)


def corrected(logs: list[Log], told: Logs, right: Logs) -> list[Log]:
    """The logs, those of blocks in which they are not right replaced; the same list if all are."""
    wrong = {number for number, one in right.items() if not same(told.get(number, ()), one)}
    if not wrong:
        return logs
    blocks: Mapping[BlockNumber, Sequence[Log]] = {**told, **{n: right[n] for n in wrong}}
    return [log for number in sorted(blocks) for log in blocks[number]]
