"""One question to a contract, and what its answer has to be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from indexer.audit.differences import Difference, Subject, shown
from indexer.audit.readings import ONLY, VIEWS, Reading, View
from indexer.events.definitions import Contract
from indexer.events.observations import Kind
from indexer.events.reference import Malformed
from indexer.events.views import string
from indexer.units import Address

Pairs = Iterable[tuple[str, Any, Any]]
"""(field, what the index says, what the contract says)."""
Judge = Callable[[bytes | None], Mapping[Reading, Pairs]]
"""The answer, None where the call reverted → what has to be equal, by the reading of the view."""
Observes = tuple[Kind, bytes, Address]
"""(kind, key, address) of the observation that would record an answer."""

REVERTED = "reverted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`time`: the block's, in Unix seconds."""

    time: int


class Control(NamedTuple):
    """A view that has to answer so in the same round: else the answer beside it says nothing."""

    calldata: bytes
    holds: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`calldata` is None where nothing can be asked, for the reason `why`.

    `sender` is whom a call is simulated as; what has none is a view. `of` is the address that it
    is about, beside the subject.
    """

    subject: Subject
    view: str
    calldata: bytes | None
    judge: Judge
    of: Address | None = None
    sender: Address | None = None
    control: Control | None = None
    observed: Observes | None = None
    follow: Callable[[bytes], Sequence["Check"]] | None = None
    why: str = ""

    @property
    def spec(self) -> View:
        return VIEWS[self.view]

    @property
    def contract(self) -> Contract:
        return self.spec.contract

    def readings(self, answer: bytes | None) -> Mapping[Reading, list[Difference]]:
        """The differences under each reading of the view."""
        try:
            told = self.judge(answer)
            return {reading: self._differing(pairs) for reading, pairs in told.items()}
        except Malformed as error:
            odd = f"no encoding of what this view answers: {error}"
            found = self._differing([("answer", None, odd)])
            return dict.fromkeys(self.spec.readings, found)

    def differences(self, answer: bytes | None) -> list[Difference]:
        """The differences under the reading that leaves the fewest."""
        return min(self.readings(answer).values(), key=len)

    def follow_ups(self, answer: bytes | None) -> Sequence["Check"]:
        """What the answer gives reason to ask next."""
        if self.follow is None or answer is None:
            return ()
        try:
            return self.follow(answer)
        except Malformed:
            return ()

    def _differing(self, pairs: Pairs) -> list[Difference]:
        return [
            Difference(
                subject=self.subject,
                source=self.view,
                field=field,
                index=shown(index),
                chain=shown(chain),
                of=self.of,
            )
            for field, index, chain in pairs
            if index != chain
        ]


def answered(read: Callable[[bytes], Pairs]) -> Judge:
    """For views with one reading, that have to answer."""

    def judge(answer: bytes | None) -> Mapping[Reading, Pairs]:
        return {ONLY: REFUSED if answer is None else read(answer)}

    return judge


REFUSED: Pairs = [("answer", "there is one", REVERTED)]


def among(read: Callable[[bytes], Mapping[Reading, Pairs]], *readings: Reading) -> Judge:
    """For views with several readings, that have to answer."""

    def judge(answer: bytes | None) -> Mapping[Reading, Pairs]:
        return dict.fromkeys(readings, REFUSED) if answer is None else read(answer)

    return judge


def value(field: str, expected: object, read: Callable[[bytes], object]) -> Judge:
    """For views that answer one value."""
    return answered(lambda answer: [(field, expected, read(answer))])


def of_id(view: str, key: bytes) -> bytes:
    """Calldata with 32 bytes."""
    return VIEWS[view].selector + key


def of_address(view: str, address: Address) -> bytes:
    """Calldata with an address."""
    return VIEWS[view].selector + address.rjust(32, b"\0")


def of_both(view: str, key: bytes, address: Address) -> bytes:
    """Calldata with 32 bytes and an address."""
    return of_id(view, key) + address.rjust(32, b"\0")


def of_name(view: str, group_id: bytes) -> bytes:
    """Calldata with a string."""
    return VIEWS[view].selector + string(group_id)


def of_member(view: str, group_id: bytes, address: Address) -> bytes:
    """Calldata with a string and an address."""
    place = (64).to_bytes(32) + address.rjust(32, b"\0")
    return VIEWS[view].selector + place + string(group_id)[32:]
