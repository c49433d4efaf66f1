"""Who hears of what: one table. Pure; what an event does not name is looked up when it is told.

Only events lead to effects. What the deployed revision does silently (it mutes, rejects, dissolves
without an event) is known as a state, not as something that happened, and nobody is told of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from indexer.effects.effect import Audience, Effect, Finality, Kind, Whom
from indexer.events.definitions import Event
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.definitions import red_packet as packet
from indexer.units import Address, to_hex

EXCLUSIVE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event and the events of its transaction, it among them.

    `marked`: who joined was invited; what was given reached the target of a crowdfunding.
    """

    event: Event
    together: Sequence[Event] = ()
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Events of `of` for which `when` holds tell `to`, but not `but`."""

    of: type[Event]
    to: tuple[tuple[Whom, str] | str, ...]
    but: tuple[str, ...] = ()
    when: Callable[[Happened], bool] = field(default=lambda _: True)
    finality: Finality = Finality.LATEST


def _by_request(one: Happened) -> bool:
    """Whether an answered request let the member in."""
    return any(isinstance(other, chat.JoinRequestApproved) for other in one.together)


def _invited(one: Happened) -> bool:
    return one.marked and not _by_request(one)


def _by_oneself(one: Happened) -> bool:
    return not one.marked and not _by_request(one)


def _reached(one: Happened) -> bool:
    return one.marked


def _exclusive(one: Happened) -> bool:
    return isinstance(one.event, packet.RedPacketCreated) and one.event.packet_type == EXCLUSIVE


def _for_all(one: Happened) -> bool:
    return not _exclusive(one)


# fmt: off
POLICY: Final[tuple[tuple[Kind, Rule], ...]] = (
    (Kind.INVITED, Rule(of=chat.MemberJoined, to=("member",), when=_invited)),
    (Kind.JOINED, Rule(
        of=chat.MemberJoined, to=((Whom.ADMINS, "group_key"),), but=("member",), when=_by_oneself)),
    (Kind.ROLE_CHANGED, Rule(of=chat.RoleChanged, to=("member",))),
    (Kind.MUTED, Rule(of=chat.MemberMuted, to=("member",))),
    (Kind.REMOVED, Rule(of=chat.MemberRemoved, to=("member",))),
    (Kind.JOIN_REQUESTED, Rule(of=chat.JoinRequestCreated, to=((Whom.ADMINS, "group_key"),))),
    (Kind.REQUEST_APPROVED, Rule(of=chat.JoinRequestApproved, to=("requester",))),
    (Kind.REQUEST_REJECTED, Rule(of=chat.JoinRequestRejected, to=("requester",))),
    (Kind.PAYMENT_CREATED, Rule(
        of=pay.PaymentCreated, to=((Whom.PARTICIPANTS, "payment_id"),), but=("initiator",))),
    (Kind.PAYMENT_CREATED, Rule(
        of=pay.CrowdfundingCreated, to=((Whom.MEMBERS, "group_key"),), but=("initiator",))),
    (Kind.CONTRIBUTED, Rule(
        of=pay.PaymentContributed, to=((Whom.INITIATOR, "payment_id"),), but=("contributor",))),
    (Kind.CONTRIBUTED, Rule(
        of=pay.CrowdfundingBacked, to=((Whom.INITIATOR, "funding_id"),), but=("backer",))),
    # Whoever hears that a payment is over may act on it: not before its block is safe.
    (Kind.PAYMENT_COMPLETED, Rule(
        of=pay.PaymentCompleted, finality=Finality.SAFE,
        to=((Whom.INITIATOR, "payment_id"), (Whom.PARTICIPANTS, "payment_id")))),
    (Kind.PAYMENT_COMPLETED, Rule(
        of=pay.CrowdfundingBacked, when=_reached, finality=Finality.SAFE,
        to=((Whom.INITIATOR, "funding_id"), (Whom.CONTRIBUTORS, "funding_id")))),
    (Kind.PAYMENT_CANCELLED, Rule(
        of=pay.PaymentCancelled, but=("cancelled_by",), finality=Finality.SAFE,
        to=((Whom.PARTICIPANTS, "payment_id"), (Whom.CONTRIBUTORS, "payment_id")))),
    (Kind.PAYMENT_CANCELLED, Rule(
        of=pay.CrowdfundingCancelled, but=("cancelled_by",), finality=Finality.SAFE,
        to=((Whom.CONTRIBUTORS, "funding_id"),))),
    (Kind.PACKET_SENT, Rule(
        of=packet.RedPacketCreated, to=((Whom.MEMBERS, "group_key"),), but=("sender",),
        when=_for_all)),
    (Kind.PACKET_SENT, Rule(
        of=packet.RedPacketCreated, to=((Whom.RECIPIENTS, "red_packet_id"),), but=("sender",),
        when=_exclusive)),
    (Kind.PACKET_CLAIMED, Rule(
        of=packet.RedPacketClaimed, to=((Whom.SENDER, "red_packet_id"),), but=("claimer",))),
    (Kind.PACKET_EMPTIED, Rule(
        of=packet.RedPacketCompleted, to=((Whom.SENDER, "red_packet_id"),))),
)
# fmt: on
BY_EVENT: Final[dict[type[Event], list[tuple[Kind, Rule]]]] = {
    cls: [(kind, rule) for kind, rule in POLICY if rule.of is cls]
    for cls in dict.fromkeys(rule.of for _, rule in POLICY)
}


def effects(one: Happened) -> Iterator[Effect]:
    """What the event leads to: at most one effect of each kind."""
    for kind, rule in BY_EVENT.get(type(one.event), ()):
        if rule.when(one):
            yield _effect(kind, rule, one)


def _effect(kind: Kind, rule: Rule, one: Happened) -> Effect:
    event = one.event
    return Effect(
        kind=kind,
        people=tuple(getattr(event, name) for name in rule.to if isinstance(name, str)),
        audiences=tuple(
            Audience(name[0], getattr(event, name[1]))
            for name in rule.to
            if name[1:] and not isinstance(name, str)
        ),
        but=tuple(getattr(event, name) for name in rule.but),
        arguments={name: _plain(getattr(event, name)) for name in event.__struct_fields__},
        refunds=dict(_refunds(one)) if kind is Kind.PAYMENT_CANCELLED else {},
        finality=rule.finality,
    )


def _plain(value: Any) -> Any:
    """Bytes as hex; amounts as digits, because JSON's numbers end at 2**53."""
    if isinstance(value, bytes):
        return to_hex(value) if len(value) in (20, 32) else value.decode("utf-8", "replace")
    return value if isinstance(value, bool) else str(value)


def _refunds(one: Happened) -> Iterator[tuple[str, str]]:
    """Whom the cancellation credited: what its transaction credited since the one before it."""
    waiting: list[tuple[Address, int]] = []
    for other in one.together:
        if other is one.event:
            break
        match other:
            case pay.RefundCredited(user=user, amount=amount):
                waiting.append((user, amount))
            case pay.PaymentCancelled() | pay.CrowdfundingCancelled():
                waiting.clear()
    for user, amount in waiting:
        yield to_hex(user), str(amount)
