"""Batching: what many resolvers ask for in the same moment is read by one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Loader(Generic[K, V]):
    """Values by key; each key is read once. Keys that `read` leaves out have the value `missing`.

    Waiters are shielded: graphql-core cancels the siblings of a failed field, and a future that
    another branch of the operation waits for too must not be cancelled with them.
    """

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], missing: V) -> None:
        self._read = read
        self._missing = missing
        self._futures: dict[K, asyncio.Future[V]] = {}
        self._waiting: list[K] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V:
        future = self._futures.get(key)
        if future is None:
            future = self._futures[key] = asyncio.get_running_loop().create_future()
            self._enqueue(key)
        return await asyncio.shield(future)

    def _enqueue(self, key: K) -> None:
        self._waiting.append(key)
        if len(self._waiting) == 1:
            self._task = asyncio.create_task(self._dispatch())

    async def _dispatch(self) -> None:
        await asyncio.sleep(0)  # fields of the same level are still asking
        keys, self._waiting = self._waiting, []
        try:
            found = await self._read(keys)
        except Exception as error:
            self._fail(keys, error)
            return
        for key in keys:
            self._futures[key].set_result(found.get(key, self._missing))

    def _fail(self, keys: Sequence[K], error: Exception) -> None:
        for key in keys:
            future = self._futures[key]
            future.set_exception(error)
            future.exception()  # seen: nobody may be waiting any more
