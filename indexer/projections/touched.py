"""The rows of a projection that a batch touches: loaded once, folded in memory, written by set."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import msgspec

from indexer.db.models import Projection

R = TypeVar("R", bound=msgspec.Struct)
Key = Any
"""The primary key: its one value, or the tuple of its values."""


class Touched(Generic[R]):
    """Changes go through `born`, `change` and `erase`, which keep what was true before.

    A version is kept when a later block replaces it; within one block only the last state counts.
    """

    __slots__ = (
        "_kept",
        "_key",
        "_set",
        "changed",
        "projection",
        "row_type",
        "rows",
        "stored",
        "superseded",
    )

    def __init__(self, projection: Projection, row_type: type[R]) -> None:
        self.projection: Final = projection
        self.row_type: Final = row_type
        self.rows: dict[Key, R | None] = {}
        self.stored: set[Key] = set()
        self.changed: set[Key] = set()
        self.superseded: list[tuple[Any, ...]] = []
        self._key: Callable[[R], Key] = attrgetter(*projection.key)
        self._kept = _kept(projection)
        self._set: Callable[[R], tuple[Any, ...]] = attrgetter(
            *projection.key, *projection.changing
        )

    def load(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Takes the stored rows, in the order of the table's columns."""
        for values in rows:
            row = self.row_type(*values)
            key = self._key(row)
            self.rows[key] = row
            self.stored.add(key)

    def get(self, key: Key) -> R | None:
        """The row as it stands at this point of the fold, only to be read."""
        return self.rows.get(key)

    def born(self, row: R) -> None:
        """Adds a row; one of the same key must not stand."""
        key = self._key(row)
        assert self.rows.get(key) is None, f"{self.projection.name} {key!r} stands already"
        self.rows[key] = row
        self.changed.add(key)

    def change(self, key: Key, block: int) -> R | None:
        """The row, to be changed by a fact of `block`; None if there is none."""
        row = self.rows.get(key)
        if row is not None:
            self._supersede(row, block)
            row.updated_block = block  # type: ignore[attr-defined]
            self.changed.add(key)
        return row

    def erase(self, key: Key, block: int) -> R | None:
        """Takes the row away; returns what it was, or None if there was none."""
        row = self.rows.get(key)
        if row is not None:
            self._supersede(row, block)
            self.rows[key] = None
            self.changed.add(key)
        return row

    def _supersede(self, row: R, block: int) -> None:
        if row.updated_block < block:  # type: ignore[attr-defined]
            self.superseded.append((*self._kept(row), block))

    def inserted(self) -> Iterator[R]:
        """The rows that the table does not hold yet."""
        for key in self.changed - self.stored:
            if (row := self.rows[key]) is not None:
                yield row

    def updated(self) -> Iterator[R]:
        """The rows that the table holds with other values."""
        for key in self.changed & self.stored:
            if (row := self.rows[key]) is not None:
                yield row

    def values(self, row: R) -> tuple[Any, ...]:
        """The row as (key…, changing…): what an update needs."""
        return self._set(row)

    def erased(self) -> list[Key]:
        """The keys of rows that the table holds no longer."""
        return [key for key in self.changed & self.stored if self.rows[key] is None]


def _kept(projection: Projection) -> Callable[[Any], tuple[Any, ...]]:
    if projection.history is None:
        return lambda row: ()
    names = list(projection.history.columns.keys())[:-1]
    return attrgetter(*names)
