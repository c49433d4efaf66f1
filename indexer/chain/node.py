"""The chain as one node would tell it, if it were honest, quick and always there."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final

from indexer.chain import questions, readings
from indexer.chain.agreement import Agreement
from indexer.chain.blocks import Header, Log, Transaction
from indexer.chain.bodies import Body
from indexer.chain.endpoint import Endpoint
from indexer.chain.head import HEAD_CALLS, Depths, Heads, check_chain, depths_of, read_heads
from indexer.chain.pool import CHAIN_ID, EndpointState
from indexer.chain.questions import Question
from indexer.chain.readings import Span, Strand
from indexer.chain.rpc import Rpc, Said
from indexer.chain.single import single
from indexer.chain.state import State
from indexer.chain.traces import Frame, read_answers, read_traces
from indexer.chain.validate import check_links, may_miss
from indexer.chain.wire import Answer
from indexer.chain.witnesses import Witnesses
from indexer.errors import BadAnswer, NodeBehind, RangeTooLarge, Unserved
from indexer.units import Address, BlockNumber, Hash32

TRIES: Final = 3
"""How often what an index can do without is asked for where it fails."""
TOGETHER: Final = 8
"""Whole blocks in one request; each may have some megabytes."""


class Node:
    """Validated answers only. Every method raises a Retryable or ChainMismatch."""

    def __init__(self, rpc: Rpc, *, depths: Depths | None = None) -> None:
        self._rpc = rpc
        self._depths = depths
        self._agreement = Agreement(rpc)
        self.witnesses = Witnesses(rpc)
        """Proofs of what nodes said, and other nodes' words on it."""
        self.state = State(rpc)
        """What contracts answer and addresses hold, at the end of a block."""

    async def chain_id(self) -> int:
        """The chain that the endpoints serve."""
        return await self._rpc.chain_id()

    async def heads(self) -> Heads:
        """The newest, safe and finalized block; agreed upon where several endpoints are well."""
        chain_id = self._rpc.expected_chain_id
        if chain_id is None:
            chain_id = await self._rpc.chain_id()
        depths = self._depths or depths_of(chain_id)
        return self._agreement.of(
            await self._rpc.poll(HEAD_CALLS, lambda told: read_heads(told, chain_id, depths))
        )

    async def headers(self, numbers: Sequence[BlockNumber]) -> list[Header]:
        """The headers in the order of the numbers, of one endpoint; NodeBehind if it lacks one."""
        if not numbers:
            return []
        calls = [questions.block(number) for number in numbers]
        return await self._rpc.ask(
            calls,
            lambda told: [
                readings.known(answer, number) for answer, number in zip(told, numbers, strict=True)
            ],
        )

    async def header(self, number: BlockNumber) -> Header:
        """The header of that number, of an endpoint that is of our chain at this very moment."""

        def read(told: Sequence[Answer]) -> Header:
            check_chain(told[0], self._rpc.expected_chain_id)
            return readings.known(told[1], number)

        return await self._rpc.ask([*CHAIN_ID, questions.block(number)], read)

    async def header_by_hash(self, block: Hash32) -> Header | None:
        """The header of that hash, None where the endpoint does not know it (any more)."""
        call = questions.block_by_hash(block)
        return await self._rpc.ask([call], lambda told: readings.of_hash(told[0], block))

    async def span(self, first: BlockNumber, last: BlockNumber, ours: Collection[Address]) -> Span:
        """All logs of our addresses from block `first` to `last`, both included.

        Logs and both headers are one request: an endpoint that lacks `last` cannot pass off its
        ignorance as an empty list. Raises RangeTooLarge when fewer blocks should be asked for.
        """
        calls = [questions.logs_between(first, last, ours), questions.block(first)]
        if last != first:
            calls.append(questions.block(last))
        try:
            said = await self._rpc.hear(
                calls,
                lambda told: readings.span(told, first, last, frozenset(ours)),
                divisible=True,
            )
        except RangeTooLarge as error:
            if last > first:
                raise
            found = await single(self._rpc, first, ours, error)
            return Span(found.bodies[0].header, found.bodies[0].header, found.logs, found.by)
        span = Span(*said.value, said.by)
        await self._look_twice(span, ours)
        return span

    async def strand(
        self,
        first: BlockNumber,
        last: BlockNumber,
        ours: Collection[Address],
        *,
        whole: bool,
        tries: int | None = None,
    ) -> Strand:
        """The blocks `first` to `last`, with all logs of our addresses.

        Where `whole`, the blocks come with their transactions. Raises what `span` raises, and
        Unserved where it failed `tries` times.
        """
        numbers = [BlockNumber(number) for number in range(first, last + 1)]
        opening = [*numbers[: TOGETHER - 1], *numbers[TOGETHER - 1 :][-1:]]
        try:
            said = await self._rpc.hear(
                [
                    questions.logs_between(first, last, ours),
                    *(questions.block(number, whole=whole) for number in opening),
                ],
                lambda told: readings.strand(told, opening, frozenset(ours)),
                divisible=True,
                tries=tries,
            )
        except RangeTooLarge as error:
            if last > first:
                raise
            return await single(self._rpc, first, ours, error, whole=whole, tries=tries)
        ends, logs = said.value
        inner = numbers[TOGETHER - 1 : -1]
        told = await self._bodies(inner, readings.wanted(logs, ours), whole=whole, tries=tries)
        bodies = [body for one in told for body in one.value]
        strand = Strand([*ends[: TOGETHER - 1], *bodies, *ends[TOGETHER - 1 :]], logs, said.by)
        self._check(strand, {said.by, *(one.by for one in told)})
        return strand

    def _check(self, strand: Strand, by: Collection[Endpoint]) -> None:
        """The blocks are linked; where one endpoint alone told them, it is to blame if not."""
        try:
            check_links([body.header for body in strand.bodies])
        except BadAnswer as error:
            if len(by) == 1:
                self._rpc.blame(strand.by, error)
            raise

    async def _bodies(
        self,
        numbers: Sequence[BlockNumber],
        wanted: Collection[bytes],
        *,
        whole: bool,
        tries: int | None,
    ) -> list[Said[list[Body]]]:
        async def some(part: Sequence[BlockNumber]) -> Said[list[Body]]:
            calls = [questions.block(number, whole=whole) for number in part]
            return await self._rpc.hear(
                calls, lambda told: readings.bodies(told, part, wanted), tries=tries
            )

        parts = (numbers[at : at + TOGETHER] for at in range(0, len(numbers), TOGETHER))
        return await asyncio.gather(*map(some, parts))

    async def logs(
        self, first: BlockNumber, last: BlockNumber, ours: Collection[Address]
    ) -> list[Log]:
        """The logs of a span."""
        return (await self.span(first, last, ours)).logs

    async def block_logs(self, header: Header, ours: Collection[Address]) -> list[Log]:
        """All logs of our addresses in that very block; NodeBehind where it is not known."""
        call = questions.logs_of(header.hash, ours)
        return await self._rpc.ask(
            [call], lambda told: readings.block_logs(told[0], header, frozenset(ours))
        )

    async def transactions(self, hashes: Collection[Hash32]) -> dict[Hash32, Transaction]:
        """The transactions by hash; NodeBehind where one is unknown or in no block.

        Unserved, which is a NodeBehind, where the nodes fail at it though they are well.
        """
        if not hashes:
            return {}
        return await self._rpc.ask(
            questions.transactions(hashes),
            lambda told: {
                one: readings.transaction(answer, one)
                for one, answer in zip(hashes, told, strict=True)
            },
            tries=TRIES,
        )

    async def known_transactions(self, hashes: Collection[Hash32]) -> dict[Hash32, Transaction]:
        """Those of the transactions that the node has; none where it serves no transactions."""
        try:
            told = await self._rpc.ask(
                questions.transactions(hashes), lambda told: told, tries=TRIES
            )
        except Unserved:
            return {}
        found = {}
        for one, answer in zip(hashes, told, strict=True):
            with suppress(NodeBehind, BadAnswer):
                found[one] = readings.transaction(answer, one)
        return found

    async def traces(self, transactions: Sequence[Transaction]) -> list[Frame | None]:
        """What each transaction called; None where the node can't say or talks nonsense.

        Raises Unserved where no endpoint traces (these).
        """
        calls = questions.traces([one.hash for one in transactions])
        return await self._rpc.ask(calls, lambda told: read_traces(told, transactions), tries=TRIES)

    async def views(self, asked: Sequence[Question]) -> list[bytes | None]:
        """What the contracts answer at the end of a block (EIP-1898); None where they refuse.

        Raises Unserved where no endpoint has the state, NodeBehind where none knows a block.
        """
        return await self._rpc.ask(
            [questions.view(one) for one in asked], read_answers, tries=TRIES
        )

    async def creation_block(self, transaction: Hash32) -> BlockNumber:
        """The block of a transaction, by its receipt; NodeBehind where there is none."""
        call = questions.receipt(transaction)
        return await self._rpc.ask([call], lambda told: readings.created(told[0], transaction))

    def endpoints(self) -> list[EndpointState]:
        """How each endpoint is doing now."""
        return self._rpc.endpoints()

    async def close(self) -> None:
        """Closes the connections."""
        await self._rpc.close()

    async def _look_twice(self, span: Span, ours: Collection[Address]) -> None:
        """Asks by hash for a newest block whose bloom speaks of us though no log does.

        By hash, because a lagging backend then has to say that it does not know the block.
        """
        block = [log for log in span.logs if log.block_number == span.last.number]
        if may_miss(span.last, block, ours) and await self.block_logs(span.last, ours) != block:
            error = BadAnswer(
                f"eth_getLogs: the node first hid logs of block {span.last.number}, then told them"
            )
            self._rpc.blame(span.by, error)
            raise error
