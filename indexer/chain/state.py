"""The state at the end of a block: what contracts answer, what code and money addresses have.

Three things are told apart: an answer, a call that the contract refused, which is an answer too,
and a question that the node did not answer, for reasons of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from indexer.chain.quantities import blob, quantity
from indexer.chain.refusals import Refusal, error_of, is_missing, is_pruned, is_throttle
from indexer.chain.rpc import Rpc
from indexer.chain.traces import INTERNAL
from indexer.chain.wire import Answer, Call
from indexer.errors import BadAnswer, NodeBehind, Unserved
from indexer.units import UINT256_MAX, Address, Hash32, to_hex

TRIES: Final = 3
REVERTED: Final = 3
"""The code of JSON-RPC errors that carry what a contract reverted with."""
_REVERTED: Final = re.compile(
    r"\brevert|vm execution error|invalid opcode|opcodenotfound|invalidfeopcode|bad instruction"
    r"|invalid ?jump|stack ?(?:under|over)flow",
    re.I,
)
_SHORT: Final = re.compile(r"out ?of ?gas|gas (?:required|limit|cap)|time(?:d )?-?out", re.I)
"""What stopped the call was the node's limit, not the contract."""
_hex: Final = msgspec.json.Decoder(str)


class NoState(Unserved):
    """No endpoint has the state of so old a block."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call returned; of a balance, its 32 bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The contract reverted."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows, because of `why`."""

    why: str


Told = Answered | Refused | Unanswered


def call(to: Address, data: bytes, block: Hash32, sender: Address | None = None) -> Call:
    """A call as `sender` would make it, without effect (EIP-1898 names the block)."""
    said = {"to": to_hex(to), "data": to_hex(data)}
    if sender is not None:
        said["from"] = to_hex(sender)
    return Call(method="eth_call", params=(said, _at(block)))


def code(of: Address, block: Hash32) -> Call:
    """The code of an address."""
    return Call(method="eth_getCode", params=(to_hex(of), _at(block)))


def balance(of: Address, block: Hash32) -> Call:
    """The wei that an address has."""
    return Call(method="eth_getBalance", params=(to_hex(of), _at(block)))


def _at(block: Hash32) -> dict[str, str]:
    return {"blockHash": to_hex(block)}


class State:
    """Asks nodes for it."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def told(self, calls: Sequence[Call]) -> list[Told]:
        """What became of each, all by one endpoint.

        Raises NoState where no endpoint has the state, NodeBehind where none knows the block, other
        Unserved where the nodes are well and fail at so much.
        """
        return await self._rpc.ask(calls, read, tries=TRIES) if calls else []


def read(answers: Sequence[Answer]) -> list[Told]:
    """What became of each call; raises what a node says that another one, or time, may change."""
    found = [_read(answer) for answer in answers]
    if all(answer.refusal and is_pruned(answer.refusal) for answer in answers):
        raise NoState(f"{answers[0].method}: the node has no state that old")
    return found


def _read(answer: Answer) -> Told:
    if answer.refusal is not None:
        return _refusal(answer.method, answer.refusal)
    try:
        text = answer.read(_hex)
        if answer.method == "eth_getBalance":
            return Answered(quantity(text, UINT256_MAX).to_bytes(32))
        return Answered(blob(text))
    except (BadAnswer, ValueError) as error:
        return Unanswered(f"{answer.method}: the node's answer makes no sense ({error})")


def _refusal(method: str, refusal: Refusal) -> Told:
    means = error_of(method, refusal)
    if is_revert(refusal):
        return Refused()
    if is_throttle(refusal):
        raise means
    if is_missing(refusal):
        raise Unserved(str(means))
    if is_pruned(refusal) or _SHORT.search(refusal.text):
        return Unanswered(str(means))
    if isinstance(means, NodeBehind) or refusal.code == INTERNAL:
        raise means
    return Unanswered(str(means))


def is_revert(refusal: Refusal) -> bool:
    """Whether the contract itself refused."""
    if refusal.code == REVERTED:
        return True
    return bool(_REVERTED.search(refusal.text)) and not _SHORT.search(refusal.text)
