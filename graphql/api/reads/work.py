"""What the workers have before them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, func, select, text

from api.reads.view import View
from indexer.db.models import pins
from indexer.db.outbox import State
from indexer.db.pins import State as Pinning

STANDING: Final = text(f"""
SELECT (SELECT count(*) FROM outbox WHERE state < {State.DONE}) AS waiting,
    (SELECT count(*) FROM outbox WHERE state = {State.DEAD}) AS dead,
    (SELECT extract(epoch FROM now() - min(o.next_try)) FROM cursor AS c, outbox AS o
        LEFT JOIN webhooks AS w ON w.id = o.webhook
        WHERE o.state < {State.DONE} AND o.next_try <= now() AND o.block_number <= CASE o.finality
            WHEN 0 THEN c.block_number
            WHEN 1 THEN least(c.block_number, coalesce(c.safe_block, -1))
            WHEN 2 THEN least(c.block_number, coalesce(c.finalized_block, -1))
            ELSE o.block_number END
        AND (w.id IS NULL OR w.disabled_at IS NULL AND coalesce(w.rests_until <= now(), true))
    ) AS overdue,
    (SELECT extract(epoch FROM now() - min(next_try)) FROM mails
        WHERE state < {State.DONE} AND next_try <= now()) AS overdue_mail
""")
"""Served by the indexes of what is unfinished, and that on (state, id)."""


async def standing(view: View) -> Row[Any]:
    """How many effects wait and were given up; for how long (seconds) the first is overdue, of
    effects and of mails: null where none is.
    """
    [row] = await view.reader.rows(STANDING)
    return row


async def unpinned(view: View) -> Sequence[Row[Any]]:
    """How much content is in which state but pinned; served by the index on (state, queued_at)."""
    states = pins.c.state
    others = states.in_([state for state in Pinning if state is not Pinning.PINNED])
    counted = select(states, func.count().label("contents")).where(others).group_by(states)
    return await view.single("unpinned", lambda: counted)
