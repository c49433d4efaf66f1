"""Calls of the contracts, to and from calldata."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.abi import decode, encode

from indexer.units import keccak

CHAT: Final = "GroupChatV2"
PAYMENT: Final = "GroupPayment"
PACKET: Final = "RedPacket"

_FUNCTIONS: Final = {
    CHAT: (
        "createGroup(string,string,string,bool,uint256)",
        "joinGroup(string)",
        "inviteMember(string,address)",
        "approveJoinRequest(string,address)",
        "rejectJoinRequest(string,address)",
        "leaveGroup(string)",
        "removeMember(string,address)",
        "setAdmin(string,address,bool)",
        "transferOwnership(string,address)",
        "muteMember(string,address,bool)",
        "updateGroupSettings(string,bool,bool,bool,uint256,bool)",
        "updateGroupInfo(string,string,string,string)",
        "dissolveGroup(string)",
    ),
    PAYMENT: (
        "createGroupCollection(string,uint256,address[],string,uint256)",
        "createAAPayment(string,uint256,address[],string,uint256)",
        "contribute(bytes32)",
        "createCrowdfunding(string,uint256,uint256,string,string,uint256)",
        "backCrowdfunding(bytes32)",
        "withdrawFunds(bytes32)",
        "withdrawCrowdfundingFunds(bytes32)",
        "cancelPayment(bytes32)",
        "cancelCrowdfunding(bytes32)",
        "claimRefund()",
    ),
    PACKET: (
        "createRandomRedPacket(string,uint256,string)",
        "createFixedRedPacket(string,uint256,string)",
        "createExclusiveRedPacket(string,address[],string)",
        "claimRedPacket(bytes32)",
        "refundExpiredRedPacket(bytes32)",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function of one contract."""

    contract: str
    name: str
    types: tuple[str, ...]
    selector: bytes

    def __str__(self) -> str:
        return f"{self.contract}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What somebody does: addresses are lower-case hex, ids 32 bytes, `value` is wei."""

    sender: str
    name: str
    args: tuple[Any, ...] = ()
    value: int = 0

    @property
    def subject(self) -> Any:
        """The group, payment or packet that the call changes; None where it makes a new one."""
        return None if self.name.startswith("create") or not self.args else self.args[0]

    @property
    def function(self) -> Function:
        """The contract's function."""
        return functions()[self.name]

    def data(self) -> bytes:
        """The calldata."""
        return self.function.selector + encode(self.function.types, self.args)


def parse(sender: str, data: bytes, value: int) -> Call | None:
    """The call behind a transaction; None where it is none of ours."""
    function = _by_selector().get(data[:4])
    if function is None:
        return None
    args = decode(function.types, data[4:])
    return Call(sender=sender, name=function.name, args=tuple(args), value=value)


@cache
def functions() -> dict[str, Function]:
    """Every function that the community calls, by name."""
    return {
        (function := _function(contract, signature)).name: function
        for contract, signatures in _FUNCTIONS.items()
        for signature in signatures
    }


@cache
def _by_selector() -> dict[bytes, Function]:
    return {function.selector: function for function in functions().values()}


def _function(contract: str, signature: str) -> Function:
    name, _, inputs = signature.removesuffix(")").partition("(")
    types = tuple(inputs.split(",")) if inputs else ()
    selector = keccak(signature.encode())[:4]
    return Function(contract=contract, name=name, types=types, selector=selector)
