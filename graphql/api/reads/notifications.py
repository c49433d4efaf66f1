"""What somebody was told, and how he wants to be told. Each row is its recipient's alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Row, Select, Table, exists, func, select
from sqlalchemy.sql.expression import FromClause

from api.paging import Key, Sort
from api.reads.listing import Alternatives, Conditions, Listing
from api.reads.lists import Lookup
from api.reads.moment import Moment
from api.reads.view import View
from indexer.db.channels import Channel
from indexer.db.models import (
    mailboxes,
    notification_choices,
    notification_settings,
    notifications,
    webhooks,
)

if TYPE_CHECKING:
    from api.types.notifications import NotificationFilter


def told(rows: FromClause, recipient: Any) -> Conditions:
    """Those of this recipient, less the kinds that he does not want to see."""
    return rows.c.recipient == recipient, ~_unwanted(rows)


def _unwanted(rows: FromClause) -> ColumnElement[bool]:
    """Served by the primary key of choices."""
    choices = notification_choices.c
    return exists().where(
        choices.address == rows.c.recipient,
        choices.channel == Channel.IN_APP,
        choices.kind == rows.c.kind,
    )


def _under(rows: FromClause, key: Any, _moment: Moment) -> Alternatives:
    return (told(rows, key),)


def _where(rows: FromClause, where: "NotificationFilter", _moment: Moment) -> Alternatives:
    conditions: list[ColumnElement[bool]] = []
    if where.unread is not None:
        read = rows.c.read_at
        conditions.append(read.is_(None) if where.unread else read.is_not(None))
    if where.kind_in is not None:
        conditions.append(rows.c.kind.in_([kind.value for kind in where.kind_in]))
    return (tuple(conditions),)


NOTIFICATION_LIST: Final[Listing["NotificationFilter"]] = Listing(
    name="notifications",
    rows=lambda _: notifications,
    sorts={"TOLD": Sort("notifications", (Key("number"),))},
    descending=True,
    where=_where,
    under=_under,
)
"""Served by the index on (recipient, number)."""


def _of_address(table: Table) -> Lookup:
    return Lookup(name=table.name, rows=lambda _: table, columns=("address",))


SETTINGS: Final = _of_address(notification_settings)
MAILBOX: Final = _of_address(mailboxes)


async def unread(view: View, address: bytes) -> int:
    """How many he has not read; served by the index of what is unread."""

    def inner(keys: Any) -> Select[Any]:
        rows = notifications
        wanted = (*told(rows, keys.c.key0), rows.c.read_at.is_(None))
        return select(func.count().label("n")).where(*wanted)

    def number(rows: Sequence[Row[Any]]) -> int:
        return int(rows[0].n)

    return await view.batched("unread", inner, number, 0)(address)


async def _all(view: View, table: Table, address: bytes, *more: Any) -> Sequence[Row[Any]]:
    def inner(keys: Any) -> Select[Any]:
        return select(table).where(table.c.address == keys.c.key0, *more)

    nothing: Sequence[Row[Any]] = ()
    return await view.batched(("all", table.name), inner, _as_they_are, nothing)(address)


def _as_they_are(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    return rows


async def unwanted(view: View, address: bytes) -> Sequence[Row[Any]]:
    """What he does not want to hear of."""
    return await _all(view, notification_choices, address)


async def browsers(view: View, address: bytes) -> Sequence[Row[Any]]:
    """The subscriptions of his browsers; served by the index on (address, channel)."""
    return await _all(view, webhooks, address, webhooks.c.channel == Channel.PUSH)
