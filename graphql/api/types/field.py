"""Fields whose docstring is their description in the schema."""

import inspect
from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField


def field(resolver: Callable[..., Any]) -> StrawberryField:
    """The resolver as a field."""
    doc = resolver.__doc__
    description = None if doc is None else " ".join(inspect.cleandoc(doc).split())
    made: StrawberryField = strawberry.field(resolver, description=description)
    return made
