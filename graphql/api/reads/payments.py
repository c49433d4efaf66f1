"""Payments, who takes part, who gave what, and what can be claimed back."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.expression import FromClause

from api.paging import Key, Kind, Sort
from api.reads.common import (
    amount,
    between,
    key_of_group,
    matches,
    on,
    related,
    seconds,
    standing,
    unfiltered,
)
from api.reads.keyed import PAIR
from api.reads.listing import Alternatives, Listing
from api.reads.lists import Lookup
from api.reads.moment import Moment
from api.reads.view import View
from indexer.db.models import CONTRIBUTIONS, PARTICIPANTS, PAYMENTS, REFUND_BALANCES
from indexer.units import Address

if TYPE_CHECKING:
    from api.types.inputs import PaymentFilter

ACTIVE, EXPIRED = 0, 3
NOBODY: Final[Sequence[Address]] = ()
BORN: Final = (Key("created_block"), Key("created_log"))


def payments(moment: Moment) -> FromClause:
    """Payments with the status that the clock makes of the stored one."""
    rows = moment.rows(PAYMENTS)
    overdue = and_(rows.c.status == ACTIVE, rows.c.deadline_seconds < seconds(moment.clock))
    status = case((overdue, EXPIRED), else_=rows.c.status).label("status")
    return select(*(c for c in rows.c if c.name != "status"), status).subquery("p")


def _where(rows: FromClause, where: "PaymentFilter", moment: Moment) -> Alternatives:
    return (tuple(_conditions(rows, where, moment)),)


def _conditions(
    rows: FromClause, where: "PaymentFilter", moment: Moment
) -> Iterator[ColumnElement[bool]]:
    yield from matches(rows.c.group_key, key_of_group(where.group_id))
    yield from matches(rows.c.group_key, where.group_key)
    yield from matches(rows.c.kind, where.kind)
    yield from matches(rows.c.status, where.status)
    yield from matches(rows.c.initiator, where.initiator)
    mine = {"payment_id": rows.c.payment_id}
    if where.participant is not None:
        yield related(PARTICIPANTS, moment, rows, **mine, address=where.participant)
    if where.contributor is not None:
        yield related(CONTRIBUTIONS, moment, rows, **mine, contributor=where.contributor)
    least, most = amount(where.target_amount_gte), amount(where.target_amount_lte)
    yield from between(rows.c.target_amount, least, most)
    yield from between(rows.c.created_block, where.created_block_gte, where.created_block_lte)


def _of_user(rows: FromClause, key: Any, moment: Moment) -> Alternatives:
    given = moment.rows(CONTRIBUTIONS).alias()
    mine = select(given.c.payment_id).where(given.c.contributor == key).correlate(key.table)
    contributed = rows.c.payment_id.in_(mine)
    return ((rows.c.initiator == key,), (rows.c.initiator != key, contributed))


PAYMENT_LIST: Final[Listing["PaymentFilter"]] = Listing(
    name="payments",
    rows=payments,
    sorts={
        "CREATED": Sort("payments.created", BORN),
        "UPDATED": Sort("payments.updated", (Key("updated_block"), *BORN)),
        "DEADLINE": Sort("payments.deadline", (Key("deadline_seconds", Kind.UINT256), *BORN)),
        "TARGET_AMOUNT": Sort("payments.target", (Key("target_amount", Kind.UINT256), *BORN)),
        "COLLECTED_AMOUNT": Sort(
            "payments.collected", (Key("collected_amount", Kind.UINT256), *BORN)
        ),
    },
    descending=True,
    where=_where,
)
GROUP_PAYMENT_LIST: Final = PAYMENT_LIST.of("group.payments", on("group_key"))
USER_PAYMENT_LIST: Final = PAYMENT_LIST.of("user.payments", _of_user)
CONTRIBUTION_LIST: Final[Listing[Any]] = Listing(
    name="payment.contributions",
    rows=standing(CONTRIBUTIONS),
    sorts={"CREATED": Sort("contributions", BORN)},
    descending=False,
    where=unfiltered,
    under=on("payment_id"),
)

PAYMENT: Final = Lookup(name="payment", rows=payments, columns=("payment_id",))
CONTRIBUTION: Final = Lookup(
    name="contribution",
    rows=standing(CONTRIBUTIONS),
    columns=("payment_id", "contributor"),
    types=PAIR,
)
REFUND_BALANCE: Final = Lookup(name="refund", rows=standing(REFUND_BALANCES), columns=("address",))


def asked(moment: Moment, payment_id: Any) -> Select[Any]:
    """The participants of a payment."""
    rows = moment.rows(PARTICIPANTS)
    return select(rows).where(rows.c.payment_id == payment_id)


async def participants(view: View, payment_id: bytes) -> Sequence[Address]:
    """Who was asked to pay, in the order of the creating call."""

    def inner(keys: Any) -> Select[Any]:
        return in_order(asked(view.moment, keys.c.key0).correlate(keys))

    return await view.batched("participants", inner, addresses_of, NOBODY)(payment_id)


def in_order(found: Select[Any]) -> Select[Any]:
    """The rows' addresses as one array, by position."""
    rows = found.subquery()
    addresses = func.array_agg(aggregate_order_by(rows.c.address, rows.c.position))
    return select(addresses.label("addresses"))


def addresses_of(rows: Sequence[Row[Any]]) -> Sequence[Address]:
    """The aggregated addresses; Postgres aggregates nothing to NULL."""
    return rows[0].addresses or ()
