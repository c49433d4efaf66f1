"""What GroupPayment has to say of a payment, of who gave, and of what can be claimed back."""

from collections.abc import Iterator, Mapping

from indexer.audit import answers
from indexer.audit.check import (
    REVERTED,
    Check,
    Pairs,
    among,
    answered,
    of_address,
    of_both,
    of_id,
    value,
)
from indexer.audit.differences import Subject
from indexer.audit.holdings import PaymentHoldings, RefundHoldings
from indexer.audit.readings import (
    ABSENT,
    NOTHING,
    RETURNED,
    STAYS,
    TARGET,
    THERE,
    Reading,
)
from indexer.events import views
from indexer.events.observations import NOBODY, Kind
from indexer.projections.payments import AA_PAYMENT, CANCELLED, CROWDFUNDING
from indexer.projections.rows import Payment
from indexer.units import Address, keccak, text


def checks(holdings: PaymentHoldings) -> Iterator[Check]:
    """All questions about the payment: of a bill, for all whom it asks and all who gave."""
    given = {row.contributor: row.amount for row in holdings.contributions}
    if holdings.payment.kind == CROWDFUNDING:
        yield _crowdfunding(holdings)
        view = "getCrowdfundingContribution"
        for who, amount in given.items():
            yield _amount(holdings, view, who, amount)
        return
    yield _bill(holdings)
    for who in dict.fromkeys([*(row.address for row in holdings.participants), *given]):
        yield _amount(holdings, "getUserContribution", who, given.get(who, 0))
        yield _paid(holdings, who, given.get(who))


def _bill(holdings: PaymentHoldings) -> Check:
    row = holdings.payment

    def fields(answer: bytes) -> Mapping[Reading, Pairs]:
        told = views.payment_of(answer)
        same = [*_bill_fields(row, told)]
        nothing = row.target_amount if row.kind == AA_PAYMENT else 0
        return {
            TARGET: [*same, ("totalAmount", row.target_amount, told.total_amount)],
            NOTHING: [*same, ("totalAmount", nothing, told.total_amount)],
        }

    return Check(
        subject=holdings.entity,
        view="getPayment",
        calldata=of_id("getPayment", row.payment_id),
        judge=among(fields, TARGET, NOTHING),
        observed=(Kind.PAYMENT, row.payment_id, NOBODY),
    )


def _bill_fields(row: Payment, told: views.SeenPayment) -> Pairs:
    yield "paymentId", row.payment_id, told.payment_id
    yield "kind", row.kind, told.payment_type
    yield "perPersonAmount", row.per_person_amount or 0, told.per_person_amount
    yield from _shared(row, told)


def _shared(row: Payment, told: views.SeenPayment | views.SeenCrowdfunding) -> Pairs:
    yield "groupKey", row.group_key, keccak(told.group_id)
    yield "groupId", row.group_id, text(told.group_id)
    yield "initiator", row.initiator, told.initiator
    yield "targetAmount", row.target_amount, told.target_amount
    yield "collectedAmount", row.collected_amount, told.collected_amount
    yield "description", row.description, text(told.description)
    yield "deadlineSeconds", row.deadline_seconds, told.deadline
    yield "status", row.status, told.status


def _crowdfunding(holdings: PaymentHoldings) -> Check:
    row = holdings.payment

    def fields(answer: bytes) -> Pairs:
        told = views.crowdfunding(answer)
        yield "fundingId", row.payment_id, told.funding_id
        yield "title", row.title, text(told.title)
        yield "minContribution", row.min_contribution, told.min_contribution
        yield from _shared(row, told)

    return Check(
        subject=holdings.entity,
        view="getCrowdfunding",
        calldata=of_id("getCrowdfunding", row.payment_id),
        judge=answered(fields),
        observed=(Kind.CROWDFUNDING, row.payment_id, NOBODY),
    )


def _amount(holdings: PaymentHoldings, view: str, who: Address, amount: int) -> Check:
    return Check(
        subject=holdings.entity,
        view=view,
        of=who,
        calldata=of_both(view, holdings.payment.payment_id, who),
        judge=value("contribution", amount, answers.number),
    )


def _paid(holdings: PaymentHoldings, who: Address, amount: int | None) -> Check:
    """`amount`: what stands to the account of whoever gave, 0 once it was credited back."""
    returned = holdings.payment.status == CANCELLED and amount == 0

    def fields(answer: bytes) -> Mapping[Reading, Pairs]:
        told = answers.flag(answer)
        return {
            STAYS: [("hasPaid", amount is not None, told)],
            RETURNED: [("hasPaid", amount is not None and not returned, told)],
        }

    return Check(
        subject=holdings.entity,
        view="hasUserPaid",
        of=who,
        calldata=of_both("hasUserPaid", holdings.payment.payment_id, who),
        judge=among(fields, STAYS, RETURNED),
    )


def refund(holdings: RefundHoldings) -> Check:
    """What awaits the address."""
    return pending(holdings.entity, holdings.balance.address, holdings.balance.amount)


def pending(subject: Subject, user: Address, amount: int) -> Check:
    """What the address can claim back. Where the contract has no such view, it can be nothing."""

    def judge(answer: bytes | None) -> Mapping[Reading, Pairs]:
        told = REVERTED if answer is None else answers.number(answer)
        absent = 0 if told == REVERTED else told
        exists = [] if told == REVERTED else [("pendingRefunds", REVERTED, told)]
        return {
            THERE: [("pendingRefund", amount, told)],
            ABSENT: [*exists, ("pendingRefund", amount, absent)],
        }

    return Check(
        subject=subject,
        view="pendingRefunds",
        of=user,
        calldata=of_address("pendingRefunds", user),
        judge=judge,
    )
