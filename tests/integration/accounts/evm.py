"""A real EVM with contracts that sign, or seem to."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Any

import httpx
from eth_abi.abi import encode

from indexer.dev.chain import DevChain
from indexer.dev.home import Home
from indexer.dev.ports import free_port
from indexer.dev.process import stop
from indexer.units import Address, address, keccak, to_hex
from tests.e2e.node import Node

ARTIFACTS = Path(__file__).parents[3] / "hardhat/artifacts"
SALT = bytes(31) + b"\1"


def compiled(source: str, name: str) -> str:
    """The contract's creation code, in hex."""
    file = ARTIFACTS / source / f"{name}.json"
    return str(json.loads(file.read_text())["bytecode"])


def called(signature: str, *given: Any) -> bytes:
    """The input of a call."""
    types = signature.split("(")[1].rstrip(")").split(",")
    return keccak(signature.encode())[:4] + encode(types, given)


class Evm:
    """`factory` makes wallets at addresses that are known before."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.factory = self._placed("WalletFactory")
        self.yes, self.careless = self._placed("Yes"), self._placed("Careless")

    def wallet(self, signer: Address) -> Address:
        """A deployed contract for which this key signs."""
        return self._placed("SigningWallet", encode(["address"], [signer]).hex())

    def expected(self, signer: Address, salt: bytes = SALT) -> Address:
        """Where the factory would make such a wallet."""
        asked = {"to": to_hex(self.factory)}
        asked["data"] = to_hex(called("addressOf(address,bytes32)", signer, salt))
        return address("0x" + self.node.rpc("eth_call", asked, "latest")[-40:])

    def code(self, who: Address) -> str:
        return str(self.node.rpc("eth_getCode", to_hex(who), "latest"))

    def send(self, to: Address, data: bytes) -> None:
        """A mined transaction of somebody's."""
        sender = self.node.rpc("eth_accounts")[0]
        told = {"from": sender, "to": to_hex(to), "data": to_hex(data), "gas": hex(3_000_000)}
        sent = self.node.rpc("eth_sendTransaction", told)
        self.node.mine()
        [receipt] = self.node.receipts([sent])
        assert receipt.accepted

    def _placed(self, name: str, given: str = "") -> Address:
        made = self.node.create(compiled("test-contracts/SigningWallet.sol", name) + given)
        return address(str(made.contract))


@contextmanager
def evm_at(folder: Path) -> Iterator[Evm]:
    """An anvil that mines when it is asked to."""
    home, port = Home.open(folder), free_port()
    process = DevChain(home=home).start(port)
    try:
        with closing(Node(f"http://127.0.0.1:{port}")) as node:
            while not _answers(node):
                sleep(0.02)
            node.pause()
            yield Evm(node)
    finally:
        stop(process)


def _answers(node: Node) -> bool:
    with suppress(httpx.TransportError):
        return bool(node.rpc("eth_chainId"))
    return False
