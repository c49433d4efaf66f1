"""One look at the world, by which somebody decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

from indexer.dev.community.world import Group, World

MILLI: Final = 10**15
"""Wei of a thousandth ether."""
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`now` is the time of the chain, in Unix seconds."""

    world: World
    users: Sequence[str]
    now: int
    rng: Random

    def one(self, things: Iterable[Thing]) -> Thing | None:
        """Any of them; None where there is none. Takes the order as given: sets must be sorted."""
        found = list(things)
        return self.rng.choice(found) if found else None

    def some(self, things: Sequence[Thing], least: int, most: int) -> list[Thing]:
        """A few different ones."""
        count = min(len(things), self.rng.randint(least, most))
        return self.rng.sample(list(things), count)

    def group(self, *, people: int = 1) -> Group | None:
        """A living group with at least so many different members; newer ones more often."""
        living = [g for g in self.world.groups.values() if g.active and len(g.members) >= people]
        if not living:
            return None
        return living[-1 - int(len(living) * self.rng.random() ** 1.5)]

    def ether(self, least: int, most: int) -> int:
        """Wei, from so many thousandths of an ether to so many."""
        return self.rng.randint(least, most) * MILLI

    def later(self) -> int:
        """A deadline: minutes, hours or days ahead."""
        return self.now + self.rng.choice((300, 1800, 7200, 86_400, 3 * 86_400, 10 * 86_400))
