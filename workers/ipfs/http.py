"""HTTP with nodes, gateways and providers: bounded answers, and their refusals as our errors."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import msgspec

from indexer.errors import BadContent, ConfigError, ContentUnavailable, TooLarge

ANSWER: Final = 4 << 20
"""Bytes of an answer, at most; a block has at most half of that."""
SAID: Final = 200
"""Characters of a refusal that are shown."""


class Http:
    """Requests to one server. `name` is what errors call it: no error shows a URL or a token.

    With a token no redirection is followed: what is asked for is meant for that server alone.
    """

    def __init__(
        self, name: str, url: str, *, token: str | None = None, seconds: float = 120
    ) -> None:
        self.name = name
        self._url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._follows = token is None
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(10, seconds))
        self._session = aiohttp.ClientSession(headers=headers, timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._session.close()

    async def json(self, method: str, path: str, **request: Any) -> Any:
        """The JSON document that answers; None where there is no body."""
        body = await self.read(method, path, **request)
        if not body.strip():
            return None
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError:
            raise ContentUnavailable(f"{self.name} answered something that is not JSON") from None

    async def read(self, method: str, path: str, **request: Any) -> bytes:
        """The answer's body. Raises ContentUnavailable, TooLarge, ConfigError or BadContent."""
        try:
            async with self._session.request(
                method, self._url + path, allow_redirects=self._follows, **request
            ) as response:
                body = await self._bounded(response)
        except TimeoutError:
            raise ContentUnavailable(f"{self.name} did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            reason = type(error).__name__
            raise ContentUnavailable(f"{self.name} cannot be reached ({reason})") from None
        if response.status >= 300:
            raise self._refusal(response.status, response.headers, body)
        return body

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > ANSWER:
                raise TooLarge(f"{self.name} answered with more than {ANSWER} bytes")
        return bytes(body)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
        said = f"{self.name} answered {status}: {_reason(body)}"
        if status < 400:
            return ConfigError(f"{self.name} is elsewhere ({status}): set DCHAT_PIN_URL to where")
        if status in (401, 403):
            return ConfigError(f"{said} (check DCHAT_PIN_TOKEN and DCHAT_PIN_URL)")
        if status in (408, 425, 429) or status >= 500:
            return ContentUnavailable(said, retry_after=_seconds(headers.get("Retry-After")))
        return BadContent(said)


def _reason(body: bytes) -> str:
    """What a refusal says, in one short line."""
    text = body[:2000].decode("utf-8", "replace")
    return " ".join(text.split())[:SAID] or "nothing more"


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdigit() else None
