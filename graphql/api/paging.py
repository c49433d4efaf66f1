"""Relay pages: the arguments that ask for one, and the cursors that say where it ends.

A cursor is the sort key of a row, so it stays right while rows come and go: base64url of the
JSON list `[name of the order, value, …]`.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any

import orjson

from api.errors import ApiError, bad_input
from api.limits import DEFAULT_PAGE, LARGEST_PAGE
from api.reads.late import derived
from indexer.units import UINT256_MAX

BIGINT_MAX = 2**63 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(Enum):
    """How a value of a sort key travels in a cursor."""

    INT = "int"
    UINT256 = "uint256"
    TEXT = "text"
    TIME = "time"

    def dump(self, value: Any) -> int | str:
        match self:
            case Kind.INT:
                return int(value)
            case Kind.UINT256:
                return str(int(value))
            case Kind.TEXT:
                return str(value)
            case Kind.TIME:
                return int((value - EPOCH) // timedelta(microseconds=1))

    def load(self, value: Any) -> Any:
        """The value as Postgres compares it; raises ValueError where `dump` cannot have made it."""
        match self:
            case Kind.INT:
                return _within(value, BIGINT_MAX)
            case Kind.TIME:
                return EPOCH + timedelta(microseconds=_within(value, BIGINT_MAX))
            case Kind.UINT256:
                if not (isinstance(value, str) and value.isascii() and value.isdecimal()):
                    raise ValueError(value)
                return _within(int(value), UINT256_MAX)
            case Kind.TEXT:
                if not isinstance(value, str) or "\x00" in value:
                    raise ValueError(value)
                return value


def _within(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(value)
    return value


@dataclass(frozen=True, slots=True)
class Key:
    """One column of a sort key."""

    column: str
    kind: Kind = Kind.INT


@dataclass(frozen=True, slots=True)
class Sort:
    """A total order of a list: the last keys are unique together. `name` marks its cursors."""

    name: str
    keys: tuple[Key, ...]

    def cursor(self, row: Any) -> str:
        """Where this row stands."""
        values = [key.kind.dump(getattr(row, key.column)) for key in self.keys]
        return base64.urlsafe_b64encode(orjson.dumps([self.name, *values])).decode().rstrip("=")

    def position(self, argument: str, cursor: str) -> tuple[Any, ...]:
        """What `cursor` said; raises BAD_USER_INPUT for one that is not of this order."""
        name, *values = _decoded(argument, cursor)
        if name != self.name:
            raise bad_input(
                argument, f"this cursor belongs to the order {name!r}; this list has {self.name!r}"
            )
        try:
            loaded = [key.kind.load(v) for key, v in zip(self.keys, values, strict=True)]
        except (ValueError, OverflowError):
            raise _not_ours(argument) from None
        return tuple(loaded)


def _decoded(argument: str, cursor: str) -> list[Any]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = orjson.loads(raw)
    except (binascii.Error, ValueError):
        raise _not_ours(argument) from None
    if not isinstance(parts, list) or not parts or not isinstance(parts[0], str):
        raise _not_ours(argument)
    return parts


def _not_ours(argument: str) -> ApiError:
    return bad_input(argument, "not a cursor of this list; pass a cursor exactly as it was given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A valid request: the first `size` rows, or (`backward`) the last, between two positions.

    These are None, tuples of the sort's values, such tuples late, or names of parameters.
    """

    sort: Sort
    descending: bool
    size: int
    backward: bool
    after: Any
    before: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """Relay's four arguments as the client gave them."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def page(self, sort: Sort, *, descending: bool) -> Page:
        """Raises BAD_USER_INPUT that names the wrong argument."""
        if self.first is not None and self.last is not None:
            raise bad_input("last", "give either `first` or `last`, not both")
        after, before = self._position(sort, "after"), self._position(sort, "before")
        return Page(
            sort=sort,
            descending=descending,
            size=self._size(),
            backward=self.last is not None,
            after=after,
            before=before,
        )

    def _position(self, sort: Sort, argument: str) -> Any:
        cursor = getattr(self, argument)
        return None if cursor is None else derived(cursor, partial(sort.position, argument))

    def _size(self) -> int:
        name, size = ("last", self.last) if self.last is not None else ("first", self.first)
        if size is None:
            return DEFAULT_PAGE
        if not 0 <= size <= LARGEST_PAGE:
            problem = f"{size} is not between 0 and {LARGEST_PAGE}, the largest page"
            raise bad_input(name, problem, limit=LARGEST_PAGE)
        return size


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of a page in list order; `more`: it goes on beyond them in the direction read."""

    rows: Sequence[Any]
    more: bool


EMPTY = Slice((), False)
