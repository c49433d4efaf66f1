"""Folds of payments: collections, shares (AA) and crowdfundings, and who gave what."""

from collections.abc import Sequence
from typing import Final

from indexer.events.calls.group_payment import (
    CreateAAPayment,
    CreateCrowdfunding,
    CreateGroupCollection,
)
from indexer.events.definitions import group_payment as pay
from indexer.events.views import SeenCrowdfunding, SeenPayment
from indexer.projections import sources
from indexer.projections.rows import Contribution, Participant, Payment, Sources
from indexer.projections.world import Fact, World
from indexer.units import UINT256_MAX, Address, Hash32, clamp_time, text

AA_PAYMENT: Final = 1
CROWDFUNDING: Final = 2
ACTIVE: Final = 0
COMPLETED: Final = 1
CANCELLED: Final = 2
CROWDFUNDING_FIELDS: Final = (
    "groupId",
    "title",
    "description",
    "deadlineSeconds",
    "minContribution",
)


def payment_created(world: World, event: pay.PaymentCreated, fact: Fact) -> None:
    if world.payments.get(event.payment_id) is not None:
        return
    cause = fact.cause if isinstance(fact.cause, PaymentCause) else None
    people = () if cause is None or isinstance(cause, SeenPayment) else cause.participants
    world.payments.born(
        Payment(
            payment_id=event.payment_id,
            kind=event.payment_type,
            group_key=event.group_key,
            group_id=text(cause.group_id) if cause else None,
            initiator=event.initiator,
            target_amount=event.amount,
            collected_amount=0,
            per_person_amount=_share(event, cause),
            min_contribution=None,
            title=None,
            description=text(cause.description) if cause else "",
            deadline_seconds=cause.deadline if cause else 0,
            status=ACTIVE,
            funds_withdrawn=False,
            sources=_payment_sources(event, fact, cause),
            created_at=clamp_time(event.timestamp),
            created_block=fact.block,
            created_log=fact.log,
            updated_block=fact.block,
        )
    )
    _invite(world, event.payment_id, people, fact.block)


PaymentCause = CreateGroupCollection | CreateAAPayment | SeenPayment


def _share(event: pay.PaymentCreated, cause: PaymentCause | None) -> int | None:
    """What each participant of a shared bill pays: an equal part, rounded down."""
    match cause:
        case CreateAAPayment(participants=people) if people:
            return event.amount // len(people)
        case SeenPayment(per_person_amount=share) if event.payment_type == AA_PAYMENT:
            return share
    return None


def _payment_sources(event: pay.PaymentCreated, fact: Fact, cause: PaymentCause | None) -> Sources:
    """No view tells the participants."""
    seen = isinstance(cause, SeenPayment)
    told = sources.of(fact, cause, "groupId", "description", "deadlineSeconds")
    told |= sources.of(fact, None if seen else cause, "participants")
    if event.payment_type != AA_PAYMENT:
        return told
    share = sources.of(fact, cause, "perPersonAmount")
    return told | (share if seen else sources.ruled(cause is not None, "perPersonAmount"))


def _invite(world: World, payment: Hash32, people: Sequence[Address], block: int) -> None:
    for position, address in enumerate(people):
        world.participants.born(
            Participant(payment_id=payment, position=position, address=address, created_block=block)
        )


def crowdfunding_created(world: World, event: pay.CrowdfundingCreated, fact: Fact) -> None:
    if world.payments.get(event.funding_id) is not None:
        return
    cause = fact.cause if isinstance(fact.cause, CreateCrowdfunding | SeenCrowdfunding) else None
    world.payments.born(
        Payment(
            payment_id=event.funding_id,
            kind=CROWDFUNDING,
            group_key=event.group_key,
            group_id=text(cause.group_id) if cause else None,
            initiator=event.initiator,
            target_amount=event.target_amount,
            collected_amount=0,
            per_person_amount=None,
            min_contribution=cause.min_contribution if cause else None,
            title=text(cause.title) if cause else None,
            description=text(cause.description) if cause else "",
            deadline_seconds=cause.deadline if cause else 0,
            status=ACTIVE,
            funds_withdrawn=False,
            sources=sources.of(fact, cause, *CROWDFUNDING_FIELDS),
            created_at=clamp_time(event.timestamp),
            created_block=fact.block,
            created_log=fact.log,
            updated_block=fact.block,
        )
    )


def contributed(world: World, event: pay.PaymentContributed, fact: Fact) -> None:
    _collect(world, event.payment_id, event.amount, fact.block)
    _give(world, event.payment_id, event.contributor, event.amount, event.timestamp, fact)


def backed(world: World, event: pay.CrowdfundingBacked, fact: Fact) -> None:
    """A crowdfunding is complete once its target is reached; no event says so."""
    row = _collect(world, event.funding_id, event.amount, fact.block)
    if row is not None and row.status == ACTIVE and row.collected_amount >= row.target_amount:
        row.status = COMPLETED
    _give(world, event.funding_id, event.backer, event.amount, event.timestamp, fact)


def _collect(world: World, payment: Hash32, amount: int, block: int) -> Payment | None:
    row = world.payments.change(payment, block)
    if row is not None:
        row.collected_amount = min(row.collected_amount + amount, UINT256_MAX)
    return row


def _give(
    world: World, payment: Hash32, giver: Address, amount: int, timestamp: int, fact: Fact
) -> None:
    time = clamp_time(timestamp)
    if row := world.contributions.change((payment, giver), fact.block):
        row.amount = min(row.amount + amount, UINT256_MAX)
        row.contributed_at = time
        return
    world.contributions.born(
        Contribution(
            payment_id=payment,
            contributor=giver,
            amount=amount,
            contributed_at=time,
            created_block=fact.block,
            created_log=fact.log,
            updated_block=fact.block,
        )
    )


def completed(world: World, event: pay.PaymentCompleted, fact: Fact) -> None:
    _end(world, event.payment_id, COMPLETED, fact.block)


def payment_cancelled(world: World, event: pay.PaymentCancelled, fact: Fact) -> None:
    _cancel(world, event.payment_id, fact)


def crowdfunding_cancelled(world: World, event: pay.CrowdfundingCancelled, fact: Fact) -> None:
    _cancel(world, event.funding_id, fact)


def _cancel(world: World, payment: Hash32, fact: Fact) -> None:
    """Whoever was credited for it stands at 0 from now on. The deployed revision credits nobody."""
    _end(world, payment, CANCELLED, fact.block)
    for user in world.credited.get((fact.block, fact.log), ()):
        if row := world.contributions.change((payment, user), fact.block):
            row.amount = 0


def _end(world: World, payment: Hash32, status: int, block: int) -> None:
    if row := world.payments.change(payment, block):
        row.status = status


def withdrawn(world: World, event: pay.FundsWithdrawn, fact: Fact) -> None:
    if row := world.payments.change(event.payment_id, fact.block):
        row.funds_withdrawn = True
