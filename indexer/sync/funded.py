"""Which contribution reached a crowdfunding's target: the projection tells, for no event does."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from psycopg import Cursor

from indexer.events.definitions import group_payment as pay
from indexer.projections.world import Fact
from indexer.units import Hash32

COLLECTED: Final = """
SELECT payment_id, collected_amount, target_amount FROM payments WHERE payment_id = ANY(%s)
"""
"""Served by the primary key."""
Place = tuple[int, int]
"""Block number and log index."""


def reached(db: Cursor[Any], facts: Sequence[Fact]) -> set[Place]:
    """The contributions among the facts with which a target was reached.

    The facts are in the order of the chain, folded already, and nothing came after them.
    """
    backed = [
        (fact, fact.event) for fact in facts if isinstance(fact.event, pay.CrowdfundingBacked)
    ]
    if not backed:
        return set()
    given: Counter[Hash32] = Counter()
    for _, event in backed:
        given[event.funding_id] += event.amount
    rows = db.execute(COLLECTED, [list(given)]).fetchall()
    missing = {key: target - (collected - given[key]) for key, collected, target in rows}
    found = set()
    for fact, event in backed:
        left = missing.get(event.funding_id, 0)
        if 0 < left <= event.amount:
            found.add((fact.block, fact.log))
        missing[event.funding_id] = left - event.amount
    return found
