"""A node whose contracts answer every question about the village, by Multicall3 too if wanted."""

from typing import Final

from eth_abi.abi import decode, encode
from msgspec.json import encode as json

from indexer.audit.check import of_address, of_member, of_name
from indexer.audit.multicall import AGGREGATE, MULTICALL3
from indexer.audit.readings import VIEWS
from tests.fakes import FakeChain, FakeNode, wire
from tests.fakes.methods import Methods, RpcError
from tests.integration.audit.village import ADA, BOB, CAT, FUND, TEA, group, settle

NOTHING: Final = encode(["bytes32[]"], [[]])
GROUP: Final = of_name("getGroup", TEA)


class Contracts(Methods):
    """Beside `Methods`: balances, and what is at Multicall3's address once `aggregates`.

    `by_sender` are the addresses in whose name calls were simulated.
    """

    def __init__(self, chain: FakeChain) -> None:
        super().__init__(chain)
        self.aggregates = False
        self.balances: dict[str, int] = {}
        self.by_sender: list[str] = []
        self._table |= {"eth_getCode": self._code, "eth_getBalance": self._balance}

    def _code(self, address: str, at: dict[str, str]) -> bytes:
        self._state(at)
        there = self.aggregates and address == wire.hexed(MULTICALL3)
        return json("0x60" if there else "0x")

    def _balance(self, address: str, at: dict[str, str]) -> bytes:
        self._state(at)
        return json(hex(self.balances.get(address, 0)))

    def _state(self, at: dict[str, str]) -> None:
        """Refuses where there is no such block, or its state is gone."""
        if self._seen(self.chain.by_hash(bytes.fromhex(at["blockHash"][2:]))) is None:
            raise RpcError(-32000, "header for hash not found")
        if self.views is None:
            raise RpcError(-32000, "missing trie node 1234 (path ) state 0x1234 is not available")

    def _view(self, call: dict[str, str], at: dict[str, str]) -> bytes:
        if "from" in call:
            self.by_sender.append(call["from"])
        if call["to"] != wire.hexed(MULTICALL3):
            return super()._view(call, at)
        self._state(at)
        return json(wire.hexed(self._together(bytes.fromhex(call["data"][2:]))))

    def _together(self, data: bytes) -> bytes:
        assert data.startswith(AGGREGATE) and self.views is not None
        [calls] = decode(["(address,bool,bytes)[]"], data[4:])
        told = [self.views.get(calldata) for _, _, calldata in calls]
        results = [(True, one) if one is not None else (False, b"") for one in told]
        return encode(["(bool,bytes)[]"], [results])


def village(node: FakeNode) -> dict[bytes, bytes]:
    """Mines the village; returns all that its contracts answer, to be changed."""
    views = settle(node.chain) | rest()
    node.rpc = Contracts(node.chain)
    node.rpc.views = views
    return views


def rest() -> dict[bytes, bytes]:
    """What audits do not need and a whole comparison does."""
    found: dict[bytes, bytes] = {
        GROUP: group(),
        VIEWS["groupCounter"].selector: (1).to_bytes(32),
        of_name("getGroupMembers", TEA): encode(["address[]"], [[ADA, BOB]]),
        of_name("getGroupPayments", TEA): encode(["bytes32[]"], [[FUND]]),
        of_name("getGroupRedPackets", TEA): NOTHING,
    }
    for who in (ADA, BOB, CAT):
        listed = [TEA] if who != CAT else []
        found |= {
            of_member("isMember", TEA, who): (who != CAT).to_bytes(32),
            of_address("getUserGroups", who): encode(["bytes[]"], [listed]),
            of_address("getUserPayments", who): NOTHING,
            of_address("getUserSentRedPackets", who): NOTHING,
            of_address("getUserClaimedRedPackets", who): NOTHING,
        }
    return found
