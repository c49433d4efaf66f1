"""Fields that show what a column holds."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from api.compiled import text as t
from api.compiled.field import Make
from api.compiled.text import Json


def of(make: Callable[[ColumnElement[Any]], Json], column: str) -> Make:
    """A field that shows a column."""
    return lambda field: make(field.column(column))


def maybe(make: Callable[[ColumnElement[Any]], Json], column: str) -> Make:
    """A field that shows a column, or null."""
    return lambda field: t.nullable(field.column(column), make(field.column(column)))


def enum(type_: Any, column: str) -> Make:
    return lambda field: t.name_of(field.column(column), type_)


def identity(type_name: str, *columns: str) -> Make:
    return lambda field: t.global_id(type_name, *(field.column(name) for name in columns))


def plain(column: ColumnElement[Any]) -> Json:
    return (column,)
