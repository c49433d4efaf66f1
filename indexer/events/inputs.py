"""Calldata → typed calls, and which call can have caused which event.

Some events say only that something is to be read. The input of the call that caused them says what.
"""

from functools import lru_cache
from typing import Any, Final, cast

from indexer.events import reference
from indexer.events.calls import CALLS, Call, CallSpec
from indexer.events.calls import group_chat as chat_call
from indexer.events.calls import group_payment as payment_call
from indexer.events.calls import red_packet as packet_call
from indexer.events.definitions import EVENTS, Contract, Event
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as payment
from indexer.events.definitions import red_packet as packet
from indexer.units import Hash32, keccak

FUNCTIONS: Final[dict[tuple[Contract, bytes], CallSpec]] = {
    (spec.contract, spec.selector): spec for spec in CALLS
}

CAUSES: Final[dict[type[Event], tuple[type[Call], ...]]] = {
    chat.GroupCreated: (chat_call.CreateGroup,),
    chat.GroupSettingsUpdated: (chat_call.UpdateGroupSettings,),
    chat.GroupInfoUpdated: (chat_call.UpdateGroupInfo,),
    payment.PaymentCreated: (payment_call.CreateGroupCollection, payment_call.CreateAAPayment),
    payment.CrowdfundingCreated: (payment_call.CreateCrowdfunding,),
    packet.RedPacketCreated: (
        packet_call.CreateRandomRedPacket,
        packet_call.CreateFixedRedPacket,
        packet_call.CreateExclusiveRedPacket,
    ),
}
"""The events that leave something out, and the calls whose input has it."""

NEEDS_INPUT: Final[frozenset[Hash32]] = frozenset(
    spec.topic0 for spec in EVENTS if spec.cls in CAUSES
)


def decode_input(contract: Contract, calldata: bytes) -> Call | None:
    """The call that this input makes; None where the contract would not have understood it.

    Never raises. Bytes after the arguments are ignored, as Solidity ignores them.
    """
    spec = FUNCTIONS.get((contract, calldata[:4]))
    if spec is None:
        return None
    try:
        values = reference.values(spec.inputs, calldata[4:])
    except reference.Malformed:
        return None
    return cast(Call, cast(Any, spec.cls)(*values))


def agrees(event: Event, call: Call) -> bool:
    """Whether everything that event and call both say is the same in both.

    A call that agrees has not thereby caused the event: two equal calls may share a transaction.
    """
    return type(call) in CAUSES.get(type(event), ()) and said(event) == asked(call)


def said(event: Event) -> tuple[object, ...]:
    """What an event of `CAUSES` repeats of its call's input."""
    match event:
        case chat.GroupCreated():
            return (event.group_name,)
        case chat.GroupSettingsUpdated() | chat.GroupInfoUpdated():
            return (event.group_key,)
        case payment.PaymentCreated():
            return (event.group_key, event.payment_type, event.amount)
        case payment.CrowdfundingCreated():
            return (event.group_key, event.target_amount)
        case packet.RedPacketCreated():
            return (event.group_key, event.packet_type, event.total_count)
    return ()


@lru_cache(16_384)
def _key(group_id: bytes) -> Hash32:
    """The hash by which events name the group: most are of groups that were met before."""
    return keccak(group_id)


def asked(call: Call) -> tuple[object, ...]:
    """The same facts by the call, in the same order."""
    match call:
        case chat_call.CreateGroup():
            return (call.group_name,)
        case chat_call.UpdateGroupSettings() | chat_call.UpdateGroupInfo():
            return (_key(call.group_id),)
        case payment_call.CreateGroupCollection():
            return (_key(call.group_id), 0, call.target_amount)
        case payment_call.CreateAAPayment():
            return (_key(call.group_id), 1, call.total_amount)
        case payment_call.CreateCrowdfunding():
            return (_key(call.group_id), call.target_amount)
        case packet_call.CreateRandomRedPacket():
            return (_key(call.group_id), 0, call.count)
        case packet_call.CreateFixedRedPacket():
            return (_key(call.group_id), 1, call.count)
        case packet_call.CreateExclusiveRedPacket():
            return (_key(call.group_id), 2, len(call.recipients))
    return ()
