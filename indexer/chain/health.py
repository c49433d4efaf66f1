"""How an endpoint is doing, and when it may be asked again. Pure: the time is always given."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 30.0
LONGEST_RETRY_AFTER: Final = 600.0
FIRST_SILENCE: Final = 60.0
LONGEST_SILENCE: Final = 3600.0
FIRST_LIMP: Final = 0.5
LONGEST_LIMP: Final = 600.0
SLOW: Final = 64
"""Whoever keeps us waiting limps for so much longer than who fails at once."""


@dataclass(slots=True, kw_only=True)
class Health:
    """Whether an endpoint is believed, resting, or of a wrong chain."""

    verified: bool = False
    """Its chain id was seen and right since it last rested."""
    wrong_chain: int | None = None
    cause: str | None = None
    """Why it rests or rested last; None once it is well."""
    rests_until: float = 0.0
    limps_until: float = 0.0
    """Until then others are asked first, if there are any that are well."""
    _failures: int = 0
    _strikes: int = 0
    _failed_at: float = float("-inf")
    _jitter: Callable[[], float] = field(default=random.random)

    @property
    def fresh(self) -> bool:
        """Whether nothing is known of it: its chain id was not seen yet, and it did not fail."""
        return not self.verified and self.cause is None

    def ready(self, now: float) -> bool:
        """Whether it may be asked now."""
        return now >= self.rests_until

    def limps(self, now: float) -> bool:
        """Whether others are to be asked first."""
        return now < self.limps_until

    def failed(self, cause: str, *, now: float, began: float, least: float | None = None) -> float:
        """Lets it rest and returns the pause; requests that failed together count once.

        Pauses double with each failure, by half at random; `least` is what the node asked for.
        """
        if began < self._failed_at:
            return max(0.0, self.rests_until - now)
        pause = min(FIRST_PAUSE * (1 << min(self._failures, 16)), LONGEST_PAUSE)
        pause *= 0.5 + self._jitter() / 2
        pause = max(pause, min(least or 0.0, LONGEST_RETRY_AFTER))
        self._failures += 1
        self._failed_at = now
        self.verified = False
        self.cause = cause
        self.rests_until = now + pause
        return pause

    def limped(self, *, now: float, slow: bool) -> None:
        """Ranks it behind the others for a while, longer each time it fails at its work.

        Its heads are no work: a node that tells those and keeps us waiting for logs is not well.
        """
        pause = FIRST_LIMP * (1 << min(self._strikes, 16)) * (SLOW if slow else 1)
        self.limps_until = now + min(pause, LONGEST_LIMP)
        self._strikes += 1

    def worked(self) -> None:
        """It did what it was asked for."""
        self._strikes = 0

    def set_aside(self, chain_id: int, cause: str, *, now: float) -> None:
        """Lets it rest as a node of a wrong chain, until it is looked at again."""
        self.verified = False
        self.wrong_chain = chain_id
        self.cause = cause
        self.rests_until = now + FIRST_SILENCE

    def verify(self) -> None:
        """Its chain id is right."""
        self.verified = True
        self.wrong_chain = None

    def succeeded(self, *, began: float) -> bool:
        """Clears its failures after a good answer; True when it had rested before."""
        if began < self._failed_at:
            return False
        returned = self.cause is not None
        self._failures = 0
        self.cause = None
        return returned


def alike(cause: str) -> str:
    """The cause without its numbers: what two of them have in common that say the same."""
    return re.sub(r"0x[0-9a-fA-F]+|\d+", "#", cause)


class Causes:
    """Which causes were said already: each is said at once, then less and less often."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], tuple[float, float]] = {}

    def worth_saying(self, where: str, cause: str, now: float) -> bool:
        """Whether this cause (numbers in it do not matter) should be logged now; remembers it."""
        key = (where, alike(cause))
        said, silence = self._said.get(key, (float("-inf"), FIRST_SILENCE / 2))
        if now - said < silence:
            return False
        if len(self._said) > 1_000:
            self._said.clear()
        fresh = now - said > 10 * LONGEST_SILENCE
        grown = FIRST_SILENCE if fresh else min(silence * 2, LONGEST_SILENCE)
        self._said[key] = (now, grown)
        return True
