"""Refusal of what exceeds a limit, before it is read."""

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.clients import client_of
from api.policy import dressed
from api.rates import Bucket, Rates


class RateLimit:
    """Refuses operations over HTTP beyond the limit, and tells each client where it stands."""

    def __init__(self, app: ASGIApp, rates: Rates, bucket: Bucket, path: str) -> None:
        self._app, self._rates, self._bucket, self._path = app, rates, bucket, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = scope["type"] == "http" and scope["path"] == self._path
        standing = await self._rates.hit(self._bucket, client_of(scope)) if counted else None
        if standing is None:
            return await self._app(scope, receive, send)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(standing.headers())
            await send(message)

        if not standing.exceeded:
            return await self._app(scope, receive, told)
        body = {"errors": [one.formatted for one in dressed([standing.error()])]}
        await JSONResponse(body, status_code=429)(scope, receive, told)
