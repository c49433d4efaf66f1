"""Answers in Redis: in pieces, taken once, forgotten soon.

The pieces of one answer are put there at once, so those of two answers under a key never mix.
"""

import struct
from typing import Any, Final, cast

from redis import Redis
from redis.asyncio import Redis as AsyncRedis

PREFIX: Final = "dchat:stretch:"
PIECE: Final = 1 << 20
"""Bytes of a piece: nobody else waits long while Redis hands one over."""
KEPT: Final = 60
"""Seconds that an answer waits for whoever asked."""
COUNT: Final = struct.Struct("!I")


def put(server: Redis, key: str, answer: bytes) -> None:
    """Leaves an answer; the first piece begins with how many follow it."""
    pieces = [answer[at : at + PIECE] for at in range(0, len(answer), PIECE)] or [b""]
    first = COUNT.pack(len(pieces) - 1) + pieces[0]
    name = PREFIX + key
    with server.pipeline(transaction=True) as commands:
        commands.rpush(name, first, *pieces[1:])
        commands.expire(name, KEPT)
        commands.execute()


async def take(server: AsyncRedis, key: str, *, seconds: float) -> bytes | None:
    """The answer, once it is there; None where that takes longer."""
    name = PREFIX + key
    found = await cast(Any, server.blpop([name], timeout=seconds))
    if found is None:
        return None
    [count], first = COUNT.unpack(found[1][: COUNT.size]), found[1][COUNT.size :]
    rest = [await cast(Any, server.lpop(name)) for _ in range(count)]
    return None if None in rest else first + b"".join(rest)
