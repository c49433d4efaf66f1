"""The short way to an answer: where an operation comes as plainly as it can, and has a plan.

All that the long way does besides is for other requests: it finds out which transport is meant,
makes a context, and wraps and unwraps what Postgres sent as JSON already.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.answers import RESPONSE, RESPONSE_UTF8, media_type
from api.compiled.plans import Plans

PLAIN: Final = frozenset({"query", "variables", "operationName"})
STREAMS: Final = ("event-stream", "multipart")
"""What a client names that may want more than one answer."""


async def answered(request: Request, plans: Plans) -> Response | None:
    """The answer; None where the request has to go the long way, which reads its body again.

    Raises SERVICE_UNAVAILABLE, or STATEMENT_TIMEOUT.
    """
    headers = request.headers
    accept = headers.get("accept", "")
    if request.method != "POST" or any(stream in accept for stream in STREAMS):
        return None
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    told = _operation(await request.body())
    if told is None:
        return None
    name = (told["query"], told.get("operationName"))
    data = await plans.answer(name, told.get("variables"))
    if data is None:
        return None
    liked = RESPONSE_UTF8 if media_type(accept) == RESPONSE else "application/json"
    return Response(b'{"data":' + data + b"}", media_type=liked)


def _operation(body: bytes) -> Mapping[str, Any] | None:
    """The body, where it is a document and nothing unusual."""
    try:
        told = orjson.loads(body)
    except ValueError:
        return None
    if not isinstance(told, dict) or not told.keys() <= PLAIN:
        return None
    plain = (
        isinstance(told.get("query"), str)
        and isinstance(told.get("variables"), dict | None)
        and isinstance(told.get("operationName"), str | None)
    )
    return told if plain else None
