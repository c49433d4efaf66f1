"""Observations: what the contracts answered at the end of a block, for what no event tells.

An observation is a fact, like an event: kept with its block, folded after the block's events. It is
of one kind, about a key (of a group, payment or packet) and for some kinds an address.
"""

from enum import IntEnum
from typing import Final, NamedTuple

from indexer.events import abi, reference, views
from indexer.events.abi import Account, Fields, Flag, String, Uint256
from indexer.events.definitions import Contract
from indexer.events.views import SeenCrowdfunding, SeenGroup, SeenPacket, SeenPayment, Small
from indexer.units import Address, Hash32, keccak

NOBODY: Final = Address(b"")
"""The address of an observation whose kind has none."""


OWNER: Final = 2
LAST_STATUS: Final = 3


class Kind(IntEnum):
    """What was asked. The number is what the database keeps."""

    GROUP = 0
    """`getGroup`."""
    MEMBER = 1
    """`getMember`, of the address."""
    JOIN_REQUEST = 2
    """Whether an admin could reject the request of the address: the call, made without effect."""
    PAYMENT = 3
    """`getPayment`."""
    CROWDFUNDING = 4
    """`getCrowdfunding`."""
    RED_PACKET = 5
    """`getRedPacket`."""
    RECIPIENTS = 6
    """`getExclusiveRecipients`."""

    @property
    def contract(self) -> Contract:
        """Which contract was asked."""
        return _CONTRACTS[self]


class Origin(IntEnum):
    """Why it was asked. The number is what the database keeps."""

    WATCH = 0
    """A transaction that called the contract had been seen."""
    AUDIT = 1
    """The index was compared with the contracts."""


class Observation(NamedTuple):
    """A row of `observations`. `answer` is None where the contract refused."""

    key: Hash32
    kind: Kind
    address: Address
    block_number: int
    block_hash: Hash32
    answer: bytes | None
    origin: Origin


class SeenMember(Fields, frozen=True):
    """`getMember`, its tuple laid flat: all zero for somebody who is none."""

    member: Account
    display_name: String
    role: Small
    joined_at: Uint256
    is_muted: Flag
    is_banned: Flag


class GroupObserved(Fields, frozen=True):
    group_key: Hash32
    seen: SeenGroup


class MemberObserved(Fields, frozen=True):
    group_key: Hash32
    member: Address
    seen: SeenMember


class JoinRequestObserved(Fields, frozen=True):
    group_key: Hash32
    requester: Address
    pending: bool


class PaymentObserved(Fields, frozen=True):
    payment_id: Hash32
    seen: SeenPayment | SeenCrowdfunding


class RedPacketObserved(Fields, frozen=True):
    red_packet_id: Hash32
    seen: SeenPacket


class RecipientsObserved(Fields, frozen=True):
    red_packet_id: Hash32
    recipients: tuple[Address, ...]


Observed = (
    GroupObserved
    | MemberObserved
    | JoinRequestObserved
    | PaymentObserved
    | RedPacketObserved
    | RecipientsObserved
)

_CONTRACTS: Final = {
    Kind.GROUP: Contract.GROUP_CHAT,
    Kind.MEMBER: Contract.GROUP_CHAT,
    Kind.JOIN_REQUEST: Contract.GROUP_CHAT,
    Kind.PAYMENT: Contract.GROUP_PAYMENT,
    Kind.CROWDFUNDING: Contract.GROUP_PAYMENT,
    Kind.RED_PACKET: Contract.RED_PACKET,
    Kind.RECIPIENTS: Contract.RED_PACKET,
}
_BY_KEY: Final = {
    Kind.PAYMENT: views.PAYMENT,
    Kind.CROWDFUNDING: views.CROWDFUNDING,
    Kind.RED_PACKET: views.PACKET,
    Kind.RECIPIENTS: views.RECIPIENTS,
}
_MEMBER: Final = abi.selector("getMember(string,address)")
_REJECT: Final = abi.selector("rejectJoinRequest(string,address)")
_MEMBER_FIELDS: Final = abi.inputs(SeenMember)


def question(kind: Kind, key: Hash32, address: Address, group_id: bytes | None) -> bytes | None:
    """The calldata that asks for it; None where nothing can be asked.

    `group_id` is what a group's key is the hash of, where it is known. A JOIN_REQUEST has to be
    asked in the name of an admin.
    """
    if selector := _BY_KEY.get(kind):
        return selector + key
    if group_id is None:
        return None
    if kind is Kind.GROUP:
        return views.GROUP + views.string(group_id)
    return (_MEMBER if kind is Kind.MEMBER else _REJECT) + _pair(group_id, address)


def _pair(group_id: bytes, address: Address) -> bytes:
    """A string and an address, ABI-encoded."""
    return (64).to_bytes(32) + address.rjust(32, b"\0") + views.string(group_id)[32:]


def observed(kind: Kind, key: Hash32, address: Address, answer: bytes | None) -> Observed | None:
    """What the answer says; None where it says nothing of what was asked. Never raises."""
    if kind is Kind.JOIN_REQUEST:
        return JoinRequestObserved(key, address, answer is not None)
    if answer is None:
        return None
    try:
        told = _observed(kind, key, address, answer)
    except reference.Malformed:
        return None
    return told if told is not None and _possible(told) else None


def _possible(told: Observed) -> bool:
    """Whether its enums have values that there are."""
    match told:
        case MemberObserved():
            return told.seen.role <= OWNER
        case PaymentObserved() | RedPacketObserved():
            return told.seen.status <= LAST_STATUS
    return True


def _observed(kind: Kind, key: Hash32, address: Address, answer: bytes) -> Observed | None:
    match kind:
        case Kind.GROUP:
            group = views.group(answer)
            return GroupObserved(key, group) if keccak(group.group_id) == key else None
        case Kind.MEMBER:
            member = SeenMember(*reference.values(_MEMBER_FIELDS, views.flat(answer)))  # type: ignore[arg-type]
            return MemberObserved(key, address, member)
        case Kind.PAYMENT:
            payment = views.payment_of(answer)
            return PaymentObserved(key, payment) if payment.payment_id == key else None
        case Kind.CROWDFUNDING:
            raised = views.crowdfunding(answer)
            return PaymentObserved(key, raised) if raised.funding_id == key else None
        case Kind.RED_PACKET:
            filled = views.packet_alone(answer)
            return RedPacketObserved(key, filled) if filled.red_packet_id == key else None
        case Kind.RECIPIENTS:
            return RecipientsObserved(key, views.people(answer))
    return None
