"""The chain as one node would tell it, if it were honest, quick and always there."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from indexer.chain.blocks import (
    Header,
    Log,
    Transaction,
    read_header,
    read_logs,
    read_receipt,
    read_transaction,
)
from indexer.chain.head import HEAD_CALLS, Depths, Heads, agreed, depths_of, read_heads
from indexer.chain.rpc import EndpointState, Rpc
from indexer.chain.traces import Frame, read_answers, read_traces
from indexer.chain.validate import check_block, check_logs, check_number, may_miss
from indexer.chain.wire import Answer, Call
from indexer.errors import BadAnswer, NodeBehind, Unserved
from indexer.units import Address, BlockNumber, Hash32, to_hex

TRIES: Final = 3
"""How often what an index can do without is asked for where it fails."""
TRACER: Final = {"tracer": "callTracer", "timeout": "5s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """All our logs of the blocks `first` to `last`, as one endpoint saw them in one answer."""

    first: Header
    last: Header
    logs: list[Log]


class Question(NamedTuple):
    """A view function's calldata, for this contract, at this block."""

    contract: Address
    calldata: bytes
    block: Hash32


class Node:
    """Validated answers only. Every method raises a Retryable or ChainMismatch."""

    def __init__(self, rpc: Rpc, *, depths: Depths | None = None) -> None:
        self._rpc = rpc
        self._depths = depths

    async def chain_id(self) -> int:
        """The chain that the endpoints serve."""
        return await self._rpc.chain_id()

    async def heads(self) -> Heads:
        """The newest, safe and finalized block; agreed upon where several endpoints are well."""
        chain_id = self._rpc.expected_chain_id
        if chain_id is None:
            chain_id = await self._rpc.chain_id()
        depths = self._depths or depths_of(chain_id)
        return agreed(
            await self._rpc.poll(HEAD_CALLS, lambda told: read_heads(told, chain_id, depths))
        )

    async def headers(self, numbers: Sequence[BlockNumber]) -> list[Header]:
        """The headers in the order of the numbers, of one endpoint; NodeBehind if it lacks one."""
        if not numbers:
            return []
        calls = [_block(number) for number in numbers]
        return await self._rpc.ask(
            calls,
            lambda told: [
                _known(answer, number) for answer, number in zip(told, numbers, strict=True)
            ],
        )

    async def header_by_hash(self, block: Hash32) -> Header | None:
        """The header of that hash, None where the endpoint does not know it (any more)."""
        call = Call(method="eth_getBlockByHash", params=(to_hex(block), False))
        return await self._rpc.ask([call], lambda told: _of_hash(told[0], block))

    async def span(self, first: BlockNumber, last: BlockNumber, ours: Collection[Address]) -> Span:
        """All logs of our addresses from block `first` to `last`, both included.

        Logs and both headers are one request: an endpoint that lacks `last` cannot pass off its
        ignorance as an empty list. Raises RangeTooLarge when fewer blocks should be asked for.
        """
        calls = [_logs(ours, fromBlock=hex(first), toBlock=hex(last)), _block(first)]
        if last != first:
            calls.append(_block(last))
        span = await self._rpc.ask(
            calls, lambda told: _span(told, first, last, frozenset(ours)), divisible=last > first
        )
        await self._look_twice(span, ours)
        return span

    async def logs(
        self, first: BlockNumber, last: BlockNumber, ours: Collection[Address]
    ) -> list[Log]:
        """The logs of a span."""
        return (await self.span(first, last, ours)).logs

    async def block_logs(self, header: Header, ours: Collection[Address]) -> list[Log]:
        """All logs of our addresses in that very block; NodeBehind where it is not known."""
        call = _logs(ours, blockHash=to_hex(header.hash))
        return await self._rpc.ask([call], lambda told: _of_block(told[0], header, frozenset(ours)))

    async def transactions(self, hashes: Collection[Hash32]) -> dict[Hash32, Transaction]:
        """The transactions by hash; NodeBehind where one is unknown or in no block.

        Unserved, which is a NodeBehind, where the nodes fail at it though they are well.
        """
        if not hashes:
            return {}
        return await self._rpc.ask(
            _transactions(hashes),
            lambda told: {
                one: _of_transaction(answer, one) for one, answer in zip(hashes, told, strict=True)
            },
            tries=TRIES,
        )

    async def known_transactions(self, hashes: Collection[Hash32]) -> dict[Hash32, Transaction]:
        """Those of the transactions that the node has; none where it serves no transactions."""
        try:
            told = await self._rpc.ask(_transactions(hashes), lambda told: told, tries=TRIES)
        except Unserved:
            return {}
        found = {}
        for one, answer in zip(hashes, told, strict=True):
            with suppress(NodeBehind, BadAnswer):
                found[one] = _of_transaction(answer, one)
        return found

    async def traces(self, transactions: Sequence[Transaction]) -> list[Frame | None]:
        """What each transaction called; None where the node can't say or talks nonsense.

        Raises Unserved where no endpoint traces (these).
        """
        calls = [_trace(one.hash) for one in transactions]
        return await self._rpc.ask(calls, lambda told: read_traces(told, transactions), tries=TRIES)

    async def views(self, asked: Sequence[Question]) -> list[bytes | None]:
        """What the contracts answer at the end of a block (EIP-1898); None where they refuse.

        Raises Unserved where no endpoint has the state, NodeBehind where none knows a block.
        """
        return await self._rpc.ask([_view(one) for one in asked], read_answers, tries=TRIES)

    async def creation_block(self, transaction: Hash32) -> BlockNumber:
        """The block of a transaction, by its receipt; NodeBehind where there is none."""
        call = Call(method="eth_getTransactionReceipt", params=(to_hex(transaction),))
        return await self._rpc.ask([call], lambda told: _of_receipt(told[0], transaction))

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
            raise BadAnswer(
                f"eth_getLogs: the node first hid logs of block {span.last.number}, then told them"
            )


def _block(number: BlockNumber) -> Call:
    return Call(method="eth_getBlockByNumber", params=(hex(number), False))


def _logs(ours: Collection[Address], **which: str) -> Call:
    return Call(method="eth_getLogs", params=({"address": [to_hex(one) for one in ours], **which},))


def _transactions(hashes: Collection[Hash32]) -> list[Call]:
    return [Call(method="eth_getTransactionByHash", params=(to_hex(one),)) for one in hashes]


def _trace(transaction: Hash32) -> Call:
    return Call(method="debug_traceTransaction", params=(to_hex(transaction), TRACER))


def _view(asked: Question) -> Call:
    said = {"to": to_hex(asked.contract), "data": to_hex(asked.calldata)}
    return Call(method="eth_call", params=(said, {"blockHash": to_hex(asked.block)}))


def _known(answer: Answer, number: BlockNumber) -> Header:
    header = read_header(answer)
    if header is None:
        raise NodeBehind(f"{answer.method}: the node has no block {number} yet")
    check_number(header, number)
    return header


def _of_hash(answer: Answer, block: Hash32) -> Header | None:
    header = read_header(answer)
    if header is not None and header.hash != block:
        raise BadAnswer(f"{answer.method}: the node answered another block than {to_hex(block)}")
    return header


def _span(
    told: Sequence[Answer], first: BlockNumber, last: BlockNumber, ours: Collection[Address]
) -> Span:
    # The headers come first: a node that lacks a block is behind, whatever it says about logs.
    opening, closing = _known(told[1], first), _known(told[-1], last)
    logs = read_logs(told[0])
    check_logs(logs, first, last, ours)
    for header in (opening, closing):
        check_block(header, (log for log in logs if log.block_number == header.number))
    return Span(first=opening, last=closing, logs=logs)


def _of_block(answer: Answer, header: Header, ours: Collection[Address]) -> list[Log]:
    logs = read_logs(answer)
    check_logs(logs, header.number, header.number, ours)
    check_block(header, logs)
    return logs


def _of_transaction(answer: Answer, wanted: Hash32) -> Transaction:
    transaction = read_transaction(answer)
    if transaction is None:
        raise NodeBehind(
            f"{answer.method}: the node has no transaction {to_hex(wanted)} (yet): "
            "it lags, or it keeps too few of the old ones to index from"
        )
    if transaction.hash != wanted:
        raise BadAnswer(f"{answer.method}: the node answered another than {to_hex(wanted)}")
    return transaction


def _of_receipt(answer: Answer, wanted: Hash32) -> BlockNumber:
    receipt = read_receipt(answer)
    if receipt is None:
        raise NodeBehind(f"{answer.method}: the node knows no transaction {to_hex(wanted)}")
    if receipt[0] != wanted:
        raise BadAnswer(f"{answer.method}: the node answered another than {to_hex(wanted)}")
    return receipt[1]
