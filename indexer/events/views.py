"""What the contracts' view functions say of an entity: the last resort for what events leave out.

A view says what stands at the end of a block, of the fields that were asked for and of no caller.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, cast

import msgspec

from indexer.events import abi, reference
from indexer.events.abi import Account, Accounts, Fields, Flag, Id, Input, String, Uint256
from indexer.events.definitions import Event
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as payment
from indexer.events.definitions import red_packet as packet
from indexer.units import Address, keccak

EXCLUSIVE: Final = 2
Small = Annotated[int, Input(type="uint256")]
"""A Solidity enum: whatever number it is."""


class SeenGroup(Fields, frozen=True):
    """`getGroup`, its tuple laid flat."""

    group_id: String
    group_name: String
    group_avatar: String
    description: String
    owner: Account
    members: Accounts
    admins: Accounts
    is_public: Flag
    allow_member_invite: Flag
    require_approval: Flag
    max_members: Uint256
    mute_all: Flag
    created_at: Uint256
    member_count: Uint256
    is_active: Flag


class SeenPayment(Fields, frozen=True):
    """`getPayment`, which does not tell the participants."""

    payment_id: Id
    group_id: String
    initiator: Account
    payment_type: Small
    total_amount: Uint256
    collected_amount: Uint256
    target_amount: Uint256
    per_person_amount: Uint256
    description: String
    deadline: Uint256
    status: Small


class SeenCrowdfunding(Fields, frozen=True):
    """`getCrowdfunding`."""

    funding_id: Id
    group_id: String
    initiator: Account
    target_amount: Uint256
    collected_amount: Uint256
    min_contribution: Uint256
    title: String
    description: String
    deadline: Uint256
    status: Small


class SeenPacket(Fields, frozen=True):
    """`getRedPacket`."""

    red_packet_id: Id
    group_id: String
    sender: Account
    packet_type: Small
    total_amount: Uint256
    remaining_amount: Uint256
    total_count: Uint256
    remaining_count: Uint256
    fixed_amount: Uint256
    message: String
    created_at: Uint256
    expire_at: Uint256
    status: Small


class SeenRedPacket(SeenPacket, frozen=True):
    """`getRedPacket`, and of an exclusive packet `getExclusiveRecipients`."""

    recipients: Accounts


Seen = SeenGroup | SeenPayment | SeenCrowdfunding | SeenRedPacket

GROUP: Final = abi.selector("getGroup(string)")
PAYMENT: Final = abi.selector("getPayment(bytes32)")
CROWDFUNDING: Final = abi.selector("getCrowdfunding(bytes32)")
PACKET: Final = abi.selector("getRedPacket(bytes32)")
RECIPIENTS: Final = abi.selector("getExclusiveRecipients(bytes32)")
_PEOPLE: Final = (Input(type="address[]"),)
_BYTES: Final = Input(type="string")


def questions(event: Event, group_id: bytes | None) -> tuple[bytes, ...]:
    """The calldata of the views that tell what the event does not; none where nothing can be asked.

    `group_id` is what the event's group key is the hash of, where it is known.
    """
    match event:
        case chat.GroupCreated() | chat.GroupSettingsUpdated() | chat.GroupInfoUpdated():
            return () if group_id is None else (GROUP + string(group_id),)
        case payment.PaymentCreated():
            return (PAYMENT + event.payment_id,)
        case payment.CrowdfundingCreated():
            return (CROWDFUNDING + event.funding_id,)
        case packet.RedPacketCreated(packet_type=kind):
            asked = (PACKET + event.red_packet_id,)
            return (*asked, RECIPIENTS + event.red_packet_id) if kind == EXCLUSIVE else asked
    return ()


def string(data: bytes) -> bytes:
    """A dynamic value alone, ABI-encoded as the only argument."""
    padded = data.ljust(-(-len(data) // 32) * 32, b"\0")
    return (32).to_bytes(32) + len(data).to_bytes(32) + padded


def joined(answers: Sequence[bytes]) -> bytes:
    """The answers as one: ABI-encoded, as a tuple of as many `bytes`."""
    heads, tails = b"", b""
    for answer in answers:
        heads += (32 * len(answers) + len(tails)).to_bytes(32)
        tails += string(answer)[32:]
    return heads + tails


def seen(event: Event, input: bytes) -> Seen | None:
    """What the answers, as `joined` put them, say of the event's entity; None where it is another.

    Never raises.
    """
    try:
        return _seen(event, input)
    except reference.Malformed:
        return None


def _seen(event: Event, input: bytes) -> Seen | None:
    match event:
        case chat.GroupCreated() | chat.GroupSettingsUpdated() | chat.GroupInfoUpdated():
            told = group(_parts(input, 1)[0])
            return told if keccak(told.group_id) == event.group_key else None
        case payment.PaymentCreated():
            made = payment_of(_parts(input, 1)[0])
            return made if _same_payment(event, made) else None
        case payment.CrowdfundingCreated():
            raised = crowdfunding(_parts(input, 1)[0])
            return raised if _same_crowdfunding(event, raised) else None
        case packet.RedPacketCreated():
            filled = red_packet(input, 2 if event.packet_type == EXCLUSIVE else 1)
            return filled if _same_packet(event, filled) else None
    return None


def flat(answer: bytes) -> bytes:
    """The fields of an answer that is one tuple: a dynamic value, and its place comes first."""
    return answer[int.from_bytes(answer[:32]) :]


def group(answer: bytes) -> SeenGroup:
    """What `getGroup` answered. This and those below raise Malformed."""
    return cast(SeenGroup, _read(SeenGroup, flat(answer)))


def payment_of(answer: bytes) -> SeenPayment:
    """What `getPayment` answered."""
    return cast(SeenPayment, _read(SeenPayment, answer))


def crowdfunding(answer: bytes) -> SeenCrowdfunding:
    """What `getCrowdfunding` answered."""
    return cast(SeenCrowdfunding, _read(SeenCrowdfunding, answer))


def red_packet(input: bytes, answers: int = 2) -> SeenRedPacket:
    """What `getRedPacket`, and as the second `getExclusiveRecipients`, answered."""
    first, *rest = _parts(input, answers)
    told = msgspec.structs.asdict(packet_alone(first))
    return SeenRedPacket(**told, recipients=people(rest[0]) if rest else ())


def packet_alone(answer: bytes) -> SeenPacket:
    """What `getRedPacket` answered."""
    return cast(SeenPacket, _read(SeenPacket, answer))


def people(answer: bytes) -> tuple[Address, ...]:
    """The addresses that `getExclusiveRecipients` answered."""
    return cast(tuple[Address, ...], reference.values(_PEOPLE, answer)[0])


def _parts(input: bytes, count: int) -> Sequence[Any]:
    return reference.values([_BYTES] * count, input)


def _read(cls: Any, data: bytes) -> Any:
    return cls(*reference.values(_INPUTS[cls], data))


_INPUTS: Final = {
    cls: abi.inputs(cls) for cls in (SeenGroup, SeenPayment, SeenCrowdfunding, SeenPacket)
}


def _same_payment(event: payment.PaymentCreated, made: SeenPayment) -> bool:
    return (event.payment_id, event.group_key, event.initiator, event.payment_type) == (
        made.payment_id,
        keccak(made.group_id),
        made.initiator,
        made.payment_type,
    )


def _same_crowdfunding(event: payment.CrowdfundingCreated, made: SeenCrowdfunding) -> bool:
    return (event.funding_id, event.group_key, event.initiator, event.target_amount) == (
        made.funding_id,
        keccak(made.group_id),
        made.initiator,
        made.target_amount,
    )


def _same_packet(event: packet.RedPacketCreated, made: SeenRedPacket) -> bool:
    fitting = event.packet_type != EXCLUSIVE or len(made.recipients) == event.total_count
    return fitting and (
        (event.red_packet_id, event.group_key, event.sender, event.packet_type)
        == (made.red_packet_id, keccak(made.group_id), made.sender, made.packet_type)
    )
