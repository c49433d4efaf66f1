"""The types whose fields can be compiled: what `api.types` has in its `of`, as SQL.

A field that is not here is answered by the resolvers, and so is every operation that selects it.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    Double,
    case,
    cast,
    func,
    literal_column,
    select,
)

from api.compiled import text as t
from api.compiled.events import BLOCK_FIELDS, EVENT
from api.compiled.field import Field, Kinds, Make, found_by
from api.compiled.lists import listed
from api.compiled.makes import enum, identity, maybe, of, plain
from api.compiled.text import Json, joined
from api.reads import groups, payments, red_packets
from api.reads.events import (
    GROUP_EVENT_LIST,
    PAYMENT_EVENT_LIST,
    RED_PACKET_EVENT_LIST,
)
from api.types import inputs
from indexer.units import LATEST_SECONDS


def _deadline(field: Field) -> Json:
    seconds = field.column("deadline_seconds")
    moment = t.time(func.to_timestamp(cast(seconds, Double)))
    known = seconds <= literal_column(str(LATEST_SECONDS))
    return (case((known, joined(moment)), else_=t.fixed("null")),)


def _group(field: Field) -> Json:
    return field.looked_up(groups.GROUP, field.column("group_key"))


def _own_group(field: Field) -> Json:
    return field.looked_up(groups.GROUP, field.column("group_key"), promised=True)


def _group_id(field: Field) -> Json:
    """As the payment or packet has it, else as its group has it."""
    found = found_by(groups.GROUP, field.moment, [field.column("group_key")], field.row).subquery()
    named = func.coalesce(field.column("group_id"), select(found.c.group_id).scalar_subquery())
    return (func.coalesce(func.to_json(named), literal_column("'null'::json")),)


def _addresses(rows_of: Callable[..., Any], column: str) -> Make:
    """A list of addresses in the order of the creating call."""

    def make(field: Field) -> Json:
        rows = rows_of(field.moment, field.column(column)).correlate(field.row).subquery()
        whole = t.array_of(joined(t.address(rows.c.address)), rows.c.position)
        return (select(joined(whole)).scalar_subquery(),)

    return make


def _named(lookup: Any, *columns: str) -> Make:
    """The thing that has the row's columns and the argument `address` as its key."""

    def make(field: Field) -> Json:
        key = (*(field.column(name) for name in columns), field.arguments["address"])
        return field.looked_up(lookup, *key)

    return make


def _user(field: Field) -> Json:
    return field.object(field.row)


def _refunded(field: Field) -> Json:
    found = found_by(payments.PAYMENT, field.moment, [field.column("payment_id")], field.row)
    row = found.subquery()
    cancelled = row.c.status == inputs.PaymentStatus.CANCELLED.value
    text = select(joined(t.boolean(cancelled))).scalar_subquery()
    return (func.coalesce(text, t.fixed(t.UNSAID)),)


def _best_claim(field: Field) -> Json:
    found = red_packets.luckiest(field.moment, field.column("packet_id")).correlate(field.row)
    empty = field.column("remaining_count") <= literal_column("0")
    return (case((empty, joined(field.one(found))), else_=t.fixed("null")),)


def _pending_refund(field: Field) -> Json:
    found = found_by(payments.REFUND_BALANCE, field.moment, [field.column("address")], field.row)
    amount = select(found.subquery().c.amount).scalar_subquery()
    return t.quoted(func.coalesce(amount, literal_column("0")))


BORN: Final[dict[str, Make]] = {
    "createdAt": of(t.time, "created_at"),
    "createdBlock": of(t.int32, "created_block"),
    "updatedBlock": of(t.int32, "updated_block"),
    "sources": of(plain, "sources"),
}
GROUP: Final[dict[str, Make]] = {
    "id": identity("Group", "key"),
    "groupId": maybe(t.string, "group_id"),
    "key": of(t.hexed, "key"),
    "name": of(t.string, "name"),
    "avatar": of(t.string, "avatar"),
    "description": of(t.string, "description"),
    "owner": of(t.address, "owner"),
    "isPublic": of(t.boolean, "is_public"),
    "allowMemberInvite": of(t.boolean, "allow_member_invite"),
    "requireApproval": of(t.boolean, "require_approval"),
    "maxMembers": of(t.quoted, "max_members"),
    "muteAll": of(t.boolean, "mute_all"),
    "isActive": of(t.boolean, "is_active"),
    "memberCount": of(t.int32, "member_count"),
    **BORN,
    "member": _named(groups.MEMBER, "key"),
    "members": listed(groups.MEMBER_LIST, "key"),
    "joinRequests": listed(groups.JOIN_REQUEST_LIST, "key"),
    "payments": listed(payments.GROUP_PAYMENT_LIST, "key"),
    "redPackets": listed(red_packets.GROUP_RED_PACKET_LIST, "key"),
    "events": listed(GROUP_EVENT_LIST, "key"),
}
MEMBER: Final[dict[str, Make]] = {
    "id": identity("Member", "group_key", "address"),
    "address": of(t.address, "address"),
    "role": enum(inputs.Role, "role"),
    "joinedAt": of(t.time, "joined_at"),
    "isMuted": of(t.boolean, "is_muted"),
    "group": _own_group,
    "user": _user,
}
JOIN_REQUEST: Final[dict[str, Make]] = {
    "id": identity("JoinRequest", "group_key", "requester"),
    "requester": of(t.address, "requester"),
    "requestedAt": of(t.time, "requested_at"),
    "group": _own_group,
}
PAYMENT: Final[dict[str, Make]] = {
    "id": identity("Payment", "payment_id"),
    "paymentId": of(t.hexed, "payment_id"),
    "kind": enum(inputs.PaymentKind, "kind"),
    "groupKey": of(t.hexed, "group_key"),
    "groupId": _group_id,
    "group": _group,
    "initiator": of(t.address, "initiator"),
    "participants": _addresses(payments.asked, "payment_id"),
    "targetAmount": of(t.quoted, "target_amount"),
    "collectedAmount": of(t.quoted, "collected_amount"),
    "perPersonAmount": maybe(t.quoted, "per_person_amount"),
    "minContribution": maybe(t.quoted, "min_contribution"),
    "title": maybe(t.string, "title"),
    "description": of(t.string, "description"),
    "deadline": _deadline,
    "deadlineSeconds": of(t.quoted, "deadline_seconds"),
    "status": enum(inputs.PaymentStatus, "status"),
    "fundsWithdrawn": of(t.boolean, "funds_withdrawn"),
    **BORN,
    "contribution": _named(payments.CONTRIBUTION, "payment_id"),
    "contributions": listed(payments.CONTRIBUTION_LIST, "payment_id"),
    "events": listed(PAYMENT_EVENT_LIST, "payment_id"),
}
CONTRIBUTION: Final[dict[str, Make]] = {
    "id": identity("Contribution", "payment_id", "contributor"),
    "contributor": of(t.address, "contributor"),
    "amount": of(t.quoted, "amount"),
    "refunded": _refunded,
    "contributedAt": of(t.time, "contributed_at"),
    "payment": lambda field: field.looked_up(
        payments.PAYMENT, field.column("payment_id"), promised=True
    ),
}
RED_PACKET: Final[dict[str, Make]] = {
    "id": identity("RedPacket", "packet_id"),
    "redPacketId": of(t.hexed, "packet_id"),
    "kind": enum(inputs.RedPacketKind, "kind"),
    "groupKey": of(t.hexed, "group_key"),
    "groupId": _group_id,
    "group": _group,
    "sender": of(t.address, "sender"),
    "message": of(t.string, "message"),
    "totalAmount": of(t.quoted, "total_amount"),
    "remainingAmount": of(t.quoted, "remaining_amount"),
    "totalCount": of(t.int32, "total_count"),
    "remainingCount": of(t.int32, "remaining_count"),
    "fixedAmount": maybe(t.quoted, "fixed_amount"),
    "exclusiveRecipients": _addresses(red_packets.named, "packet_id"),
    "status": enum(inputs.RedPacketStatus, "status"),
    "expiresAt": of(t.time, "expires_at"),
    **BORN,
    "bestClaim": _best_claim,
    "claim": _named(red_packets.CLAIM, "packet_id"),
    "claims": listed(red_packets.CLAIM_LIST, "packet_id"),
    "events": listed(RED_PACKET_EVENT_LIST, "packet_id"),
}
CLAIM: Final[dict[str, Make]] = {
    "id": identity("Claim", "packet_id", "claimer"),
    "claimer": of(t.address, "claimer"),
    "amount": of(t.quoted, "amount"),
    "order": of(t.int32, "claim_order"),
    "claimedAt": of(t.time, "claimed_at"),
    "redPacket": lambda field: field.looked_up(
        red_packets.RED_PACKET, field.column("packet_id"), promised=True
    ),
}
USER: Final[dict[str, Make]] = {
    "id": identity("User", "address"),
    "address": of(t.address, "address"),
    "pendingRefund": _pending_refund,
    "memberships": listed(groups.MEMBERSHIP_LIST, "address"),
    "payments": listed(payments.USER_PAYMENT_LIST, "address"),
    "redPacketsSent": listed(red_packets.SENT_RED_PACKET_LIST, "address"),
    "claims": listed(red_packets.USER_CLAIM_LIST, "address"),
}
KINDS: Final[Kinds] = {
    "Group": GROUP,
    "Member": MEMBER,
    "JoinRequest": JOIN_REQUEST,
    "Payment": PAYMENT,
    "Contribution": CONTRIBUTION,
    "RedPacket": RED_PACKET,
    "Claim": CLAIM,
    "User": USER,
    "Block": BLOCK_FIELDS,
    "Event": EVENT,
}
