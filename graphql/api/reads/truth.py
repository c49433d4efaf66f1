"""How well the index is known to equal the contracts: the audits' verdicts, and completeness."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from api.reads.view import View
from indexer.db.models import audits, completeness

MOST: Final = 1000
"""Ranges that one answer holds."""


async def verdicts(view: View) -> Sequence[Row[Any]]:
    """The last verdict of each contract; served by the primary key."""
    newest_first = (audits.c.contract, audits.c.at.desc())
    newest = select(audits).ext(distinct_on(audits.c.contract)).order_by(*newest_first)
    return await view.single("verdicts", lambda: newest)


async def ranges(view: View, first: int) -> Sequence[Row[Any]]:
    """Ranges in the order of their blocks, from the one that holds block `first` or follows it;
    served by the index on the last block.
    """
    later = select(completeness).where(completeness.c.last_block >= first)
    ordered = later.order_by(completeness.c.last_block).limit(MOST)
    return await view.single(("completeness", first), lambda: ordered)


async def blocks_by_proof(view: View) -> Sequence[Row[Any]]:
    """How many blocks each proof covers."""
    blocks = func.sum(completeness.c.last_block - completeness.c.first_block + 1)
    counted = select(completeness.c.proof, blocks.label("blocks")).group_by(completeness.c.proof)
    return await view.single("blocksByProof", lambda: counted)
