"""The registry: every event that the three contracts emit, in both revisions."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, get_args

from indexer.events import abi
from indexer.events.definitions.group_chat import GroupChatEvent
from indexer.events.definitions.group_payment import GroupPaymentEvent
from indexer.events.definitions.ownable import OwnableEvent
from indexer.events.definitions.red_packet import RedPacketEvent
from indexer.units import Hash32

Event = GroupChatEvent | GroupPaymentEvent | RedPacketEvent | OwnableEvent


class Contract(IntEnum):
    """The number is how the database names the contract."""

    GROUP_CHAT = 0
    GROUP_PAYMENT = 1
    RED_PACKET = 2

    @property
    def solidity_name(self) -> str:
        return SOLIDITY_NAMES[self]


SOLIDITY_NAMES: Final = {
    Contract.GROUP_CHAT: "GroupChatV2",
    Contract.GROUP_PAYMENT: "GroupPayment",
    Contract.RED_PACKET: "RedPacket",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """One event of one contract. `inputs` stand in the order of the Solidity arguments."""

    contract: Contract
    name: str
    signature: str
    topic0: Hash32
    inputs: tuple[abi.Input, ...]
    cls: type[Event]


def _specs(contract: Contract, events: Any) -> tuple[EventSpec, ...]:
    return tuple(_spec(contract, cls) for cls in get_args(events))


def _spec(contract: Contract, cls: type[Event]) -> EventSpec:
    inputs = abi.inputs(cls)
    signature = abi.signature(cls.__name__, inputs)
    return EventSpec(
        contract=contract,
        name=cls.__name__,
        signature=signature,
        topic0=abi.topic0(signature),
        inputs=inputs,
        cls=cls,
    )


EVENTS: Final[tuple[EventSpec, ...]] = (
    *_specs(Contract.GROUP_CHAT, GroupChatEvent | OwnableEvent),
    *_specs(Contract.GROUP_PAYMENT, GroupPaymentEvent | OwnableEvent),
    *_specs(Contract.RED_PACKET, RedPacketEvent | OwnableEvent),
)
