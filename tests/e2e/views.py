"""What the contracts themselves answer, at one block: their views, and the logs beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_utils.abi import collapse_if_tuple
from web3 import Web3

from tests.e2e.chain import ESCAPE, Chain
from tests.e2e.revisions import PAYMENT

BATCH: Final = 400
Ask = tuple[Any, ...]
"""(contract, function, argument, …)"""


@dataclass(frozen=True, slots=True)
class Function:
    """What a view answers, ready to be read many times."""

    types: tuple[str, ...]
    outputs: tuple[Any, ...]

    def answer(self, values: Sequence[Any]) -> Any:
        """One value, or a dict by name where the function answers several."""
        if len(self.outputs) == 1:
            return shaped(self.outputs[0], values[0])
        return _named(self.outputs, values)


def shaped(abi: Any, value: Any) -> Any:
    """A decoded value as people compare it: structs by name, hex strings, checksummed addresses."""
    kind = abi["type"]
    if kind.endswith("[]"):
        return [shaped({**abi, "type": kind[:-2]}, each) for each in value]
    if kind == "tuple":
        return _named(abi["components"], value)
    if kind == "address":
        return Web3.to_checksum_address(value)
    return "0x" + value.hex() if kind == "bytes32" else value


def _named(parts: Sequence[Any], values: Sequence[Any]) -> dict[str, Any]:
    return {abi["name"]: shaped(abi, value) for abi, value in zip(parts, values, strict=True)}


def readable(text: str) -> str:
    """A Solidity string as the API has to show it."""
    data = text.encode("utf-8", ESCAPE)
    return data.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def key_of(text: str) -> str:
    """The keccak-256 of a Solidity string."""
    return "0x" + Web3.keccak(text.encode("utf-8", ESCAPE)).hex()


class Views:
    """The contracts' views as of `block`."""

    def __init__(self, chain: Chain, block: int | None = None) -> None:
        self.chain = chain
        self.block = chain.height if block is None else block
        self.time = int(chain.w3.eth.get_block(self.block)["timestamp"])
        self._head = chain.w3.eth.get_block("latest")

    def ask(self, *asks: Ask) -> list[Any]:
        """The answers, in order; a refusal fails the test."""
        results = self._send([self._call(ask) for ask in asks])
        for ask, result in zip(asks, results, strict=True):
            assert "error" not in result, (ask, result)
        pairs = zip(asks, results, strict=True)
        return [_decoded(self.chain, *ask[:2], result["result"]) for ask, result in pairs]

    def known(self, contract: str, function: str, keys: Sequence[str]) -> dict[str, Any]:
        """Key → answer, for those that exist: of others a view answers nothing, or refuses."""
        asks = [(contract, function, key) for key in keys]
        results = self._send([self._call(ask) for ask in asks])
        found = {
            key: _decoded(self.chain, contract, function, result["result"])
            for key, result in zip(keys, results, strict=True)
            if "error" not in result
        }
        return {key: answer for key, answer in found.items() if next(iter(answer.values())) == key}

    def each(self, contract: str, function: str, keys: Iterable[Any]) -> dict[Any, Any]:
        """Key → answer; a key is the argument, or the tuple of all arguments."""
        wanted = list(keys)
        arguments = (key if isinstance(key, tuple) else (key,) for key in wanted)
        answers = self.ask(*((contract, function, *each) for each in arguments))
        return dict(zip(wanted, answers, strict=True))

    def accepts(self, sender: str, asks: Sequence[Ask]) -> list[bool]:
        """Whether each call, that changes something, would be accepted from this sender."""
        calls = [{**self._call(ask), "from": sender} for ask in asks]
        return ["error" not in result for result in self._send(calls)]

    def logs(self, contract: str, event: str) -> list[Any]:
        """All logs of this event up to the block, decoded."""
        hash_, number = bytes(self._head["hash"]), int(self._head["number"])
        found = _logs(self.chain, contract, event, hash_, number)
        return [log for log in found if log["blockNumber"] <= self.block]

    def ids(self, contract: str, event: str, argument: str) -> list[str]:
        """The 32 bytes that each log of this event names, in hex, oldest first."""
        return ["0x" + log["args"][argument].hex() for log in self.logs(contract, event)]

    def payment_ids(self) -> list[str]:
        """Collections and shared bills."""
        return self.ids(PAYMENT, "PaymentCreated", "paymentId")

    def funding_ids(self) -> list[str]:
        return self.ids(PAYMENT, "CrowdfundingCreated", "fundingId")

    def _call(self, ask: Ask) -> dict[str, str]:
        place = str(self.chain.contracts[ask[0]].address)
        return {"to": place, "data": _calldata(self.chain, *ask)}

    def _send(self, calls: Sequence[dict[str, str]]) -> list[Any]:
        answers: list[Any] = []
        for first in range(0, len(calls), BATCH):
            part = calls[first : first + BATCH]
            answers += self.chain.answers("eth_call", [(each, hex(self.block)) for each in part])
        return answers


# Blocks have most questions and answers in common, and coding them is slow.
@cache
def _calldata(chain: Chain, contract: str, name: str, *values: Any) -> str:
    return chain.encoded(contract, name, values)


@cache
def _decoded(chain: Chain, contract: str, name: str, result: str) -> Any:
    function = _function(chain, contract, name)
    return function.answer(chain.w3.codec.decode(function.types, bytes.fromhex(result[2:])))


@cache
def _logs(chain: Chain, contract: str, event: str, head: bytes, number: int) -> list[Any]:
    """All logs of this event on the chain of this head, decoded."""
    found = chain.contracts[contract].events[event]()
    return list(found.get_logs(from_block=0, to_block=number))


@cache
def _function(chain: Chain, contract: str, name: str) -> Function:
    abi: Any = chain.contracts[contract].get_function_by_name(name).abi
    return Function(
        types=tuple(collapse_if_tuple(each) for each in abi["outputs"]),
        outputs=tuple(abi["outputs"]),
    )
