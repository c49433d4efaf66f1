"""A dev chain's node: JSON-RPC, blocks when asked for, and what became of transactions."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a transaction. `named`: what each log names first, 32 bytes in hex."""

    transaction: str
    accepted: bool
    block: int
    contract: str | None
    named: tuple[str, ...]

    @classmethod
    def of(cls, raw: Any) -> "Receipt":
        return cls(
            transaction=raw["transactionHash"],
            accepted=raw["status"] == "0x1",
            block=int(raw["blockNumber"], 16),
            contract=raw["contractAddress"],
            named=tuple(log["topics"][1] for log in raw["logs"] if len(log["topics"]) > 1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A call that an execution made: its input and answer, and whether it stands."""

    calldata: str
    answer: str
    accepted: bool


class Node:
    """One anvil."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client, self._ids = httpx.Client(timeout=60), count(1)

    def close(self) -> None:
        self._client.close()

    def rpc(self, method: str, *params: Any) -> Any:
        """The result; an error of the node fails the test."""
        [result] = self.batch(method, [params])
        return result

    def batch(self, method: str, many: Iterable[Sequence[Any]]) -> list[Any]:
        """The results for each of these parameters, in order."""
        answers = self.answers(method, many)
        for answer in answers:
            assert "error" not in answer, f"{method}: {answer['error']}"
        return [answer["result"] for answer in answers]

    def answers(self, method: str, many: Iterable[Sequence[Any]]) -> list[Any]:
        """Results or errors for each of these parameters, asked for in one request, in order."""
        asked = [
            {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
            for params in many
        ]
        answers = self._client.post(self.url, json=asked).json() if asked else []
        return sorted(answers, key=lambda answer: int(answer["id"]))

    def pause(self) -> None:
        """Blocks come only when asked for, and hold all that waits."""
        self.rpc("evm_setIntervalMining", 0)
        self.rpc("evm_setAutomine", False)
        self.rpc("evm_setBlockGasLimit", hex(10**9))

    def mine(self, blocks: int = 1, *, seconds: int = 0) -> None:
        """Makes blocks, the first of them `seconds` later than it would be."""
        if seconds:
            self.rpc("evm_increaseTime", seconds)
        for _ in range(blocks):
            self.rpc("evm_mine")

    def receipts(self, transactions: Iterable[str]) -> list[Receipt]:
        """Those of mined transactions."""
        raw = self.batch("eth_getTransactionReceipt", [(each,) for each in transactions])
        return [Receipt.of(each) for each in raw]

    def create(self, bytecode: str) -> Receipt:
        """The receipt of a contract's creation."""
        told = {"from": self.rpc("eth_accounts")[0], "data": bytecode, "gas": hex(8_000_000)}
        sent = self.rpc("eth_sendTransaction", told)
        self.mine()
        [receipt] = self.receipts([sent])
        assert receipt.accepted
        return receipt

    def made(self, transactions: Iterable[str], to: Iterable[str]) -> list[list[Made]]:
        """The calls to these contracts, in order, that each transaction's execution made."""
        told, places = {"tracer": "callTracer"}, {each.lower() for each in to}
        traces = self.batch("debug_traceTransaction", [(each, told) for each in transactions])
        return [[*_calls(trace, places, True)] for trace in traces]


def _calls(frame: Any, to: Collection[str], stands: bool) -> Iterator[Made]:
    stands = stands and "error" not in frame
    if frame.get("to") in to:
        yield Made(calldata=frame["input"], answer=frame.get("output", "0x"), accepted=stands)
    for inner in frame.get("calls", ()):
        yield from _calls(inner, to, stands)
