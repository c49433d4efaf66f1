"""The registry: every function of the three contracts that changes state, in both revisions."""

from dataclasses import dataclass
from typing import Any, Final, get_args

from indexer.events import abi
from indexer.events.calls.group_chat import GroupChatCall
from indexer.events.calls.group_payment import GroupPaymentCall
from indexer.events.calls.ownable import OwnableCall
from indexer.events.calls.red_packet import RedPacketCall
from indexer.events.definitions import Contract

Call = GroupChatCall | GroupPaymentCall | RedPacketCall | OwnableCall


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSpec:
    """One function of one contract. `selector` is the first four bytes of its calldata; who calls
    one that is `payable` may send money along.
    """

    contract: Contract
    name: str
    signature: str
    selector: bytes
    inputs: tuple[abi.Input, ...]
    cls: type[Call]
    payable: bool


def _specs(contract: Contract, calls: Any) -> tuple[CallSpec, ...]:
    return tuple(_spec(contract, cls) for cls in get_args(calls))


def _spec(contract: Contract, cls: type[Call]) -> CallSpec:
    inputs = abi.inputs(cls)
    name = cls.solidity_name or cls.__name__[0].lower() + cls.__name__[1:]
    signature = abi.signature(name, inputs)
    return CallSpec(
        contract=contract,
        name=name,
        signature=signature,
        selector=abi.selector(signature),
        inputs=inputs,
        cls=cls,
        payable=issubclass(cls, abi.Payable),
    )


CALLS: Final[tuple[CallSpec, ...]] = (
    *_specs(Contract.GROUP_CHAT, GroupChatCall | OwnableCall),
    *_specs(Contract.GROUP_PAYMENT, GroupPaymentCall | OwnableCall),
    *_specs(Contract.RED_PACKET, RedPacketCall | OwnableCall),
)
