"""Request bodies, no larger than allowed."""

from cross_web import HTTPException
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope


def bounded(scope: Scope, receive: Receive, most: int) -> Receive:
    """Receives no more than `most` bytes; raises HTTPException (413), at once where the request
    says how long it is.
    """
    length = Headers(scope=scope).get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the body is larger than {most} bytes (DCHAT_MAX_BODY)")
