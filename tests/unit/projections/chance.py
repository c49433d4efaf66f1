"""Events and calls at random: few names, so that they meet; edges, so that they hurt."""

from random import Random
from typing import Any, Final

import msgspec

from indexer.events.abi import Input
from indexer.events.calls import Call
from indexer.events.calls import group_chat as chat_call
from indexer.events.calls import group_payment as pay_call
from indexer.events.calls import red_packet as packet_call
from indexer.events.definitions import EVENTS, Contract, Event, EventSpec
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.definitions import red_packet as packet
from indexer.units import Address, Hash32, keccak

IDS: Final = {
    keccak(name): name for name in (b"group_1", b"group_2", b"group_7", b"no\x00such\xff")
}
PEOPLE: Final = [Address(bytes([n]) * 20) for n in range(1, 6)]
THINGS: Final = [Hash32(bytes([n]) * 32) for n in range(0x50, 0x54)]
NUMBERS: Final = [0, 1, 3, 10**18, 2**255, 2**256 - 1]
TIMES: Final = [0, 1_700_000_000, 1_700_000_060, 253_402_300_799, 2**256 - 1]
TEXTS: Final = [b"", b"Tea", "茶".encode(), b"\x00nul", b"\xff\xfe", b"x" * 300]
CREATIONS: Final = (chat.GroupCreated, pay.PaymentCreated, packet.RedPacketCreated)
FREQUENT: Final = (*CREATIONS, chat.MemberJoined, pay.RefundCredited, pay.PaymentCancelled)


def spec(dice: Random, contract: Contract | None = None) -> EventSpec:
    """One of the events (of this contract), the more telling ones more often."""
    choices = [one for one in EVENTS if contract is None or one.contract is contract]
    weights = [4 if one.cls in FREQUENT else 1 for one in choices]
    return dice.choices(choices, weights)[0]


def event(dice: Random, one: EventSpec) -> tuple[Event, Call | None]:
    """An event, and sometimes the call that caused it and agrees with it."""
    made: Any = one.cls(*(value(dice, item) for item in one.inputs))
    if dice.random() < 0.2:
        return made, None
    return caused(dice, made)


def value(dice: Random, item: Input) -> Any:
    match item.type:
        case "string":
            return dice.choice(list(IDS)) if item.indexed else dice.choice(TEXTS)
        case "address":
            return dice.choice(PEOPLE)
        case "bytes32":
            return dice.choice(THINGS)
        case "bool":
            return dice.random() < 0.5
        case "uint8":
            return dice.randint(0, item.most or 0)
        case _:
            return dice.choice(TIMES if item.name == "timestamp" else NUMBERS)


def caused(dice: Random, made: Event) -> tuple[Event, Call | None]:
    """The event (made to fit where need be) with a call that agrees; None where none is needed."""
    text, people = dice.choice(TEXTS), tuple(dice.choices(PEOPLE, k=dice.randint(0, 3)))
    number, yes = dice.choice(NUMBERS), dice.random() < 0.5
    match made:
        case chat.GroupCreated():
            return made, chat_call.CreateGroup(made.group_name, text, text, yes, number)
        case chat.GroupSettingsUpdated():
            group = IDS[made.group_key]
            return made, chat_call.UpdateGroupSettings(group, yes, not yes, yes, number, yes)
        case chat.GroupInfoUpdated():
            group = IDS[made.group_key]
            return made, chat_call.UpdateGroupInfo(group, text, dice.choice(TEXTS), text)
        case pay.PaymentCreated(payment_type=kind):
            create = pay_call.CreateAAPayment if kind else pay_call.CreateGroupCollection
            return made, create(IDS[made.group_key], made.amount, people, text, number)
        case pay.CrowdfundingCreated():
            group, target = IDS[made.group_key], made.target_amount
            return made, pay_call.CreateCrowdfunding(group, target, number, text, text, number)
        case packet.RedPacketCreated(packet_type=2):
            fitting = msgspec.structs.replace(made, total_count=len(people))
            call = packet_call.CreateExclusiveRedPacket(IDS[made.group_key], people, text)
            return fitting, call
        case packet.RedPacketCreated(packet_type=kind):
            fill = packet_call.CreateFixedRedPacket if kind else packet_call.CreateRandomRedPacket
            return made, fill(IDS[made.group_key], made.total_count, text)
    return made, None
