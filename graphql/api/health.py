"""Whether this process lives, and whether what it answers is worth asking for."""

from typing import Any

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.context import Context, Index
from api.errors import ApiError
from api.reads import chain
from api.reads.moment import NOW
from indexer.db.models import GROUPS


async def healthz(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


class Readiness:
    """GET /readyz: 200 while the index is close enough to the head, else 503 with a reason."""

    def __init__(self, index: Index, max_lag: int) -> None:
        self._index = index
        self._max_lag = max_lag

    async def __call__(self, _request: Request) -> JSONResponse:
        state = await self._state()
        return JSONResponse(state, status_code=200 if state["ready"] else 503)

    async def _state(self) -> dict[str, Any]:
        context = Context(self._index)
        try:
            await context.snapshot.rows(select(GROUPS.current.c.key).limit(0))
            row = await chain.position(context.at(NOW))
        except ApiError as error:
            return {"ready": False, "reason": error.message}
        finally:
            await context.close()
        return self._judged(row)

    def _judged(self, row: Any) -> dict[str, Any]:
        reason = _reason(row, self._max_lag)
        heights = {"block": row.block_number, "headBlock": row.head_block} if row else {}
        return {"ready": reason is None, **({"reason": reason} if reason else {}), **heights}


def _reason(row: Any, max_lag: int) -> str | None:
    if row is None or row.block_hash is None or row.head_block is None:
        return "nothing is indexed yet"
    lag = row.head_block - row.block_number
    if lag > max_lag:
        return f"the index is {lag} blocks behind the head; at most {max_lag} are allowed"
    return None if row.synced else "the index is still catching up with history"
