"""Cards: which events a group's timeline shows, and what of them."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import strawberry

from api.messages.drafts import Kind
from indexer.events import definitions
from indexer.events.decode import decode
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.definitions import red_packet as packet
from indexer.units import Address, Hash32, text


@strawberry.enum(name="CardKind", description="What happened on chain that a card tells.")
class Card(Enum):
    """What a card tells."""

    CREATED = "CREATED"
    JOINED = "JOINED"
    LEFT = "LEFT"
    REMOVED = "REMOVED"
    ROLE = "ROLE"
    PAYMENT = "PAYMENT"
    RED_PACKET = "RED_PACKET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`who` did it, `words` of his own go with it."""

    card: Card
    kind: Kind
    group: Hash32
    who: Address
    words: str = ""


def card_of(row: Any) -> Told | None:
    """What the event's card tells; None where the event is none, or nobody can decode it."""
    if not row.decoded:
        return None
    topics = [one for one in (row.topic0, row.topic1, row.topic2, row.topic3) if one is not None]
    return told(decode(definitions.Contract(row.contract), topics, row.data))


def told(event: definitions.Event | None) -> Told | None:
    """What the card of an event tells, if it has one."""
    match event:
        case chat.GroupCreated():
            return _system(Card.CREATED, event.group_key, event.owner, text(event.group_name))
        case chat.MemberJoined():
            return _system(Card.JOINED, event.group_key, event.member)
        case chat.MemberLeft():
            return _system(Card.LEFT, event.group_key, event.member)
        case chat.MemberRemoved():
            return _system(Card.REMOVED, event.group_key, event.removed_by)
        case chat.RoleChanged():
            return _system(Card.ROLE, event.group_key, event.member)
        case pay.PaymentCreated():
            return _money(Card.PAYMENT, Kind.PAYMENT, event.group_key, event.initiator)
        case pay.CrowdfundingCreated():
            return _money(Card.PAYMENT, Kind.PAYMENT, event.group_key, event.initiator)
        case packet.RedPacketCreated():
            return _money(Card.RED_PACKET, Kind.RED_PACKET, event.group_key, event.sender)
    return None


def _system(card: Card, group: Hash32, who: Address, words: str = "") -> Told:
    return Told(card=card, kind=Kind.SYSTEM, group=group, who=who, words=words)


def _money(card: Card, kind: Kind, group: Hash32, who: Address) -> Told:
    return Told(card=card, kind=kind, group=group, who=who)
