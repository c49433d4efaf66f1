"""Fields whose docstring is their description in the schema."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import strawberry
from strawberry.types.field import StrawberryField

T = TypeVar("T")


def field(resolver: Callable[..., Any]) -> StrawberryField:
    """The resolver as a field."""
    made: StrawberryField = strawberry.field(resolver, description=_description(resolver))
    return made


def later(value: Awaitable[T]) -> T:
    """What the executor awaits: so a field whose value mostly is there costs no task."""
    return cast(T, value)


def subscription(resolver: Callable[..., Any]) -> StrawberryField:
    """The generator as a subscription."""
    made: StrawberryField = strawberry.subscription(resolver, description=_description(resolver))
    return made


def mutation(resolver: Callable[..., Any]) -> StrawberryField:
    """The resolver as a mutation."""
    made: StrawberryField = strawberry.mutation(resolver, description=_description(resolver))
    return made


def _description(resolver: Callable[..., Any]) -> str | None:
    doc = resolver.__doc__
    return None if doc is None else " ".join(inspect.cleandoc(doc).split())
