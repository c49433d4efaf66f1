"""Signs of life: who types, who is there. Kept in Redis for as long as they are true, and told to
all API processes by its channels; nothing of them is written down.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from api.errors import unavailable
from api.messages.notices import Change
from api.paging import EPOCH
from indexer.units import Address

CHANNEL: Final = "dchat:signs"
TYPING: Final = timedelta(seconds=6)
PRESENT: Final = timedelta(seconds=60)
PATIENCE: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """`key` is the conversation in which somebody types; None of who is there. It holds until a
    moment; one that is past takes it back.
    """

    change: Change
    who: Address
    key: bytes | None
    until: datetime

    @property
    def holds(self) -> bool:
        return self.until > datetime.now(UTC)

    def dump(self) -> bytes:
        """As it travels."""
        key = None if self.key is None else self.key.hex()
        return orjson.dumps([self.change, self.who.hex(), key, self.until.timestamp()])

    @classmethod
    def load(cls, data: bytes) -> "Sign":
        change, who, key, until = orjson.loads(data)
        return cls(
            change=Change(change),
            who=Address(bytes.fromhex(who)),
            key=None if key is None else bytes.fromhex(key),
            until=datetime.fromtimestamp(until, UTC),
        )


class Signs:
    """Gives and reads them. Without a Redis nobody is seen, and giving one is refused."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._redis: Any = url and Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )

    @property
    def possible(self) -> bool:
        return bool(self._redis)

    async def close(self) -> None:
        """Gives up the connections."""
        if self._redis:
            await self._redis.aclose()

    async def typing(self, who: Address, key: bytes, *, on: bool) -> Sign:
        """Tells that somebody types, for six seconds, or no more."""
        return await self._give(Change.TYPING, who, key, TYPING if on else None)

    async def present(self, who: Address, *, on: bool) -> Sign:
        """Tells that somebody is there, for a minute, or has gone."""
        return await self._give(Change.PRESENCE, who, None, PRESENT if on else None)

    async def of(self, people: Sequence[Address]) -> dict[Address, datetime]:
        """Who of them is there, and until when that is known."""
        if not self._redis or not people:
            return {}
        names = [_name(Change.PRESENCE, who, None) for who in people]
        try:
            found = await self._redis.mget(names)
        except (RedisError, OSError):
            return {}
        signs = (Sign.load(one) for one in found if one is not None)
        return {sign.who: sign.until for sign in signs if sign.holds}

    async def heard(self) -> AsyncIterator[Sign | None]:
        """Every sign that anybody gives, from the first None on. Raises RedisError or OSError."""
        told = Redis.from_url(self._url or "", socket_connect_timeout=PATIENCE)
        try:
            async with told.pubsub(ignore_subscribe_messages=True) as channel:
                await channel.subscribe(CHANNEL)
                yield None
                async for one in channel.listen():
                    yield Sign.load(one["data"])
        finally:
            await told.aclose()

    async def _give(
        self, change: Change, who: Address, key: bytes | None, life: timedelta | None
    ) -> Sign:
        if not self._redis:
            raise unavailable("this needs Redis, and this server has none (DCHAT_REDIS_URL)")
        until = EPOCH if life is None else datetime.now(UTC) + life
        sign = Sign(change=change, who=who, key=key, until=until)
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                if life is None:
                    pipe.delete(_name(change, who, key))
                else:
                    pipe.set(_name(change, who, key), sign.dump(), px=life)
                pipe.publish(CHANNEL, sign.dump())
                await pipe.execute()
        except (RedisError, OSError) as error:
            raise unavailable("Redis does not answer; try again") from error
        return sign


def _name(change: Change, who: Address, key: bytes | None) -> str:
    return f"dchat:sign:{change}:{who.hex()}:{'' if key is None else key.hex()}"
