"""How often a client may ask: counted in Redis, so that all API processes count together."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from api.errors import ApiError, Code
from indexer.log import get_logger

log = get_logger(__name__)

SECONDS: Final = 60
"""A window begins with a client's first request, and lasts so long."""
PATIENCE: Final = 0.5
"""Seconds that Redis may take to answer."""
REST: Final = 2.0
"""Seconds for which a Redis that failed is not asked: its clients do not wait for it each time."""
COUNT: Final = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}
"""
EXPOSED: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After")
"""Headers that pages of other origins may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A class of requests that is counted by itself: so many a minute."""

    name: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a client stands after a request; `reset` seconds until it may ask anew."""

    most: int
    asked: int
    reset: int

    @property
    def exceeded(self) -> bool:
        """Whether this request is one too many."""
        return self.asked > self.most

    def headers(self) -> Mapping[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them in its most widely used form."""
        told = {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(max(0, self.most - self.asked)),
            "RateLimit-Reset": str(self.reset),
        }
        return {**told, "Retry-After": str(self.reset)} if self.exceeded else told

    def error(self) -> ApiError:
        """What the client is told."""
        message = f"more than {self.most} requests a minute: try again in {self.reset} s"
        return ApiError(Code.RATE_LIMITED, message, limit=self.most, retryAfter=self.reset)


class Rates:
    """Counts requests by client. While Redis does not answer, nothing is counted or refused."""

    def __init__(self, url: str) -> None:
        self._redis: Any = Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._count = self._redis.register_script(COUNT)
        self._down_until: float | None = None

    async def close(self) -> None:
        """Gives up the connections."""
        await self._redis.aclose()

    async def hit(self, bucket: Bucket, client: str) -> Standing | None:
        """Counts a request; None where it cannot be counted."""
        if self._down_until is not None and time.monotonic() < self._down_until:
            return None
        try:
            key = f"dchat:rate:{bucket.name}:{client}"
            asked, left = await self._count(keys=[key], args=[SECONDS * 1000])
        except (RedisError, OSError) as error:
            self._failed(error)
            return None
        self._works()
        reset = max(1, math.ceil(left / 1000))
        return Standing(most=bucket.most, asked=asked, reset=reset)

    def _failed(self, error: Exception) -> None:
        if self._down_until is None:
            log.warning("Redis does not answer: requests are not limited", reason=str(error))
        self._down_until = time.monotonic() + REST

    def _works(self) -> None:
        if self._down_until is not None:
            log.info("Redis answers again: requests are limited")
        self._down_until = None
