"""Which of an operation's variables its statement depends on, and which only its parameters."""

from collections.abc import Callable, Hashable, Mapping
from operator import itemgetter
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
)

from api.reads.late import Late

STRUCTURAL: Final = frozenset({"first", "last", "name", "nameIn", "nameContains"})
"""Arguments and input fields whose values the statement's text depends on."""
GIVEN: Final = "given"


def split(
    type_: Any, value: Any, read: Callable[[Any], Any], structural: bool
) -> tuple[Hashable, Any]:
    """What a plan is known by, of this value, and what stands for it when the plan is made."""
    if value is None:
        return None, None
    if isinstance(type_, GraphQLNonNull):
        return split(type_.of_type, value, read, structural)
    if structural or isinstance(type_, GraphQLEnumType) or type_ is GraphQLBoolean:
        return (tuple(value) if isinstance(value, list) else value), value
    if isinstance(type_, GraphQLInputObjectType):
        return _split_object(type_, value, read)
    if isinstance(type_, GraphQLList) and isinstance(type_.of_type, GraphQLEnumType):
        return tuple(value), value
    return GIVEN, Late(read)


def _split_object(
    type_: GraphQLInputObjectType, value: Mapping[str, Any], read: Callable[[Any], Any]
) -> tuple[Hashable, Any]:
    keys, made = [], {}
    for name, inner in value.items():
        field = type_.fields[name]
        key, made[name] = split(field.type, inner, _within(read, name), name in STRUCTURAL)
        keys.append((name, key))
    return tuple(keys), made


def _within(read: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
    inner = itemgetter(name)
    return lambda variables: inner(read(variables))
