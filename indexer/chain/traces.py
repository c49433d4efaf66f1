"""What a transaction's execution called, and what views answer: worth having, never waited for.

An answer that makes no sense is as good as none: it must not let a good node rest.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

import msgspec

from indexer.chain.blocks import Transaction
from indexer.chain.quantities import blob
from indexer.chain.refusals import Refusal, error_of, is_missing, is_pruned, is_throttle
from indexer.chain.wire import Answer
from indexer.errors import BadAnswer, NodeBehind, Unserved
from indexer.units import Address, to_hex

T = TypeVar("T")

INTERNAL: Final = -32603
"""The node's own fault: asking again may help."""


class Frame(msgspec.Struct, rename="camel"):
    """A call as `callTracer` tells it, hex inside, with the calls that it made."""

    type: str
    to: str | None = None
    input: str | None = None
    error: str | None = None
    calls: list["Frame"] | None = None


_frame: Final = msgspec.json.Decoder(Frame)
_hex: Final = msgspec.json.Decoder(str)


def read_traces(told: Sequence[Answer], transactions: Sequence[Transaction]) -> list[Frame | None]:
    """The trace of each transaction; raises Unserved, or what a node says that may change."""
    pairs = zip(told, transactions, strict=True)
    found = [_read_trace(answer, transaction) for answer, transaction in pairs]
    return _unless_all_pruned(told, found)


def read_answers(told: Sequence[Answer]) -> list[bytes | None]:
    """The return data of each call; raises Unserved, or what a node says that may change."""
    return _unless_all_pruned(told, [_read_answer(answer) for answer in told])


def _read_trace(answer: Answer, transaction: Transaction) -> Frame | None:
    if answer.refusal is not None:
        raise_if_it_may_help(answer.method, answer.refusal)
        return None
    try:
        frame = answer.read(_frame)
    except BadAnswer:
        return None
    return frame if _is_of(frame, transaction) else None


def _is_of(frame: Frame, transaction: Transaction) -> bool:
    """Whether the outermost call is the transaction itself."""
    if transaction.to is None:
        return frame.type == "CREATE"
    told = (frame.to or "").lower(), (frame.input or "0x").lower()
    return told == (to_hex(transaction.to), to_hex(transaction.input))


def _read_answer(answer: Answer) -> bytes | None:
    if answer.refusal is not None:
        raise_if_it_may_help(answer.method, answer.refusal)
        return None
    try:
        return blob(answer.read(_hex))
    except (BadAnswer, ValueError):
        return None


def raise_if_it_may_help(method: str, refusal: Refusal) -> None:
    """Raises where another node, or this one later, may say something else."""
    means = error_of(method, refusal)
    if is_throttle(refusal):
        raise means
    if is_missing(refusal):
        raise Unserved(str(means))
    if is_pruned(refusal):
        return
    if isinstance(means, NodeBehind) or refusal.code == INTERNAL:
        raise means


def _unless_all_pruned(told: Sequence[Answer], found: list[T | None]) -> list[T | None]:
    if told and all(answer.refusal and is_pruned(answer.refusal) for answer in told):
        raise Unserved(f"{told[0].method}: the node has no state that old")
    return found


def calls_to(frame: Frame, contract: Address) -> Iterator[bytes]:
    """The calldata of every CALL to the contract that took effect, in the order of execution.

    Neither it nor any call around it may have failed; the outermost call is left out.
    """
    wanted, waiting = to_hex(contract), [frame]
    while waiting:
        one = waiting.pop()
        if one.error is not None:
            continue
        if one is not frame and one.type == "CALL" and (one.to or "").lower() == wanted:
            calldata = _bytes(one.input)
            if calldata is not None:
                yield calldata
        waiting.extend(reversed(one.calls or ()))


def _bytes(text: str | None) -> bytes | None:
    try:
        return blob(text or "0x")
    except ValueError:
        return None
