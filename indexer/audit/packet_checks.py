"""What RedPacket has to say of a packet, whom it is for, and who took which share."""

from collections.abc import Iterator, Sequence
from typing import Final

from indexer.audit import answers
from indexer.audit.check import (
    Check,
    Context,
    Judge,
    Observes,
    Pairs,
    answered,
    of_both,
    of_id,
    value,
)
from indexer.audit.holdings import PacketHoldings
from indexer.events import views
from indexer.events.observations import NOBODY, Kind
from indexer.projections.red_packets import ACTIVE, EXCLUSIVE
from indexer.projections.rows import RedPacket
from indexer.units import Address, clamp_time, keccak, text

STRANGER: Final = Address(bytes.fromhex("000000000000000000000000000000000000dead"))
"""Nobody's: takes part in nothing."""


def checks(holdings: PacketHoldings, context: Context) -> Iterator[Check]:
    """All questions about the packet: for all whom it is for, all who claimed, its sender, and
    somebody who has nothing to do with it."""
    yield _packet(holdings)
    yield _list(holdings, "getClaimRecords", _records(holdings))
    recipients = tuple(row.address for row in holdings.recipients)
    claimers = tuple(row.claimer for row in holdings.claims)
    yield _list(
        holdings,
        "getExclusiveRecipients",
        value("recipients", recipients, _people),
        observed=(Kind.RECIPIENTS, holdings.packet.packet_id, NOBODY),
    )
    yield _list(holdings, "getRedPacketRecipients", value("claimers", claimers, _people))
    taken = {row.claimer: row.amount for row in holdings.claims}
    for who in dict.fromkeys([holdings.packet.sender, *recipients, *claimers, STRANGER]):
        yield from _person(holdings, who, taken.get(who), recipients, context)


def _people(answer: bytes) -> tuple[Address, ...]:
    return answers.addresses(answer)


def _packet(holdings: PacketHoldings) -> Check:
    row = holdings.packet
    return Check(
        subject=holdings.entity,
        view="getRedPacket",
        calldata=of_id("getRedPacket", row.packet_id),
        judge=answered(lambda answer: _fields(row, views.packet_alone(answer))),
        observed=(Kind.RED_PACKET, row.packet_id, NOBODY),
    )


def _fields(row: RedPacket, told: views.SeenPacket) -> Pairs:
    yield "redPacketId", row.packet_id, told.red_packet_id
    yield "kind", row.kind, told.packet_type
    yield "groupKey", row.group_key, keccak(told.group_id)
    yield "groupId", row.group_id, text(told.group_id)
    yield "sender", row.sender, told.sender
    yield "message", row.message, text(told.message)
    yield "totalAmount", row.total_amount, told.total_amount
    yield "remainingAmount", row.remaining_amount, told.remaining_amount
    yield "totalCount", row.total_count, told.total_count
    yield "remainingCount", row.remaining_count, told.remaining_count
    yield "fixedAmount", row.fixed_amount or 0, told.fixed_amount
    yield "createdAt", row.created_at, clamp_time(told.created_at)
    yield "expiresAt", row.expires_at, clamp_time(told.expire_at)
    yield "status", row.status, told.status


def _records(holdings: PacketHoldings) -> Judge:
    def pairs(answer: bytes) -> Pairs:
        told = answers.claim_records(answer)
        claims = holdings.claims
        yield "claimers", [row.claimer for row in claims], [one.claimer for one in told]
        for row, one in zip(claims, told, strict=False):
            yield "redPacketId", row.packet_id, one.packet_id
            yield "amount", row.amount, one.amount
            yield "order", row.claim_order, one.order
            yield "claimedAt", row.claimed_at, clamp_time(one.claimed_at)

    return answered(pairs)


def _list(
    holdings: PacketHoldings, view: str, judge: Judge, *, observed: Observes | None = None
) -> Check:
    return Check(
        subject=holdings.entity,
        view=view,
        calldata=of_id(view, holdings.packet.packet_id),
        judge=judge,
        observed=observed,
    )


def _person(
    holdings: PacketHoldings,
    who: Address,
    taken: int | None,
    recipients: Sequence[Address],
    context: Context,
) -> Iterator[Check]:
    open_to = _is_open(holdings.packet, context.time) and who != holdings.packet.sender
    named = holdings.packet.kind != EXCLUSIVE or who in recipients
    for view, judge in (
        ("hasUserClaimed", value("claimed", taken is not None, answers.flag)),
        ("getUserClaimAmount", value("amount", taken or 0, answers.number)),
        ("isClaimable", value("claimable", open_to and named and taken is None, answers.flag)),
    ):
        calldata = of_both(view, holdings.packet.packet_id, who)
        yield Check(subject=holdings.entity, view=view, of=who, calldata=calldata, judge=judge)


def _is_open(row: RedPacket, time: int) -> bool:
    """Whether there is a share left to be claimed; the last second of its life counts."""
    return row.status == ACTIVE and row.remaining_count > 0 and row.expires_at >= clamp_time(time)
