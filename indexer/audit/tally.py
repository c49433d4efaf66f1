"""Counting what was compared, and finding out how the chain's contracts are to be read."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from indexer.audit.check import Check
from indexer.audit.differences import Difference, Subject
from indexer.audit.readings import ONLY, VIEWS, Reading
from indexer.chain.state import Answered, Told, Unanswered

SPARE: Final = 100
"""A reading that has so many more differences than the best one is out of the question."""
PLAIN: Final[Reading] = ""
"""Of what is no view."""


@dataclass(slots=True, kw_only=True)
class Count:
    """Of one view or table: how much was compared, and what differs under each reading."""

    subjects: int = 0
    compared: int = 0
    not_compared: int = 0
    under: dict[Reading, list[Difference]] = field(default_factory=dict)
    last: Subject | None = None

    def about(self, subject: Subject) -> None:
        """Counts the subject; those of one subject come one after the other."""
        self.subjects += subject != self.last
        self.last = subject

    def found(self, under: Mapping[Reading, Iterable[Difference]]) -> None:
        """Adds to each reading that may still be the one."""
        self.compared += 1
        for reading, differences in under.items():
            if reading in self.under:
                self.under[reading].extend(differences)
        least = min(len(found) for found in self.under.values())
        for reading in [one for one, found in self.under.items() if len(found) > least + SPARE]:
            del self.under[reading]

    @property
    def reading(self) -> Reading | None:
        """The reading with which the chain is consistent, or most nearly so.

        None where nothing tells which, or there is only one.
        """
        least = min(len(found) for found in self.under.values())
        best = [one for one, found in self.under.items() if len(found) == least]
        return best[0] if len(best) == 1 and best[0] not in (PLAIN, ONLY) else None

    @property
    def differences(self) -> list[Difference]:
        """Under the reading that leaves the fewest."""
        return min(self.under.values(), key=len)


class Tally:
    """All that was compared, by the names of views and tables, in the order of appearance."""

    def __init__(self) -> None:
        self.counts: dict[str, Count] = {}
        self.reasons: Counter[str] = Counter()

    def judge(self, check: Check, told: Told) -> None:
        """Counts what became of a question to a contract."""
        count = self._count(check.view)
        count.about(check.subject)
        if isinstance(told, Unanswered):
            count.not_compared += 1
            self.reasons[told.why] += 1
        else:
            answer = told.data if isinstance(told, Answered) else None
            count.found(check.readings(answer))

    def add(self, name: str, subject: Subject, differences: Iterable[Difference]) -> None:
        """Counts something else that was compared."""
        count = self._count(name)
        count.about(subject)
        count.found({PLAIN: differences})

    def add_many(self, name: str, compared: int, differences: Iterable[Difference]) -> None:
        """Counts as many things of a kind at once."""
        if compared:
            count = self._count(name)
            count.found({PLAIN: differences})
            count.compared += compared - 1
            count.subjects += compared

    def leave(self, name: str, why: str, times: int = 1) -> None:
        """Counts what could not be compared."""
        if times:
            self._count(name).not_compared += times
            self.reasons[why] += times

    def _count(self, name: str) -> Count:
        if name not in self.counts:
            readings = VIEWS[name].readings if name in VIEWS else (PLAIN,)
            self.counts[name] = Count(under={reading: [] for reading in readings})
        return self.counts[name]

    @property
    def answers(self) -> int:
        """How many answers of the contracts were compared."""
        return sum(count.compared for name, count in self.counts.items() if name in VIEWS)

    @property
    def compared(self) -> int:
        return sum(count.compared for count in self.counts.values())

    @property
    def not_compared(self) -> int:
        return sum(count.not_compared for count in self.counts.values())

    @property
    def differences(self) -> list[Difference]:
        return [one for count in self.counts.values() for one in count.differences]
