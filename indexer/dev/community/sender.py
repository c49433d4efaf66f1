"""Calls → transactions → receipts, from a dev chain's unlocked accounts."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from indexer.dev.community.calls import Call, parse
from indexer.dev.community.fold import Mined
from indexer.dev.jsonrpc import JsonRpc, Refused

GAS: Final = 3_000_000
BLOCKS: Final = 500
"""Looked at together when remembering."""
PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """`contracts` is contract name → address."""

    rpc: JsonRpc
    contracts: dict[str, str]

    async def now(self) -> int:
        """The time of the chain's newest block."""
        return int((await self.rpc.call("eth_getBlockByNumber", "latest", False))["timestamp"], 16)

    async def send(self, call: Call, *, gas: int | None = None) -> str:
        """The transaction's hash. Without `gas` the node tries it first; raises Refused."""
        transaction = {
            "from": call.sender,
            "to": self.contracts[call.function.contract],
            "data": "0x" + call.data().hex(),
            "value": hex(call.value),
        }
        if gas is None:  # half as much again: a later block may take another path
            gas = await self.rpc.number("eth_estimateGas", transaction) * 3 // 2
        transaction["gas"] = hex(gas)
        return str(await self.rpc.call("eth_sendTransaction", transaction))

    async def mined(self, call: Call, transaction_hash: str) -> Mined | None:
        """The call with its logs once it is in a block; None if the contract refused it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            receipt = await self.rpc.call("eth_getTransactionReceipt", transaction_hash)
            if receipt is not None:
                return await self._mined(call, receipt)
            await asyncio.sleep(0.1)
        raise Refused(f"not mined within {PATIENCE:.0f} s")

    async def _mined(self, call: Call, receipt: Any) -> Mined | None:
        if int(receipt["status"], 16) != 1:
            return None
        logs = receipt["logs"]
        timestamp = await self._timestamp(logs[0])
        return Mined(call=call, logs=[_log(log) for log in logs], timestamp=timestamp)

    async def _timestamp(self, log: Any) -> int:
        if stated := log.get("blockTimestamp"):
            return int(stated, 16)
        block = await self.rpc.call("eth_getBlockByHash", log["blockHash"], False)
        return int(block["timestamp"], 16)

    async def past(self, first: int, last: int) -> AsyncIterator[Mined]:
        """What our contracts accepted from block `first` to `last`, in the chain's order."""
        for begin in range(first, last + 1, BLOCKS):
            end = min(begin + BLOCKS - 1, last)
            addresses = list(self.contracts.values())
            asked = {"address": addresses, "fromBlock": hex(begin), "toBlock": hex(end)}
            by_transaction: dict[str, list[Any]] = {}
            for log in await self.rpc.call("eth_getLogs", asked):
                by_transaction.setdefault(log["transactionHash"], []).append(log)
            calls = (self._past(each, logs) for each, logs in by_transaction.items())
            for mined in await asyncio.gather(*calls):
                if mined is not None:
                    yield mined

    async def _past(self, transaction_hash: str, logs: list[Any]) -> Mined | None:
        tx = await self.rpc.call("eth_getTransactionByHash", transaction_hash)
        call = parse(tx["from"].lower(), bytes.fromhex(tx["input"][2:]), int(tx["value"], 16))
        if call is None:
            return None
        timestamp = await self._timestamp(logs[0])
        return Mined(call=call, logs=[_log(log) for log in logs], timestamp=timestamp)


def _log(log: Any) -> tuple[list[bytes], bytes]:
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    return topics, bytes.fromhex(log["data"][2:])
