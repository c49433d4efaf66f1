"""Webhooks of somebody's own, and what was sent to them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, select
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.sql.expression import FromClause

from api.paging import Key, Sort
from api.reads.listing import ANYTHING, Alternatives, Listing
from api.reads.moment import Moment
from api.reads.view import View
from indexer.db.channels import Channel
from indexer.db.models import outbox, webhooks


def _under(rows: FromClause, webhook: Any, _moment: Moment) -> Alternatives:
    return ((rows.c.webhook == webhook, rows.c.webhook > 0),)


DELIVERY_LIST: Final[Listing[None]] = Listing(
    name="deliveries",
    rows=lambda _: outbox,
    sorts={"QUEUED": Sort("deliveries", (Key("id"),))},
    descending=True,
    where=lambda _rows, _where, _moment: ANYTHING,
    under=_under,
    types=(BIGINT(),),
)
"""Served by the index on (webhook, id)."""


async def owned(view: View, address: bytes) -> Sequence[Row[Any]]:
    """The webhooks of this owner, the oldest first; served by the index on (address, channel)."""

    def inner(keys: Any) -> Select[Any]:
        rows = webhooks.c
        mine = (rows.address == keys.c.key0, rows.owner == keys.c.key0)
        return select(webhooks).where(*mine, rows.channel == Channel.WEBHOOK).order_by(rows.id)

    nothing: Sequence[Row[Any]] = ()
    return await view.batched("webhooks", inner, lambda rows: rows, nothing)(address)
