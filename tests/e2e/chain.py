"""The dev chain as the tests use it: calls, blocks, time and reorgs, through web3's contracts.

A Solidity string is arbitrary bytes: here it is a `str` with surrogate escapes, both ways.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.encoding import TextStringEncoder
from eth_abi.registry import BaseEquals
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from web3 import HTTPProvider, Web3
from web3._utils.abi import build_strict_registry

from tests.e2e.node import Node, Receipt
from tests.e2e.revisions import HARDENED, OURS, Revision, artifact

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
    passes: "tuple[Do, ...]" = ()
    """The calls that a wallet passes on."""

    @property
    def name(self) -> str:
        return f"{self.contract}.{self.function}"


class Chain(Node):
    """One node, its unlocked accounts, our contracts and perhaps wallets on it."""

    def __init__(self, url: str, deployment: Path, revision: Revision = HARDENED) -> None:
        super().__init__(url)
        self.deployment, self.revision = deployment, revision
        self.w3 = Web3(HTTPProvider(url, request_kwargs={"timeout": 60}))
        self.w3.codec = _codec()
        self.contracts: dict[str, Any] = {}
        for name, place in json.loads(deployment.read_text())["contracts"].items():
            self.know(name, place["address"])
        self.users: list[str] = list(self.w3.eth.accounts)
        self.owner = self.users[0]
        self.accepted: set[str] = set()
        self.refusals: set[str] = set()
        """The functions, as `Do.name` has them, of which a call was accepted, or refused."""

    @property
    def people(self) -> list[str]:
        """Everybody who acts: the accounts, and the wallets."""
        wallets = (place.address for name, place in self.contracts.items() if name not in OURS)
        return [*self.users, *wallets]

    def know(self, name: str, address: str) -> str:
        """Makes calls to this contract possible; returns its address."""
        place: Any = Web3.to_checksum_address(address)
        abi = artifact(self.revision, name)["abi"]
        self.contracts[name] = self.w3.eth.contract(address=place, abi=abi)
        return str(place)

    @property
    def height(self) -> int:
        return int(self.w3.eth.block_number)

    @property
    def now(self) -> int:
        """The time of the newest block."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def transaction(self, do: Do) -> dict[str, str]:
        return {
            "from": do.sender,
            "to": self.contracts[do.contract].address,
            "data": self.calldata(do),
            "value": hex(do.value),
            "gas": hex(GAS * (1 + len(do.passes))),
        }

    def calldata(self, do: Do) -> str:
        """In hex."""
        return self.encoded(do.contract, do.function, do.args)

    def encoded(self, contract: str, function: str, values: Sequence[Any]) -> str:
        """A call in hex; 32 bytes are given in hex too."""
        selector, types = _signature(self, contract, function)
        raw = [
            bytes.fromhex(value[2:]) if kind == "bytes32" else value
            for kind, value in zip(types, values, strict=True)
        ]
        return "0x" + (selector + self.w3.codec.encode(types, raw)).hex()

    def send(self, do: Do) -> str:
        """The hash of the transaction, which waits for the next block."""
        return str(self.rpc("eth_sendTransaction", self.transaction(do)))

    def do(self, *calls: Do, seconds: int = 0) -> list[Receipt]:
        """The receipts of the calls, mined together, in this order, in one block."""
        sent = [self.send(call) for call in calls]
        self.mine(seconds=seconds)
        receipts = self.receipts(sent)
        for call, receipt in zip(calls, receipts, strict=True):
            self.note(call, receipt.accepted)
        return receipts

    def note(self, do: Do, accepted: bool) -> None:
        """Remembers that a call of this function was accepted, or refused."""
        (self.accepted if accepted else self.refusals).add(do.name)

    def created(self, do: Do, *, seconds: int = 0) -> str:
        """The id, 32 bytes in hex, that a creation's first event names."""
        [receipt] = self.do(do, seconds=seconds)
        assert receipt.accepted, do
        return receipt.named[0]

    def must(self, *calls: Do, seconds: int = 0) -> None:
        """Does what the contracts accept."""
        for call, receipt in zip(calls, self.do(*calls, seconds=seconds), strict=True):
            assert receipt.accepted, f"refused: {call}"

    def refused(self, *calls: Do) -> None:
        """Does what the contracts refuse."""
        for call, receipt in zip(calls, self.do(*calls), strict=True):
            assert not receipt.accepted, f"accepted: {call}"

    def reorg(self, depth: int, *replacements: Do) -> None:
        """Replaces the newest blocks by others, into which these calls are spread."""
        calls = [[self.transaction(do), n % depth] for n, do in enumerate(replacements)]
        self.rpc("anvil_reorg", depth, calls)


@cache
def _signature(chain: Chain, contract: str, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Selector and argument types; web3 would look for them, and hash them, at every call."""
    abi: Any = chain.contracts[contract].functions[name].abi
    types = tuple(collapse_if_tuple(each) for each in abi["inputs"])
    return function_abi_to_4byte_selector(abi), types


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
        for contract in OURS
        for part in chain.contracts[contract].abi
        if part["type"] == "function" and part["stateMutability"] not in ("view", "pure")
    }


def _named(part: Any) -> str:
    """The name; of `transferOwnership`, which GroupChatV2 has twice, the signature."""
    types = ",".join(each["type"] for each in part["inputs"])
    overloaded = part["name"] == "transferOwnership"
    return f"{part['name']}({types})" if overloaded else str(part["name"])
