"""Conservation: what the contracts owe by the index's account, and what they have.

A packet's remainder is owed until it is refunded, when it becomes 0. What a payment collected is
owed until it is withdrawn or the payment is cancelled; what a cancellation credited is owed until
it is claimed. Where cancelling sends the money back at once, nothing is credited and contributions
keep their amounts: nothing is owed then, and whoever is named twice among the participants was paid
twice, out of what others are owed.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, FromClause, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import psycopg as driver

from indexer.audit.differences import Difference, Whole, shown
from indexer.audit.tables import Db
from indexer.db import models
from indexer.events.definitions import Contract
from indexer.projections.payments import CANCELLED
from indexer.projections.red_packets import REFUNDED

HOLDERS: Final = (Contract.GROUP_PAYMENT, Contract.RED_PACKET)
AT: Final = bindparam("block", type_=BigInteger)


def owed(db: Db, contract: Contract, block: int) -> int:
    """The wei that the contract has to have at the end of the block. Reads whole tables."""
    return sum(_one(db, statement, block) for statement in OWED[contract])


def _one(db: Db, statement: Select[Any], block: int) -> int:
    compiled = statement.compile(dialect=driver.dialect())  # type: ignore[no-untyped-call]
    row = db.execute(str(compiled).encode(), compiled.params | {"block": block}).fetchone()
    return int(row[0]) if row else 0


def uncovered(contract: Contract, owed: int, balance: int) -> list[Difference]:
    """Whether it has less. It may have more: ether can be forced upon any contract."""
    if balance >= owed:
        return []
    return [
        Difference(
            subject=Whole(f"the money of {contract.solidity_name}"),
            source="eth_getBalance",
            field="wei",
            index=shown(owed),
            chain=shown(balance),
        )
    ]


def _packets() -> Select[Any]:
    row = models.RED_PACKETS.at(AT).c
    return select(_sum(row.remaining_amount)).where(row.status != REFUNDED)


def _collected() -> Select[Any]:
    row = models.PAYMENTS.at(AT).c
    return select(_sum(row.collected_amount)).where(row.status != CANCELLED, ~row.funds_withdrawn)


def _credited() -> Select[Any]:
    return select(_sum(models.REFUND_BALANCES.at(AT).c.amount))


def _paid_twice() -> Select[Any]:
    """What was sent back once too often, as a negative number."""
    payments, given = models.PAYMENTS.at(AT), models.CONTRIBUTIONS.at(AT)
    named = _named()
    sent = (given.c.amount * (named.c.times - 1)).label("sent")
    found = (
        select(sent)
        .join(payments, payments.c.payment_id == given.c.payment_id)
        .join(
            named,
            (named.c.payment_id == given.c.payment_id) & (named.c.address == given.c.contributor),
        )
        .where(payments.c.status == CANCELLED, named.c.times > 1)
        .subquery()
    )
    return select(_sum(-found.c.sent))


def _named() -> FromClause:
    row = models.PARTICIPANTS.current.c
    times = func.count().label("times")
    grouped = select(row.payment_id, row.address, times).group_by(row.payment_id, row.address)
    return grouped.subquery("named")


def _sum(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


OWED: Final[dict[Contract, list[Select[Any]]]] = {
    Contract.RED_PACKET: [_packets()],
    Contract.GROUP_PAYMENT: [_collected(), _credited(), _paid_twice()],
}
