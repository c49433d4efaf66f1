"""Ways in which a node fails; each is armed for some requests and then gone."""

import random
from dataclasses import dataclass, field
from enum import Enum, auto


class Fault(Enum):
    """What happens to a request."""

    TOO_MANY = auto()
    """HTTP 429 with Retry-After."""
    SERVER_ERROR = auto()
    """HTTP 500 with a page of HTML."""
    HANG = auto()
    """No answer until the client gives up."""
    DROP = auto()
    """The connection is closed without an answer."""
    TRUNCATE = auto()
    """Half of the answer, then the connection is closed."""
    CUT_JSON = auto()
    """Half of the answer, as if it were whole."""
    HTML = auto()
    """HTTP 200 with a page of HTML."""
    WRONG_ID = auto()
    """The answer to another request."""
    MISSING_ID = auto()
    """A batch without its last answer; a single answer without an id."""
    TWICE = auto()
    """A batch whose first answer comes twice."""
    NULL = auto()
    """null as every result."""
    INTERNAL = auto()
    """A JSON-RPC error for every call."""


@dataclass(slots=True)
class Armed:
    """A fault waiting for requests; `times` None is for ever, `method` None is any."""

    fault: Fault
    times: int | None = 1
    method: str | None = None


@dataclass(slots=True)
class Faults:
    """What is armed, and a `rate` of random faults from a seed."""

    armed: list[Armed] = field(default_factory=list)
    rate: float = 0.0
    kinds: tuple[Fault, ...] = tuple(kind for kind in Fault if kind is not Fault.HANG)
    retry_after: str = "0.05"
    dice: random.Random = field(default_factory=lambda: random.Random(1))

    def arm(self, fault: Fault, *, times: int | None = 1, method: str | None = None) -> None:
        """Lets the next `times` requests (that hold `method`) fail."""
        self.armed.append(Armed(fault, times, method))

    def clear(self) -> None:
        """Makes the node well again."""
        self.armed.clear()
        self.rate = 0.0

    def next(self, methods: list[str]) -> Fault | None:
        """The fault of this request; uses it up."""
        for one in self.armed:
            if one.times != 0 and (one.method is None or one.method in methods):
                if one.times is not None:
                    one.times -= 1
                return one.fault
        return self.dice.choice(self.kinds) if self.dice.random() < self.rate else None
