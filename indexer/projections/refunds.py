"""Folds of what can be claimed back, and which cancellation credited it."""

from collections.abc import Iterable, Iterator
from typing import Final

from indexer.events.definitions import group_payment as pay
from indexer.projections.rows import RefundBalance
from indexer.projections.world import Fact, World
from indexer.units import UINT256_MAX, Address

CREDITING: Final = (pay.RefundCredited, pay.PaymentCancelled, pay.CrowdfundingCancelled)


def credited(world: World, event: pay.RefundCredited, fact: Fact) -> None:
    if row := world.refund_balances.change(event.user, fact.block):
        row.amount = min(row.amount + event.amount, UINT256_MAX)
        return
    world.refund_balances.born(
        RefundBalance(
            address=event.user,
            amount=event.amount,
            created_block=fact.block,
            updated_block=fact.block,
        )
    )


def claimed(world: World, event: pay.RefundWithdrawn, fact: Fact) -> None:
    if row := world.refund_balances.change(event.user, fact.block):
        row.amount = max(0, row.amount - event.amount)


def cancellations(facts: Iterable[Fact]) -> Iterator[tuple[Fact, tuple[Address, ...]]]:
    """Each cancellation with those whom it credited.

    RefundCredited names no payment: the cancellation that follows it in its transaction is the one.
    """
    waiting: list[Address] = []
    place = (-1, -1)
    for fact in facts:
        if type(fact.event) not in CREDITING:
            continue
        if (fact.block, fact.transaction) != place:
            place = (fact.block, fact.transaction)
            waiting.clear()
        if isinstance(fact.event, pay.RefundCredited):
            waiting.append(fact.event.user)
        else:
            yield fact, tuple(waiting)
            waiting.clear()
