"""What the contracts themselves answer, at one block: their views, and the logs beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, Final

import httpx
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from web3 import Web3

from tests.e2e.chain import ESCAPE, PAYMENT, Chain

BATCH: Final = 400
Ask = tuple[Any, ...]
"""(contract, function, argument, …)"""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the ABI, ready to be called many times."""

    selector: bytes
    inputs: tuple[str, ...]
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
        self._ids = count(1)
        self._client = httpx.Client(timeout=60)
        self._logs: dict[tuple[str, str], list[Any]] = {}

    def __enter__(self) -> "Views":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, *asks: Ask) -> list[Any]:
        """The answers, in order; a refusal fails the test."""
        results = self._send([self._call(ask) for ask in asks])
        for ask, result in zip(asks, results, strict=True):
            assert "error" not in result, (ask, result)
        return [self._decoded(a, r["result"]) for a, r in zip(asks, results, strict=True)]

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
        if (contract, event) not in self._logs:
            found = self.chain.contracts[contract].events[event]()
            logs = found.get_logs(from_block=0, to_block=self.block)
            self._logs[contract, event] = list(logs)
        return self._logs[contract, event]

    def ids(self, contract: str, event: str, argument: str) -> list[str]:
        """The 32 bytes that each log of this event names, in hex, oldest first."""
        return ["0x" + log["args"][argument].hex() for log in self.logs(contract, event)]

    def payment_ids(self) -> list[str]:
        """Collections and shared bills."""
        return self.ids(PAYMENT, "PaymentCreated", "paymentId")

    def funding_ids(self) -> list[str]:
        return self.ids(PAYMENT, "CrowdfundingCreated", "fundingId")

    def _call(self, ask: Ask) -> dict[str, str]:
        contract, name, *values = ask
        function = _function(self.chain, contract, name)
        raw = [_raw(kind, value) for kind, value in zip(function.inputs, values, strict=True)]
        data = function.selector + self.chain.w3.codec.encode(function.inputs, raw)
        return {"to": str(self.chain.contracts[contract].address), "data": "0x" + data.hex()}

    def _decoded(self, ask: Ask, result: str) -> Any:
        function = _function(self.chain, ask[0], ask[1])
        types = [collapse_if_tuple(abi) for abi in function.outputs]
        return function.answer(self.chain.w3.codec.decode(types, bytes.fromhex(result[2:])))

    def _send(self, calls: Sequence[dict[str, str]]) -> list[Any]:
        answers: list[Any] = []
        for first in range(0, len(calls), BATCH):
            requests = [self._request(call) for call in calls[first : first + BATCH]]
            answered = self._client.post(self.chain.url, json=requests).json()
            answers += sorted(answered, key=lambda answer: int(answer["id"]))
        return answers

    def _request(self, call: dict[str, str]) -> dict[str, Any]:
        params = [call, hex(self.block)]
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": "eth_call", "params": params}


def _raw(kind: str, value: Any) -> Any:
    return bytes.fromhex(value[2:]) if kind == "bytes32" else value


@cache
def _function(chain: Chain, contract: str, name: str) -> Function:
    abi: Any = chain.contracts[contract].get_function_by_name(name).abi
    return Function(
        selector=function_abi_to_4byte_selector(abi),
        inputs=tuple(collapse_if_tuple(each) for each in abi["inputs"]),
        outputs=tuple(abi["outputs"]),
    )
