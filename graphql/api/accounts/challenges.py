"""Challenges under way: kept in Redis until they are answered, once, or five minutes are over."""

import secrets
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from api.accounts.siwe import Challenge
from api.errors import unavailable

LIFE: Final = timedelta(minutes=5)
STATEMENT: Final = "Sign in to dchat. This costs nothing and changes nothing on the chain."
PATIENCE: Final = 2.0
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Challenges:
    """A nonce is the key of its challenge; whoever takes it first has it alone."""

    def __init__(self, url: str | None) -> None:
        self._redis: Any = url and Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )

    async def close(self) -> None:
        """Gives up the connections."""
        if self._redis:
            await self._redis.aclose()

    async def make(self, who: Any, domain: str, uri: str, chain_id: int) -> Challenge:
        """A challenge that can be answered from now on. Raises SERVICE_UNAVAILABLE."""
        now = datetime.now(UTC).replace(microsecond=0)
        challenge = Challenge(
            domain=domain,
            address=who,
            statement=STATEMENT,
            uri=uri,
            chain_id=chain_id,
            nonce="".join(secrets.choice(ALPHABET) for _ in range(24)),
            issued_at=now,
            expiration_time=now + LIFE,
            not_before=now,
        )
        life = int(LIFE.total_seconds())
        await self._told(lambda redis: redis.set(_key(challenge.nonce), challenge.text, ex=life))
        return challenge

    async def take(self, nonce: str) -> Challenge | None:
        """The challenge of this nonce, for the first who takes it. Raises SERVICE_UNAVAILABLE."""
        text = await self._told(lambda redis: redis.getdel(_key(nonce)))
        return None if text is None else Challenge.parse(text)

    async def _told(self, ask: Any) -> Any:
        if not self._redis:
            raise unavailable("signing in needs Redis, and this server has none (DCHAT_REDIS_URL)")
        try:
            answer: Awaitable[Any] = ask(self._redis)
            return await answer
        except (RedisError, OSError) as error:
            raise unavailable("Redis does not answer; try again") from error


def _key(nonce: str) -> str:
    return f"dchat:nonce:{nonce}"
