"""Where the index stands, its blocks and its contracts."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, select

from api.reads.keyed import HEIGHT
from api.reads.lists import Lookup
from api.reads.moment import Moment
from api.reads.view import View
from indexer.db.models import blocks, contracts, cursor


def _blocks(_moment: Moment) -> Any:
    return blocks


BLOCK: Final = Lookup(name="block", rows=_blocks, columns=("number",), types=HEIGHT)
BLOCK_BY_HASH: Final = Lookup(name="blockByHash", rows=_blocks, columns=("hash",))


async def position(view: View) -> Row[Any] | None:
    """The cursor's row; None before the indexer's first start."""
    rows = await view.single("cursor", lambda: select(cursor))
    return rows[0] if rows else None


async def deployments(view: View) -> Sequence[Row[Any]]:
    """The contracts that this database indexes."""
    return await view.single("contracts", lambda: select(contracts).order_by(contracts.c.contract))
