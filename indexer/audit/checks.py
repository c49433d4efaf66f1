"""Every question about an entity."""

from collections.abc import Iterator
from typing import assert_never

from indexer.audit import group_checks, packet_checks, payment_checks
from indexer.audit.check import Check, Context
from indexer.audit.holdings import (
    GroupHoldings,
    Holdings,
    PacketHoldings,
    PaymentHoldings,
    RefundHoldings,
)


def checks(holdings: Holdings, context: Context) -> Iterator[Check]:
    """What the contracts are asked about the entity, with what they have to answer."""
    match holdings:
        case GroupHoldings():
            yield from group_checks.checks(holdings)
        case PaymentHoldings():
            yield from payment_checks.checks(holdings)
        case RefundHoldings():
            yield payment_checks.refund(holdings)
        case PacketHoldings():
            yield from packet_checks.checks(holdings, context)
        case _:
            assert_never(holdings)
