"""Public keys by their owner."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from api.reads.view import View
from indexer.db.models import public_keys


async def keys_of(view: View, who: bytes) -> Sequence[Row[Any]]:
    """The address's, newest first."""

    def inner(keys: Any) -> Select[Any]:
        t = public_keys
        mine = select(t).where(t.c.address == keys.c.key0)
        return mine.order_by(t.c.registered_at.desc(), t.c.fingerprint)

    nothing: Sequence[Row[Any]] = ()
    return await view.batched("publicKeys", inner, list, nothing)(who)
