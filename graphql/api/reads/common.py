"""Conditions and sources that several lists share."""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, select
from sqlalchemy.sql.expression import FromClause

from api.reads.late import derived
from api.reads.listing import ANYTHING, Alternatives
from api.reads.moment import Moment
from indexer.db.models import Projection
from indexer.units import UINT256_MAX, keccak


def standing(projection: Projection) -> Callable[[Moment], FromClause]:
    """The projection's rows as they are."""

    def rows(moment: Moment) -> FromClause:
        return moment.rows(projection)

    return rows


def unfiltered(_rows: FromClause, _where: None, _moment: Moment) -> Alternatives:
    """For lists that take no filter."""
    return ANYTHING


def matches(column: ColumnElement[Any], value: Any) -> Iterator[ColumnElement[bool]]:
    """Equality with `value` (an enum's number), where the client gave one."""
    if value is not None:
        yield column == (value.value if isinstance(value, Enum) else value)


def between(column: ColumnElement[Any], least: Any, most: Any) -> Iterator[ColumnElement[bool]]:
    """Bounds, inclusive, where the client gave them."""
    if least is not None:
        yield column >= bindparam(None, least, type_=column.type)
    if most is not None:
        yield column <= bindparam(None, most, type_=column.type)


def contains(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Case-insensitive; what no stored text can hold (NUL, half a surrogate pair) is in none.

    The trigram index serves it from three characters on.
    """
    if not storable(part):
        return false()
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{escaped}%")


def storable(text: str) -> bool:
    """Whether Postgres could hold this text."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def key_of_group(group_id: Any) -> Any:
    """keccak-256 of a plain group id, which may be late: what rows and logs carry."""
    return None if group_id is None else derived(group_id, _key_of_group)


def _key_of_group(group_id: str) -> bytes:
    return keccak(group_id.encode("utf-8", "surrogatepass"))


def amount(value: Any) -> Any:
    """A bound as it compares with any uint256, kept inside the column's type."""
    return None if value is None else derived(value, lambda one: min(max(one, -1), UINT256_MAX + 1))


def on(column: str) -> Callable[[FromClause, Any, Moment], Alternatives]:
    """The rows whose column is the parent's key."""

    def under(rows: FromClause, key: Any, _moment: Moment) -> Alternatives:
        return ((rows.c[column] == key,),)

    return under


def related(
    projection: Projection, moment: Moment, rows: FromClause, **equal: Any
) -> ColumnElement[bool]:
    """Whether the projection has a row whose columns equal these values (or columns of `rows`)."""
    other = moment.rows(projection).alias()
    same = and_(*(other.c[name] == value for name, value in equal.items()))
    return select(other.c[next(iter(equal))]).where(same).correlate(rows).exists()


def seconds(time: Any) -> ColumnElement[Any]:
    """A timestamp as unix seconds (numeric)."""
    return func.extract("epoch", time)
