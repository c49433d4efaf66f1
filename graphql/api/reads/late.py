"""Values that a statement is given each time it runs, not when it is put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Late:
    """Stands where a value would; `read` takes it out of an operation's variables, and raises
    BAD_USER_INPUT for what is none.
    """

    read: Callable[[Variables], Any]


def derived(value: Any, change: Callable[[Any], Any]) -> Any:
    """What `change` makes of the value: now, or of a late one when it is there."""
    if not isinstance(value, Late):
        return change(value)
    read = value.read
    return Late(lambda variables: change(read(variables)))
