"""https://ipfs.github.io/pinning-services-api-spec at /pins: workers do what is asked here."""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final, Self
from urllib.parse import urlsplit

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.accounts.desk import BEARER
from api.bodies import bounded
from api.errors import ApiError
from api.pinning import requests
from api.pinning.forms import Unasked, asked, pin, shown
from api.writes import Writer
from indexer.settings import Settings

LONGEST: Final = 65_536
"""Bytes of a request."""
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinningService:
    """For whoever has one of the `tokens`, who all see the same pins; for nobody without any."""

    writer: Writer
    tokens: tuple[str, ...]
    delegates: list[str]

    @classmethod
    def of(cls, settings: Settings, writer: Writer) -> Self:
        delegates = [multiaddr(settings.public_url)]
        return cls(writer=writer, tokens=settings.pin_service_tokens, delegates=delegates)

    def routes(self) -> list[BaseRoute]:
        if not self.tokens:
            return []
        one = "/pins/{requestid}"
        return [
            Route("/pins", self._guarded(self.list), methods=["GET"]),
            Route("/pins", self._guarded(self.add), methods=["POST"]),
            Route(one, self._guarded(self.get), methods=["GET"]),
            Route(one, self._guarded(self.replace), methods=["POST"]),
            Route(one, self._guarded(self.delete), methods=["DELETE"]),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            if not self._knows(request.headers.get("authorization", "")):
                return _refused(401, "UNAUTHORIZED", "send `Authorization: Bearer <access token>`")
            try:
                return await handler(request)
            except Unasked as error:
                return _refused(400, "BAD_REQUEST", str(error))
            except HTTPException as error:
                return _refused(error.status_code, "TOO_LARGE", f"at most {LONGEST} bytes")
            except ApiError as error:
                return _refused(503, str(error.code), error.message)

        return handle

    def _knows(self, header: str) -> bool:
        given = BEARER.fullmatch(header)
        return given is not None and any(
            [compare_digest(given[1].encode(), token.encode()) for token in self.tokens]
        )

    async def list(self, request: Request) -> Response:
        """Pins that fit the query, the newest first, and how many there are."""
        wanted = asked(request.query_params)
        async with self.writer.transaction() as db:
            rows = await requests.listed(db, wanted)
        results = [shown(row, self.delegates) for row in rows]
        return _json({"count": rows[0].total if rows else 0, "results": results})

    async def add(self, request: Request) -> Response:
        """Takes a pin among what workers do."""
        wanted = pin(await _body(request))
        async with self.writer.transaction() as db:
            row = await requests.add(db, *wanted)
        return _json(shown(row, self.delegates), 202)

    async def get(self, request: Request) -> Response:
        """One pin as it stands."""
        async with self.writer.transaction() as db:
            row = await requests.find(db, _key(request))
        return _gone() if row is None else _json(shown(row, self.delegates))

    async def replace(self, request: Request) -> Response:
        """Another pin in the place of one, so that no block of both is let go in between."""
        wanted = pin(await _body(request))
        async with self.writer.transaction() as db:
            if not await requests.drop(db, _key(request)):
                return _gone()
            row = await requests.add(db, *wanted)
        return _json(shown(row, self.delegates), 202)

    async def delete(self, request: Request) -> Response:
        """Gives a pin up; its content goes after the grace period unless something refers to it."""
        async with self.writer.transaction() as db:
            found = await requests.drop(db, _key(request))
        return Response(status_code=202) if found else _gone()


def multiaddr(url: str) -> str:
    """Where content can be had, as libp2p writes it."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        kind = f"ip{ipaddress.ip_address(host).version}"
    except ValueError:
        kind = "dns"
    return f"/{kind}/{host}/tcp/{port}/{parts.scheme}"


async def _body(request: Request) -> bytes:
    receive = bounded(request.scope, request.receive, LONGEST)
    return await Request(request.scope, receive).body()


def _key(request: Request) -> bytes:
    try:
        return bytes.fromhex(request.path_params["requestid"])
    except ValueError:
        return b""


def _json(told: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(told), status_code=status, media_type="application/json")


def _refused(status: int, reason: str, details: str) -> Response:
    return _json({"error": {"reason": reason, "details": details}}, status)


def _gone() -> Response:
    return _refused(404, "NOT_FOUND", "there is no such pin")
