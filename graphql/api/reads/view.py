"""What resolvers read through: one snapshot at one moment, with batching."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.types import TypeEngine

from api.loaders import Loader
from api.reads.keyed import BYTES, Inner, key_of, key_table, key_values, per_key
from api.reads.moment import NOW, Moment
from api.reads.snapshot import Reader

V = TypeVar("V")
W = TypeVar("W")

NOTHING: Final[Mapping[str, Any]] = {}
MOST: Final = 1000
"""Statements that are kept."""
_KEPT: Final[dict[Hashable, Select[Any]]] = {}
"""Statements by form: putting one together takes longer than Postgres needs to answer it."""


class View:
    """Everything below a root field reads through its view: a block given there holds below."""

    __slots__ = ("_loaders", "moment", "reader")

    def __init__(self, reader: Reader, moment: Moment) -> None:
        self.reader = reader
        self.moment = moment
        self._loaders: dict[Hashable, Loader[Any, Any]] = {}

    def batched(
        self,
        name: Hashable,
        inner: Inner,
        take: Callable[[Sequence[Row[Any]]], V],
        missing: V,
        types: Sequence[TypeEngine[Any]] = BYTES,
        *,
        form: Hashable = None,
        values: Mapping[str, Any] = NOTHING,
    ) -> Loader[Any, V]:
        """A loader that makes each key's value from the rows of one statement for all keys.

        `form` is what the statement of the present is known by, where it differs in nothing but the
        keys and `values`, its other parameters.
        """

        async def read(keys: Sequence[Any]) -> Mapping[Any, V]:
            statement = self._statement(form, inner, types)
            groups: dict[Any, list[Row[Any]]] = {}
            for row in await self.reader.rows(statement, key_values(keys, types) | {**values}):
                groups.setdefault(key_of(row, len(types)), []).append(row)
            return {key: take(rows) for key, rows in groups.items()}

        return self._loader(name, read, missing)

    def _statement(
        self, form: Hashable, inner: Inner, types: Sequence[TypeEngine[Any]]
    ) -> Select[Any]:
        known = _KEPT.get(form) if self.moment == NOW else None
        if known is not None:
            return known
        table = key_table(types)
        made = per_key(table, inner(table))
        if form is not None and self.moment == NOW:
            if len(_KEPT) == MOST:
                del _KEPT[next(iter(_KEPT))]
            _KEPT[form] = made
        return made

    def single(
        self, name: Hashable, statement: Callable[[], Select[Any]]
    ) -> Awaitable[Sequence[Row[Any]]]:
        """The rows of a statement without a key, read once."""

        async def read(keys: Sequence[None]) -> Mapping[None, Sequence[Row[Any]]]:
            return dict.fromkeys(keys, await self.reader.rows(statement()))

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
