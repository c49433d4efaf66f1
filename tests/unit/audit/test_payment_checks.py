"""A payment is what its view says; where the revisions differ, one reading has to fit."""

from typing import Any

import pytest

from indexer.audit.check import Check, Context
from indexer.audit.checks import checks
from indexer.audit.holdings import PaymentHoldings, RefundHoldings
from indexer.audit.readings import ABSENT, NOTHING, RETURNED, STAYS, TARGET, THERE
from indexer.projections import rows
from indexer.projections.entities import Entity, EntityKind
from tests.unit.audit import answers
from tests.unit.audit.model import ADA, BOB, CID, only, payment, told


def asked(holdings: PaymentHoldings) -> list[Check]:
    return list(checks(holdings, Context(time=0)))


def fields(check: Check, answer: bytes | None) -> list[str]:
    return [one.field for one in check.differences(answer)]


def under(check: Check, answer: bytes | None) -> dict[str, int]:
    """Reading → how many differences."""
    return {reading: len(found) for reading, found in check.readings(answer).items()}


def test_what_is_the_same_does_not_differ() -> None:
    for kind in (0, 1):
        assert fields(only(asked(payment(kind=kind)), "getPayment"), answers.payment(kind)) == []
    raised = only(asked(payment(kind=2)), "getCrowdfunding")
    assert fields(raised, answers.crowdfunding()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", 0),
        ("initiator", BOB),
        ("targetAmount", 7),
        ("collectedAmount", 1),
        ("perPersonAmount", 2),
        ("description", b"drink"),
        ("deadlineSeconds", 1),
        ("status", 2),
        ("totalAmount", 5),
    ],
)
def test_each_field_that_differs_is_named(field: str, value: Any) -> None:
    check = only(asked(payment()), "getPayment")
    assert fields(check, answers.payment(**{field: value})) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("initiator", BOB),
        ("targetAmount", 7),
        ("collectedAmount", 1),
        ("minContribution", 3),
        ("title", b"wall"),
        ("description", b"drink"),
        ("deadlineSeconds", 1),
        ("status", 2),
    ],
)
def test_each_field_of_a_crowdfunding_that_differs_is_named(field: str, value: Any) -> None:
    check = only(asked(payment(kind=2)), "getCrowdfunding")
    assert fields(check, answers.crowdfunding(**{field: value})) == [field]


def test_another_group_is_told_by_its_hash_and_by_its_name() -> None:
    check = only(asked(payment()), "getPayment")
    assert fields(check, answers.payment(groupId=b"dinner")) == ["groupKey", "groupId"]


def test_a_payment_that_the_contract_does_not_know_differs() -> None:
    check = only(asked(payment()), "getPayment")
    nothing: dict[str, Any] = dict.fromkeys(("targetAmount", "totalAmount", "deadlineSeconds"), 0)
    empty = answers.payment(paymentId=bytes(32), groupId=b"", description=b"", **nothing)
    assert fields(check, None) == ["answer"]
    assert "paymentId" in fields(check, empty)


def test_the_total_of_a_collection_is_its_target_or_nothing() -> None:
    check = only(asked(payment(kind=0)), "getPayment")
    assert under(check, answers.payment(0)) == {TARGET: 0, NOTHING: 1}
    assert under(check, answers.payment(0, totalAmount=0)) == {TARGET: 1, NOTHING: 0}
    shared = only(asked(payment(kind=1)), "getPayment")
    assert under(shared, answers.payment(1)) == {TARGET: 0, NOTHING: 0}
    assert under(shared, answers.payment(1, totalAmount=0)) == {TARGET: 1, NOTHING: 1}


def test_all_whom_a_bill_names_and_all_who_gave_are_asked_about_once() -> None:
    found = asked(payment(given=[(CID, 3)]))
    about = [one.of for one in found if one.view == "getUserContribution"]
    assert about == [ADA, BOB, CID]
    assert fields(only(found, "getUserContribution", CID), told("uint256", 3)) == []
    assert fields(only(found, "getUserContribution", BOB), told("uint256", 1)) == ["contribution"]


def test_backers_are_asked_about_by_the_view_of_crowdfundings() -> None:
    found = asked(payment(kind=2, given=[(CID, 3)]))
    assert [one.view for one in found] == ["getCrowdfunding", "getCrowdfundingContribution"]
    assert fields(found[1], told("uint256", 2)) == ["contribution"]


@pytest.mark.parametrize(
    ("status", "amount", "paid", "stays", "returned"),
    [
        (0, 3, True, 0, 0),
        (0, 3, False, 1, 1),
        (2, 0, True, 0, 1),
        (2, 0, False, 1, 0),
        (2, 3, True, 0, 0),
        (2, 3, False, 1, 1),
    ],
)
def test_after_a_refund_was_credited_one_has_paid_or_has_not(
    status: int, amount: int, paid: bool, stays: int, returned: int
) -> None:
    check = only(asked(payment(given=[(BOB, amount)], status=status)), "hasUserPaid", BOB)
    assert under(check, told("bool", paid)) == {STAYS: stays, RETURNED: returned}


def test_whoever_gave_nothing_has_not_paid() -> None:
    check = only(asked(payment()), "hasUserPaid", ADA)
    assert fields(check, told("bool", False)) == []
    assert fields(check, told("bool", True)) == ["hasPaid"]


def test_a_refund_waits_or_there_is_no_such_view() -> None:
    def balance(amount: int) -> Check:
        row = rows.RefundBalance(address=ADA, amount=amount, created_block=1, updated_block=1)
        entity = Entity(EntityKind.REFUND, ADA)
        [check] = checks(RefundHoldings(entity=entity, balance=row), Context(time=0))
        return check

    assert under(balance(5), told("uint256", 5)) == {THERE: 0, ABSENT: 1}
    assert under(balance(5), told("uint256", 4)) == {THERE: 1, ABSENT: 2}
    assert under(balance(5), None) == {THERE: 1, ABSENT: 1}
    assert under(balance(0), None) == {THERE: 1, ABSENT: 0}
