"""Fields whose docstring is their description in the schema."""

import inspect
from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField


def field(resolver: Callable[..., Any]) -> StrawberryField:
    """The resolver as a field."""
    made: StrawberryField = strawberry.field(resolver, description=_description(resolver))
    return made


def subscription(resolver: Callable[..., Any]) -> StrawberryField:
    """The generator as a subscription."""
    made: StrawberryField = strawberry.subscription(resolver, description=_description(resolver))
    return made


def _description(resolver: Callable[..., Any]) -> str | None:
    doc = resolver.__doc__
    return None if doc is None else " ".join(inspect.cleandoc(doc).split())
