"""Where the API and the contracts do not say the same."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any


class Differences:
    """A list of sentences: entity, field, both values. `compared` counts what was looked at."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.compared = 0

    def same(self, entity: str, field: str, api: Any, contract: Any) -> None:
        """The two have to be equal; lists in this order."""
        self.compared += 1
        if api != contract:
            self.found.append(f"{entity} {field}: the API says {api!r}, the contract {contract!r}")

    def same_set(
        self, entity: str, field: str, api: Iterable[Any], contract: Iterable[Any]
    ) -> None:
        """The two have to hold the same, each as often, in any order."""
        mine, theirs = Counter(iter(api)), Counter(iter(contract))
        self.compared += 1
        if mine != theirs:
            more, less = sorted((mine - theirs).elements()), sorted((theirs - mine).elements())
            self.found.append(
                f"{entity} {field}: only the API has {more}, only the contract {less}"
            )

    def all(self, entity: str, api: dict[str, Any], contract: dict[str, Any]) -> None:
        """Field by field."""
        for field, value in contract.items():
            self.same(entity, field, api[field], value)


def seconds(time: str) -> int:
    """Unix seconds of an RFC 3339 time."""
    return int(datetime.fromisoformat(time).timestamp())
