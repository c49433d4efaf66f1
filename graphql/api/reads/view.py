"""What resolvers read through: one snapshot at one moment, with batching."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.types import TypeEngine

from api.loaders import Loader
from api.reads.keyed import BYTES, Inner, key_of, key_table, per_key
from api.reads.moment import Moment
from api.reads.snapshot import Reader

V = TypeVar("V")
W = TypeVar("W")


class View:
    """Everything below a root field reads through its view: a block given there holds below."""

    __slots__ = ("_loaders", "_reader", "moment")

    def __init__(self, reader: Reader, moment: Moment) -> None:
        self._reader = reader
        self.moment = moment
        self._loaders: dict[Hashable, Loader[Any, Any]] = {}

    def batched(
        self,
        name: Hashable,
        inner: Inner,
        take: Callable[[Sequence[Row[Any]]], V],
        missing: V,
        types: Sequence[TypeEngine[Any]] = BYTES,
    ) -> Loader[Any, V]:
        """A loader that makes each key's value from the rows of one statement for all keys."""

        async def read(keys: Sequence[Any]) -> Mapping[Any, V]:
            table = key_table(keys, types)
            groups: dict[Any, list[Row[Any]]] = {}
            for row in await self._reader.rows(per_key(table, inner(table))):
                groups.setdefault(key_of(row, len(types)), []).append(row)
            return {key: take(rows) for key, rows in groups.items()}

        return self._loader(name, read, missing)

    def single(
        self, name: Hashable, statement: Callable[[], Select[Any]]
    ) -> Awaitable[Sequence[Row[Any]]]:
        """The rows of a statement without a key, read once."""

        async def read(keys: Sequence[None]) -> Mapping[None, Sequence[Row[Any]]]:
            return dict.fromkeys(keys, await self._reader.rows(statement()))

        nothing: Sequence[Row[Any]] = ()
        return self._loader(name, read, nothing)(None)

    def prime(self, name: Hashable, rows: Sequence[Row[Any]]) -> None:
        """Gives the rows of a statement that was read elsewhere."""

        async def read(keys: Sequence[None]) -> Mapping[None, Sequence[Row[Any]]]:
            return dict.fromkeys(keys, rows)

        self._loaders[name] = Loader(read, rows)

    def _loader(
        self,
        name: Hashable,
        read: Callable[[Sequence[Any]], Awaitable[Mapping[Any, V]]],
        missing: V,
    ) -> Loader[Any, V]:
        loader = self._loaders.get(name)
        if loader is None:
            loader = self._loaders[name] = Loader(read, missing)
        return loader
