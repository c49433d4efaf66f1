"""One execution for all who hear the same of the chain.

A change of a group that ten thousand watch is the same answer ten thousand times: executed and
written as JSON once, it is sent to each. Only what nobody's sign-in can change is shared: what
those ask who have not signed in.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final

import orjson
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, OperationType, parse
from strawberry.types import ExecutionResult

from api.backlog import Backlog
from api.errors import ApiError
from api.policy import dressed

FIELDS: Final = frozenset({"meta", "groupUpdated", "paymentUpdated", "redPacketUpdated"})
"""The subscriptions that go on from now alone, wherever a subscriber was before."""
LONGEST: Final = 10_000
"""Characters of a document that is looked at."""
Key = tuple[str, str | None, bytes]
Begin = Callable[[], Awaitable[Any]]
"""Begins to execute; what it gives is a stream of results."""


def key_of(text: str, name: str | None, variables: Mapping[str, Any]) -> Key | None:
    """What equal streams have in common; None for what is not shared."""
    if not _is_shared(text):
        return None
    try:
        values = orjson.dumps(dict(variables), option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return None
    return text, name, values


@lru_cache(maxsize=256)
def _is_shared(text: str) -> bool:
    if len(text) > LONGEST or not any(one in text for one in FIELDS):
        return False
    try:
        document = parse(text)
    except (GraphQLError, RecursionError):
        return False
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return len(operations) == 1 and _is_live(operations[0])


def _is_live(operation: OperationDefinitionNode) -> bool:
    roots = operation.selection_set.selections
    known = all(isinstance(root, FieldNode) and root.name.value in FIELDS for root in roots)
    return known and operation.operation is OperationType.SUBSCRIPTION


class Told(dict[str, Any]):
    """The data of a result that many are sent: written as JSON once."""

    @cached_property
    def json(self) -> str:
        return orjson.dumps(dict(self)).decode()


class Over(Exception):
    """The stream has ended in good order."""


class Ear(Backlog[Any]):
    """One subscriber."""

    async def results(self) -> AsyncIterator[Any]:
        """Until the stream ends. Raises what it broke with."""
        while True:
            try:
                yield await self.next()
            except Over:
                return
            except ApiError as error:
                yield ExecutionResult(data=None, errors=dressed([error]))
                return


@dataclass(slots=True, eq=False)
class Stream:
    """An execution, and who hears it."""

    ears: set[Ear] = field(default_factory=set)
    task: asyncio.Task[None] | None = None


class Sharing:
    """The streams under way. `size`: results that a subscriber may be behind."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._streams: dict[Key, Stream] = {}

    @property
    def streams(self) -> int:
        """How many are executed."""
        return len(self._streams)

    @property
    def subscribers(self) -> int:
        """How many hear them."""
        return sum(len(one.ears) for one in self._streams.values())

    async def heard(self, key: Key, begin: Begin) -> AsyncIterator[Any]:
        """The results from now on. The first who asks begins, the last who leaves ends it."""
        stream, ear = self._streams.get(key), Ear(self._size)
        if stream is None:
            stream = self._streams[key] = Stream()
            stream.task = asyncio.create_task(self._tell(key, stream, begin))
        stream.ears.add(ear)
        try:
            async for result in ear.results():
                yield result
        finally:
            stream.ears.discard(ear)
            if not stream.ears:
                self._forget(key, stream)
                stream.task.cancel()  # type: ignore[union-attr]

    async def _tell(self, key: Key, stream: Stream, begin: Begin) -> None:
        last: Exception = Over()
        try:
            async with aclosing(await begin()) as results:
                async for result in results:
                    if result.data is not None:
                        result.data = Told(result.data)
                    for ear in stream.ears:
                        ear.put(result)
        except Exception as error:
            last = error
        finally:
            self._forget(key, stream)
            for ear in stream.ears:
                ear.end(last)

    def _forget(self, key: Key, stream: Stream) -> None:
        """Whoever asks next begins anew."""
        if self._streams.get(key) is stream:
            del self._streams[key]
