"""One endpoint: sends calls over HTTP within limits of time and bytes, and keeps its health."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from indexer.chain.health import Health
from indexer.chain.refusals import Refusal, error_of, is_range, is_throttle
from indexer.chain.wire import Answer, Call, answers, encode
from indexer.errors import BadAnswer, ConfigError, NodeUnavailable, RangeTooLarge, Throttled

BATCH: Final = 100
"""Calls in one request at first; providers allow 10 to 1,000."""
_RECOVERY: Final = 64
"""Good answers after which twice as many calls are tried in one request."""
_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}
_URL: Final = re.compile(r"\w+://\S+")
_BATCH_REFUSED: Final = frozenset({400, 404, 405, 413, 415, 422, 501})


class BatchRefused(Exception):
    """The endpoint does not take so many calls in one request."""


class TooSlow(NodeUnavailable):
    """The endpoint took the request and did not answer in time."""


class TooLong(BadAnswer):
    """The answer is longer than the limit of bytes."""


@dataclass(slots=True, kw_only=True, eq=False)
class Endpoint:
    """A node's URL; `name` is the part of it that can be shown (keys hide in paths)."""

    url: str
    name: str
    timeout: float
    max_bytes: int
    slots: asyncio.Semaphore
    health: Health = field(default_factory=Health)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _batch: int = BATCH
    _good: int = 0
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def send(
        self, session: aiohttp.ClientSession, calls: Sequence[Call], timeout: float | None = None
    ) -> list[Answer]:
        """The answers in the order of the calls; raises Retryable.

        Where the endpoint refuses a batch, it is asked again with half as many calls at once.
        """
        while True:
            size = self._batch
            try:
                return await self._send_cut(session, calls, size, timeout or self.timeout)
            except BatchRefused:
                self._batch = max(1, min(size, len(calls)) // 2)
                self._good = 0

    async def _send_cut(
        self, session: aiohttp.ClientSession, calls: Sequence[Call], size: int, timeout: float
    ) -> list[Answer]:
        found: list[Answer] = []
        for start in range(0, len(calls), size):
            found += await self._post(session, calls[start : start + size], timeout)
        self._grow()
        return found

    def _grow(self) -> None:
        self._good += 1
        if self._batch < BATCH and self._good >= _RECOVERY:
            self._batch, self._good = min(BATCH, self._batch * 2), 0

    async def _post(
        self, session: aiohttp.ClientSession, calls: Sequence[Call], timeout: float
    ) -> list[Answer]:
        first_id = next(self._ids)
        for _ in calls[1:]:
            next(self._ids)
        status, headers, body = await self._exchange(session, encode(calls, first_id), timeout)
        if status != 200:
            return _failed(status, headers, body, calls, first_id)
        said = answers(calls, first_id, body)
        if isinstance(said, Refusal):
            raise _whole(said, calls, status)
        return said

    async def _exchange(
        self, session: aiohttp.ClientSession, body: bytes, timeout: float
    ) -> tuple[int, "dict[str, str]", bytes]:
        limits = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 10.0))
        try:
            async with session.post(
                self.url, data=body, headers=_HEADERS, timeout=limits, allow_redirects=False
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return response.status, headers, await self._read(response)
        except aiohttp.ConnectionTimeoutError:
            raise NodeUnavailable("the node does not accept a connection in time") from None
        except TimeoutError:
            raise TooSlow(f"the node gave no answer within {timeout:g} s") from None
        except aiohttp.ClientPayloadError:
            raise NodeUnavailable("the node broke off in the middle of an answer") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NodeUnavailable(f"the node cannot be reached: {_one_line(error)}") from None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks, size = [], 0
        async for chunk in response.content.iter_chunked(1 << 20):
            size += len(chunk)
            if size > self.max_bytes:
                response.close()
                raise TooLong(f"the node answered with more than {self.max_bytes} bytes")
            chunks.append(chunk)
        return b"".join(chunks)


def shown(url: str, place: int) -> str:
    """What may be shown of a URL: scheme, host, port, and its place in the list."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise ConfigError(f"DCHAT_RPC_URLS: URL #{place} has a host or port that is none") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"DCHAT_RPC_URLS: URL #{place} is not http(s)://host[:port][/path]")
    return f"{parts.scheme}://{parts.hostname}{port} (#{place})"


def _failed(
    status: int, headers: dict[str, str], body: bytes, calls: Sequence[Call], first_id: int
) -> list[Answer]:
    """What is said inside an HTTP error, if it refuses something; else raises what that means."""
    if status == 429:
        text = "the node wants fewer requests (HTTP 429)"
        raise Throttled(text, retry_after=_retry_after(headers))
    try:
        said = answers(calls, first_id, body)
    except BadAnswer:
        said = []
    if isinstance(said, Refusal):
        raise _whole(said, calls, status)
    if any(answer.refusal is not None for answer in said):
        return said
    if len(calls) > 1 and status in _BATCH_REFUSED:
        raise BatchRefused
    if status == 413:
        raise TooLong("the node calls the request or its answer too large (HTTP 413)")
    raise NodeUnavailable(_meaning(status), retry_after=_retry_after(headers))


def _whole(refusal: Refusal, calls: Sequence[Call], status: int) -> Exception:
    """What it means that a batch was refused as a whole."""
    method = next((c.method for c in calls if c.method == "eth_getLogs"), calls[0].method)
    known = error_of(method, refusal)
    if is_throttle(refusal) or status >= 500:
        return known
    if isinstance(known, RangeTooLarge) and is_range(refusal):
        return known
    return BatchRefused()


def _meaning(status: int) -> str:
    if status in (401, 403):
        return f"the node refuses us (HTTP {status}): check the key in DCHAT_RPC_URLS"
    if 300 <= status < 400:
        return f"the node has moved (HTTP {status}): put its new address into DCHAT_RPC_URLS"
    if status == 404:
        return "the node has nothing at that path (HTTP 404): check DCHAT_RPC_URLS"
    return f"the node answers HTTP {status}"


def _retry_after(headers: dict[str, str]) -> float | None:
    """The seconds of a Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)  # there is no other time in HTTP
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError, TypeError):
        return None


def _one_line(error: BaseException) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0][:200]
    return _URL.sub("its URL", text)  # which may hold a key
