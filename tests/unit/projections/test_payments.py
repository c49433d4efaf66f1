"""Collections, shares and crowdfundings, who gave what, and what can be claimed back."""

import pytest

from indexer.events.calls.group_payment import (
    CreateAAPayment,
    CreateCrowdfunding,
    CreateGroupCollection,
)
from indexer.events.definitions import group_payment as pay
from indexer.projections.rows import Payment
from indexer.projections.world import World
from indexer.units import UINT256_MAX, Address, Hash32, keccak
from tests.unit.projections.tale import ADA, BOB, EVE, GROUP, NOON, OTHER_POT, POT, Tale

ACTIVE, COMPLETED, CANCELLED = 0, 1, 2
CREATED = pay.PaymentCreated(POT, GROUP, ADA, 0, 100, NOON)
FUNDING = pay.CrowdfundingCreated(POT, GROUP, ADA, 100, NOON)


def payment(tale: Tale, which: Hash32 = POT) -> Payment:
    row = tale.world().payments.get(which)
    assert row is not None
    return row


def gave(who: Address, amount: int, pot: Hash32 = POT) -> pay.PaymentContributed:
    return pay.PaymentContributed(pot, who, amount, NOON)


def given_by(world: World, who: Address, pot: Hash32 = POT) -> int:
    row = world.contributions.get((pot, who))
    assert row is not None
    return row.amount


def refunds(world: World) -> dict[Address, int]:
    return {row.address: row.amount for row in world.refund_balances.rows.values() if row}


def test_a_collection_has_what_its_call_says() -> None:
    call = CreateGroupCollection(b"group_1", 100, (BOB, EVE, BOB), b"rent", 2**40)
    tale = Tale().say(CREATED, call=call)
    row = payment(tale)
    assert (row.kind, row.group_id, row.initiator, row.target_amount) == (0, "group_1", ADA, 100)
    assert (row.description, row.deadline_seconds) == ("rent", 2**40)
    assert (row.per_person_amount, row.min_contribution, row.title) == (None, None, None)
    people = [(p.position, p.address) for p in tale.world().participants.rows.values() if p]
    assert people == [(0, BOB), (1, EVE), (2, BOB)]


@pytest.mark.parametrize(("people", "share"), [((BOB, EVE, ADA), 33), ((), None)])
def test_shares_are_rounded_down(people: tuple[Address, ...], share: int | None) -> None:
    created = pay.PaymentCreated(POT, GROUP, ADA, 1, 100, NOON)
    call = CreateAAPayment(b"group_1", 100, people, b"", 0)
    row = payment(Tale().say(created, call=call))
    assert (row.kind, row.per_person_amount) == (1, share)


def test_a_crowdfunding_has_what_its_call_says() -> None:
    call = CreateCrowdfunding(b"nowhere", 100, 7, b"Roof", b"leaks", UINT256_MAX)
    row = payment(Tale().say(FUNDING, call=call))
    assert (row.kind, row.min_contribution, row.title, row.description) == (2, 7, "Roof", "leaks")
    assert (row.group_id, row.deadline_seconds) == ("nowhere", UINT256_MAX)


def test_payments_without_a_known_call_are_kept_under_their_group_s_hash() -> None:
    row = payment(Tale().say(pay.PaymentCreated(POT, keccak(b"?"), ADA, 1, 9, NOON)))
    assert (row.group_key, row.group_id, row.description) == (keccak(b"?"), None, "")
    assert (row.per_person_amount, row.deadline_seconds) == (None, 0)
    row = payment(Tale().say(FUNDING))
    assert (row.group_id, row.title, row.min_contribution) == (None, None, None)


def test_a_collection_may_overshoot_and_completes_when_told() -> None:
    tale = Tale().say(CREATED).say(gave(BOB, 60)).say(gave(EVE, 70))
    assert payment(tale).status == ACTIVE
    tale.say(pay.PaymentCompleted(POT, 130, NOON))
    tale.say(pay.FundsWithdrawn(POT, ADA, 130, NOON))
    row = payment(tale)
    assert (row.collected_amount, row.status, row.funds_withdrawn) == (130, COMPLETED, True)


def test_a_crowdfunding_completes_without_an_event() -> None:
    tale = Tale().say(FUNDING).say(pay.CrowdfundingBacked(POT, BOB, 99, NOON))
    assert payment(tale).status == ACTIVE
    tale.say(pay.CrowdfundingBacked(POT, BOB, 1, NOON))
    row = payment(tale)
    assert (row.status, row.collected_amount, row.funds_withdrawn) == (COMPLETED, 100, False)
    assert given_by(tale.world(), BOB) == 100


def test_a_cancelled_crowdfunding_stays_so_whatever_is_given() -> None:
    tale = Tale().say(FUNDING).say(pay.CrowdfundingCancelled(POT, ADA, NOON))
    tale.say(pay.CrowdfundingBacked(POT, BOB, 500, NOON))
    assert payment(tale).status == CANCELLED


def test_a_cancellation_credits_everybody_and_keeps_what_was_collected() -> None:
    tale = Tale().say(CREATED).say(gave(BOB, 60)).say(gave(EVE, 30))
    tale.block(2).say(
        pay.RefundCredited(BOB, 60),
        pay.RefundCredited(EVE, 30),
        pay.PaymentCancelled(POT, ADA, NOON),
    )
    world, row = tale.world(), payment(tale)
    assert (row.status, row.collected_amount) == (CANCELLED, 90)
    assert (given_by(world, BOB), given_by(world, EVE)) == (0, 0)
    assert refunds(world) == {BOB: 60, EVE: 30}


def test_several_cancellations_of_one_transaction_each_have_their_own_credits() -> None:
    other = pay.CrowdfundingCreated(OTHER_POT, GROUP, ADA, 10**6, NOON)
    tale = Tale().say(CREATED).say(other)
    tale.say(gave(BOB, 60)).say(pay.CrowdfundingBacked(OTHER_POT, BOB, 5, NOON))
    tale.say(gave(EVE, 1)).say(pay.CrowdfundingBacked(OTHER_POT, EVE, 8, NOON))
    tale.say(
        pay.RefundCredited(BOB, 60),
        pay.PaymentCancelled(POT, ADA, NOON),
        pay.RefundCredited(EVE, 8),
        pay.CrowdfundingCancelled(OTHER_POT, ADA, NOON),
    )
    world = tale.world()
    assert [given_by(world, who, POT) for who in (BOB, EVE)] == [0, 1]
    assert [given_by(world, who, OTHER_POT) for who in (BOB, EVE)] == [5, 0]
    assert refunds(world) == {BOB: 60, EVE: 8}


def test_credits_of_another_transaction_or_block_are_not_the_cancellation_s() -> None:
    tale = Tale().say(CREATED).say(gave(BOB, 60))
    tale.say(pay.RefundCredited(BOB, 60)).say(pay.PaymentCancelled(POT, ADA, NOON))
    assert given_by(tale.world(), BOB) == 60
    tale = Tale().say(CREATED, gave(BOB, 60)).block(2).say(pay.RefundCredited(BOB, 60))
    tale.block(3).say(pay.PaymentCancelled(POT, ADA, NOON))
    assert given_by(tale.world(), BOB) == 60


def test_the_deployed_revision_cancels_without_credits() -> None:
    tale = Tale().say(CREATED).say(gave(BOB, 60)).say(pay.PaymentCancelled(POT, ADA, NOON))
    world = tale.world()
    assert payment(tale).status == CANCELLED
    assert (given_by(world, BOB), refunds(world)) == (60, {})


def test_refunds_add_up_and_are_claimed() -> None:
    tale = Tale().say(pay.RefundCredited(BOB, 60)).say(pay.RefundCredited(BOB, 40))
    assert refunds(tale.world()) == {BOB: 100}
    tale.say(pay.RefundWithdrawn(BOB, 100))
    assert refunds(tale.world()) == {BOB: 0}
    tale.say(pay.RefundCredited(BOB, 7))
    assert refunds(tale.world()) == {BOB: 7}


def test_claims_of_nothing_take_nothing() -> None:
    tale = Tale().say(pay.RefundWithdrawn(BOB, 5))
    assert refunds(tale.world()) == {}
    tale.say(pay.RefundCredited(BOB, 3)).say(pay.RefundWithdrawn(BOB, UINT256_MAX))
    assert refunds(tale.world()) == {BOB: 0}


def test_sums_stop_at_the_largest_number() -> None:
    tale = Tale().say(CREATED).say(gave(BOB, UINT256_MAX)).say(gave(BOB, UINT256_MAX))
    for _ in range(2):
        tale.say(pay.RefundCredited(BOB, UINT256_MAX))
    world = tale.world()
    assert payment(tale).collected_amount == UINT256_MAX
    assert given_by(world, BOB) == UINT256_MAX
    assert refunds(world) == {BOB: UINT256_MAX}


def test_a_second_creation_of_the_same_payment_is_ignored() -> None:
    again = CreateGroupCollection(b"group_1", 100, (EVE,), b"other", 5)
    tale = Tale().say(CREATED).say(gave(BOB, 9))
    tale.block(2).say(CREATED, call=again).say(FUNDING)
    row = payment(tale)
    assert (row.kind, row.description, row.collected_amount, row.updated_block) == (0, "", 9, 1)
    assert tale.world().participants.rows == {}


def test_what_happens_to_an_unknown_payment_is_kept_as_far_as_it_goes() -> None:
    tale = Tale().say(gave(BOB, 5)).say(pay.PaymentCompleted(POT, 5, NOON))
    tale.say(pay.FundsWithdrawn(POT, ADA, 5, NOON)).say(pay.PaymentCancelled(POT, ADA, NOON))
    tale.say(pay.CrowdfundingCancelled(OTHER_POT, ADA, NOON), gave(EVE, 1, OTHER_POT))
    world = tale.world()
    assert world.payments.rows == {}
    assert (given_by(world, BOB), given_by(world, EVE, OTHER_POT)) == (5, 1)
