"""JSON put together by Postgres: fixed text, and what columns become between it."""

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Text, case, cast, func, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from api.limits import INT_MAX

Json = tuple["str | ColumnElement[Any]", ...]
"""Parts of a JSON text; a column's part is what `concat` makes of it: nothing, where it is NULL."""
ADDRESS: Final = "\x01"
"""Stands before the 40 digits of an address, whose case is not known yet. No other text holds it:
in JSON's strings control characters are escaped."""
UNSAID: Final = "\x02"
"""Stands where the answer is not what the schema promises: the resolvers are asked instead."""
MOST: Final = 90
"""Arguments of one `concat`; Postgres takes 100."""
HEX: Final[ColumnElement[Any]] = literal_column("'hex'")
SECONDS: Final[ColumnElement[Any]] = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS"Z"'""")


def fixed(text: str) -> ColumnElement[str]:
    """The text as a literal of SQL."""
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'", Text)


def joined(parts: Iterable[str | ColumnElement[Any]]) -> ColumnElement[str]:
    """The whole text as one value."""
    pieces = list(_merged(parts))
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        return cast(pieces[0], Text)
    values = [fixed(piece) if isinstance(piece, str) else piece for piece in pieces]
    while len(values) > MOST:
        values = [func.concat(*values[n : n + MOST]) for n in range(0, len(values), MOST)]
    return func.concat(*values)


def _merged(parts: Iterable[str | ColumnElement[Any]]) -> Iterator[str | ColumnElement[Any]]:
    for is_text, run in groupby(parts, lambda part: isinstance(part, str)):
        if is_text:
            yield "".join(map(str, run))
        else:
            yield from run


def object_of(members: Iterable[tuple[str, Json]]) -> Json:
    """A JSON object; names are those of GraphQL, which need no escaping."""
    parts: list[str | ColumnElement[Any]] = []
    for name, value in members:
        parts += [f'{"," if parts else ""}"{name}":', *value]
    return "{", *parts, "}"


def array_of(item: ColumnElement[Any], *order: Any, where: Any = None) -> Json:
    """The JSON array of an aggregated item."""
    aggregated = func.string_agg(item, aggregate_order_by(literal_column("','"), *order))
    return "[", aggregated if where is None else aggregated.filter(where), "]"


def nullable(column: Any, text: Json) -> Json:
    """`null` where the column is NULL."""
    return (case((column.is_(None), fixed("null")), else_=joined(text)),)


def quoted(value: ColumnElement[Any]) -> Json:
    """A string that needs no escaping."""
    return '"', value, '"'


def string(column: ColumnElement[Any]) -> Json:
    return (func.to_json(column),)


def hexed(column: ColumnElement[Any]) -> Json:
    return '"0x', func.encode(column, HEX), '"'


def address(column: ColumnElement[Any]) -> Json:
    return f'"{ADDRESS}', func.encode(column, HEX), '"'


def boolean(value: ColumnElement[Any]) -> Json:
    return (cast(value, Text),)


def int32(column: ColumnElement[Any]) -> Json:
    """Clamped, as the resolvers do it."""
    return (func.least(column, literal_column(str(INT_MAX))),)


def time(column: ColumnElement[Any]) -> Json:
    """RFC 3339; the sessions' time zone is UTC, and blocks know no parts of a second."""
    return quoted(func.to_char(column, SECONDS))


def name_of(column: ColumnElement[Any], enum: type[Enum]) -> Json:
    """The name of an enum's value, which are numbers from 0 on."""
    names = ",".join(f"'{one.name}'" for one in sorted(enum, key=lambda one: one.value))
    return quoted(literal_column(f"(ARRAY[{names}])", ARRAY(Text))[column + literal_column("1")])


def global_id(type_name: str, *columns: ColumnElement[Any]) -> Json:
    """What `api.types.node.global_id` makes."""
    parts = [part for column in columns for part in (":0x", func.encode(column, HEX))]
    return f'"{type_name}', *parts, '"'


def columns_of(rows: FromClause, names: Iterable[str]) -> list[ColumnElement[Any]]:
    return [rows.c[name] for name in names]
