"""Which fact changes what: every fold, and the rows that it has to have at hand, on one screen."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from indexer.events.definitions import Event
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.definitions import red_packet as packet
from indexer.events.observations import (
    GroupObserved,
    JoinRequestObserved,
    MemberObserved,
    Observed,
    PaymentObserved,
    RecipientsObserved,
    RedPacketObserved,
)
from indexer.projections import groups, members, observed, payments, red_packets, refunds

Fold = Callable[[Any, Any, Any], None]
"""(world, event, fact): changes the world."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A fold, and the keys it touches: (projection, the key's value taken from the event)."""

    fold: Fold
    touches: tuple[tuple[str, Callable[[Event | Observed], Any]], ...]


def by(fold: Fold, **touches: str) -> Rule:
    """`members="group_key member"`: the fold needs the member whose key these two fields are."""
    return Rule(fold, tuple((name, attrgetter(*key.split())) for name, key in touches.items()))


# fmt: off
RULES: Final[dict[type[Event | Observed], Rule]] = {
    chat.GroupCreated: by(groups.created, groups="group_key", members="group_key owner"),
    chat.GroupSettingsUpdated: by(groups.settings_updated, groups="group_key"),
    chat.GroupInfoUpdated: by(groups.info_updated, groups="group_key"),
    chat.GroupDissolved: by(groups.dissolved, groups="group_key"),
    chat.GroupOwnershipTransferred: by(
        groups.ownership_transferred, groups="group_key", members="group_key new_owner"
    ),
    chat.MemberJoined: by(members.joined, groups="group_key", members="group_key member"),
    chat.MemberLeft: by(members.left, groups="group_key", members="group_key member"),
    chat.MemberRemoved: by(members.left, groups="group_key", members="group_key member"),
    chat.RoleChanged: by(members.role_changed, groups="group_key", members="group_key member"),
    chat.MemberMuted: by(members.muted, members="group_key member"),
    chat.JoinRequestCreated: by(members.requested, join_requests="group_key requester"),
    chat.JoinRequestApproved: by(members.answered, join_requests="group_key requester"),
    chat.JoinRequestRejected: by(members.answered, join_requests="group_key requester"),
    pay.PaymentCreated: by(payments.payment_created, payments="payment_id"),
    pay.PaymentContributed: by(
        payments.contributed, payments="payment_id", contributions="payment_id contributor"
    ),
    pay.PaymentCompleted: by(payments.completed, payments="payment_id"),
    pay.PaymentCancelled: by(payments.payment_cancelled, payments="payment_id"),
    pay.FundsWithdrawn: by(payments.withdrawn, payments="payment_id"),
    pay.CrowdfundingCreated: by(payments.crowdfunding_created, payments="funding_id"),
    pay.CrowdfundingBacked: by(
        payments.backed, payments="funding_id", contributions="funding_id backer"
    ),
    pay.CrowdfundingCancelled: by(payments.crowdfunding_cancelled, payments="funding_id"),
    pay.RefundCredited: by(refunds.credited, refund_balances="user"),
    pay.RefundWithdrawn: by(refunds.claimed, refund_balances="user"),
    packet.RedPacketCreated: by(red_packets.created, red_packets="red_packet_id"),
    packet.RedPacketClaimed: by(
        red_packets.claimed, red_packets="red_packet_id", claims="red_packet_id claimer"
    ),
    packet.RedPacketCompleted: by(red_packets.completed, red_packets="red_packet_id"),
    packet.RedPacketExpired: by(red_packets.expired, red_packets="red_packet_id"),
    packet.RedPacketRefunded: by(red_packets.refunded, red_packets="red_packet_id"),
    GroupObserved: by(observed.group, groups="group_key"),
    MemberObserved: by(observed.member, members="group_key member"),
    JoinRequestObserved: by(observed.join_request, join_requests="group_key requester"),
    PaymentObserved: by(observed.payment, payments="payment_id"),
    RedPacketObserved: by(observed.red_packet, red_packets="red_packet_id"),
    RecipientsObserved: by(observed.recipients, red_packets="red_packet_id"),
}
# fmt: on
"""Paused, Unpaused and OwnershipTransferred change no projection: they are facts only."""
