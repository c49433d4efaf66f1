"""The dev chain as the tests use it: calls, blocks, time and reorgs, through web3's contracts.

A Solidity string is arbitrary bytes: here it is a `str` with surrogate escapes, both ways.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.encoding import TextStringEncoder
from eth_abi.registry import BaseEquals
from web3 import HTTPProvider, Web3
from web3._utils.abi import build_strict_registry

ABIS: Final = Path(__file__).parents[2] / "contracts" / "abi"
CHAT: Final = "GroupChatV2"
PAYMENT: Final = "GroupPayment"
PACKET: Final = "RedPacket"
GAS: Final = 4_000_000
ESCAPE: Final = "surrogateescape"


class AnyText(TextStringEncoder):
    """Encodes the bytes that the text stands for, whether they are UTF-8 or not."""

    @classmethod
    def encode(cls, value: str) -> bytes:
        data = value.encode("utf-8", ESCAPE)
        padded = data.ljust(-(-len(data) // 32) * 32, b"\0")
        return len(data).to_bytes(32, "big") + padded


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """A transaction to be sent. `function` is as `functions` names it."""

    sender: str
    contract: str
    function: str
    args: tuple[Any, ...] = ()
    value: int = 0

    @property
    def name(self) -> str:
        return f"{self.contract}.{self.function}"


class Chain:
    """One node, its unlocked accounts and our contracts on it."""

    def __init__(self, url: str, deployment: Path) -> None:
        self.url, self.deployment = url, deployment
        self.w3 = Web3(HTTPProvider(url, request_kwargs={"timeout": 60}))
        self.w3.codec = _codec()
        places = json.loads(deployment.read_text())["contracts"]
        self.contracts = {
            name: self.w3.eth.contract(
                address=place["address"], abi=json.loads((ABIS / f"{name}.json").read_text())
            )
            for name, place in places.items()
        }
        self.users: list[str] = list(self.w3.eth.accounts)
        self.owner = self.users[0]
        self.accepted: set[str] = set()
        self.refusals: set[str] = set()
        """The functions, as `Do.name` has them, of which a call was accepted, or refused."""

    def rpc(self, method: str, *params: Any) -> Any:
        """The result; an error of the node fails the test."""
        answer = self.w3.provider.make_request(method, params)  # type: ignore[arg-type]
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def pause(self) -> None:
        """Blocks come only when asked for."""
        self.rpc("evm_setIntervalMining", 0)
        self.rpc("evm_setAutomine", False)

    @property
    def height(self) -> int:
        return int(self.w3.eth.block_number)

    @property
    def now(self) -> int:
        """The time of the newest block."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def transaction(self, do: Do) -> dict[str, str]:
        contract = self.contracts[do.contract]
        return {
            "from": do.sender,
            "to": contract.address,
            "data": contract.encode_abi(do.function, do.args),
            "value": hex(do.value),
            "gas": hex(GAS),
        }

    def send(self, do: Do) -> str:
        """The hash of the transaction, which waits for the next block."""
        return str(self.rpc("eth_sendTransaction", self.transaction(do)))

    def mine(self, blocks: int = 1, *, seconds: int = 0) -> None:
        """Makes blocks, the first of them `seconds` later than it would be."""
        if seconds:
            self.rpc("evm_increaseTime", seconds)
        for _ in range(blocks):
            self.rpc("evm_mine")

    def receipt(self, transaction: str) -> Any:
        return self.w3.eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]

    def do(self, *calls: Do, seconds: int = 0) -> list[Any]:
        """The receipts of the calls, mined together, in this order, in one block."""
        sent = [self.send(call) for call in calls]
        self.mine(seconds=seconds)
        receipts = [self.receipt(each) for each in sent]
        for call, receipt in zip(calls, receipts, strict=True):
            (self.accepted if receipt["status"] else self.refusals).add(call.name)
        return receipts

    def created(self, do: Do, *, seconds: int = 0) -> str:
        """The id, 32 bytes in hex, that a creation's first event names."""
        [receipt] = self.do(do, seconds=seconds)
        assert receipt["status"] == 1, do
        return "0x" + bytes(receipt["logs"][0]["topics"][1]).hex()

    def must(self, *calls: Do, seconds: int = 0) -> None:
        """Does what the contracts accept."""
        for call, receipt in zip(calls, self.do(*calls, seconds=seconds), strict=True):
            assert receipt["status"] == 1, f"refused: {call}"

    def reorg(self, depth: int, *replacements: Do) -> None:
        """Replaces the newest blocks by others, into which these calls are spread."""
        calls = [[self.transaction(do), n % depth] for n, do in enumerate(replacements)]
        self.rpc("anvil_reorg", depth, calls)

    def refused(self, *calls: Do) -> None:
        """Does what the contracts refuse."""
        for call, receipt in zip(calls, self.do(*calls), strict=True):
            assert receipt["status"] == 0, f"accepted: {call}"


def _codec() -> ABICodec:
    registry = build_strict_registry()
    registry.unregister("string")
    decoder = StringDecoder(handle_string_errors=ESCAPE)  # type: ignore[no-untyped-call]
    string = BaseEquals("string", with_sub=False)  # type: ignore[no-untyped-call]
    registry.register(string, AnyText, decoder, label="string")
    return ABICodec(registry)


def functions(chain: Chain) -> set[str]:
    """Everything that changes something, as `Do.name` has it: `GroupChatV2.joinGroup`."""
    return {
        f"{contract}.{_named(part)}"
        for contract, place in chain.contracts.items()
        for part in place.abi
        if part["type"] == "function" and part["stateMutability"] not in ("view", "pure")
    }


def _named(part: Any) -> str:
    """The name; of `transferOwnership`, which GroupChatV2 has twice, the signature."""
    types = ",".join(each["type"] for each in part["inputs"])
    overloaded = part["name"] == "transferOwnership"
    return f"{part['name']}({types})" if overloaded else str(part["name"])
