"""Asking the contracts: many views in one call where Multicall3 is there, else in batches.

Sizes follow what the nodes manage. What a node can't answer stays unanswered, and nobody takes it
for equal.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from indexer.audit.check import Check
from indexer.audit.multicall import MULTICALL3, apart, together
from indexer.chain import state
from indexer.chain.state import Answered, NoState, Refused, State, Told, Unanswered
from indexer.errors import Unserved
from indexer.events.definitions import Contract
from indexer.events.reference import Malformed
from indexer.units import Address, Hash32

T = TypeVar("T")

AT_FIRST: Final = 50
MOST: Final = 400
"""Questions at once."""
SLOTS: Final = 4
"""Requests under way."""


class Asked(NamedTuple):
    """A call: to whom, with what, in whose name."""

    to: Address
    data: bytes
    sender: Address | None = None


class Size:
    """How many questions go together: more after a success, half as many after a failure."""

    def __init__(self) -> None:
        self.now = AT_FIRST

    def well(self, count: int) -> None:
        if count >= self.now:
            self.now = min(MOST, self.now + self.now // 4 + 1)

    def badly(self, count: int) -> None:
        self.now = max(1, min(self.now, count // 2))


class Asker:
    """Asks about one block after the other."""

    def __init__(self, state: State, addresses: Mapping[Contract, Address]) -> None:
        self._state = state
        self._addresses = addresses
        self._slots = asyncio.Semaphore(SLOTS)
        self._single, self._joint = Size(), Size()
        self._aggregates: tuple[Hash32, bool] | None = None

    async def ask(self, block: Hash32, checks: Sequence[Check]) -> list[Told]:
        """What became of each. Raises Retryable, NodeBehind where no node knows the block."""
        found: dict[int, Told] = {}
        views: list[int] = []
        for place, check in enumerate(checks):
            if check.calldata is None:
                found[place] = Unanswered(check.why)
            elif check.sender is None:
                views.append(place)
        told = await self._views(block, [self._asked(checks[place]) for place in views])
        found |= {place: _view(one) for place, one in zip(views, told, strict=True)}
        left = [place for place in range(len(checks)) if place not in found]
        simulated = await self._simulated(block, [checks[place] for place in left])
        found |= dict(zip(left, simulated, strict=True))
        return [found[place] for place in range(len(checks))]

    def _asked(self, check: Check) -> Asked:
        assert check.calldata is not None
        return Asked(self._addresses[check.contract], check.calldata, check.sender)

    async def _views(self, block: Hash32, asked: Sequence[Asked]) -> list[Told]:
        if not asked or not await self._aggregate(block):
            return await self._direct(block, asked)
        told = await self._cut(asked, self._joint, lambda part: self._together(block, part))
        again = [place for place, one in enumerate(told) if isinstance(one, Unanswered)]
        alone = await self._direct(block, [asked[place] for place in again])
        for place, one in zip(again, alone, strict=True):
            told[place] = one
        return told

    async def _aggregate(self, block: Hash32) -> bool:
        """Whether Multicall3 is there at this block."""
        if self._aggregates is None or self._aggregates[0] != block:
            [told] = await self._cut(
                [state.code(MULTICALL3, block)], self._single, self._state.told
            )
            there = isinstance(told, Answered) and len(told.data) > 0
            self._aggregates = block, there
        return self._aggregates[1]

    async def _together(self, block: Hash32, asked: Sequence[Asked]) -> list[Told]:
        """By Multicall3. Unanswered where it can't be: to be asked alone.

        So is what failed without a word: it may have been the gas that ran out.
        """
        data = together([(one.to, one.data) for one in asked])
        [told] = await self._state.told([state.call(MULTICALL3, data, block)])
        if not isinstance(told, Answered):
            raise Unserved(told.why if isinstance(told, Unanswered) else "Multicall3 reverted")
        try:
            return [_part(*one) for one in apart(told.data, len(asked))]
        except Malformed as error:
            raise Unserved(f"Multicall3 answers nonsense: {error}") from None

    async def _direct(self, block: Hash32, asked: Sequence[Asked]) -> list[Told]:
        calls = [state.call(one.to, one.data, block, one.sender) for one in asked]
        return await self._cut(calls, self._single, self._state.told)

    async def _simulated(self, block: Hash32, checks: Sequence[Check]) -> list[Told]:
        """Calls that would change something, each beside its control."""
        asked: list[Asked] = []
        for check in checks:
            asked.append(self._asked(check))
            if check.control is not None:
                asked.append(Asked(self._addresses[check.contract], check.control.calldata))
        told = iter(await self._direct(block, asked))
        return [_controlled(check, next(told), told) for check in checks]

    async def _cut(
        self,
        asked: Sequence[T],
        size: Size,
        send: Callable[[Sequence[T]], Awaitable[list[Told]]],
    ) -> list[Told]:
        """The answers, asked for in parts that the nodes manage."""

        async def some(part: Sequence[T]) -> list[Told]:
            try:
                async with self._slots:
                    told = await send(part)
            except NoState as error:
                return [Unanswered(str(error))] * len(part)
            except Unserved as error:
                if len(part) == 1:
                    return [Unanswered(str(error))]
                size.badly(len(part))
                middle = len(part) // 2
                return await some(part[:middle]) + await some(part[middle:])
            size.well(len(part))
            return told

        parts = (asked[at : at + size.now] for at in range(0, len(asked), size.now))
        return [one for told in await asyncio.gather(*map(some, [*parts])) for one in told]


def _view(told: Told) -> Told:
    """A view of ours answers something; nothing at all comes from where there is no contract."""
    if told == Answered(b""):
        return Unanswered("the node finds no contract there at this block")
    return told


def _part(success: bool, data: bytes) -> Told:
    if success:
        return Answered(data)
    return Refused() if data else Unanswered("it failed without a word")


def _controlled(check: Check, told: Told, rest: Iterator[Told]) -> Told:
    """What was told, if the control beside it, which comes next, holds."""
    if check.control is None:
        return told
    control = next(rest)
    try:
        if isinstance(control, Answered) and check.control.holds(control.data):
            return told
    except Malformed:
        pass
    return Unanswered("whoever it was asked as may not do this, as far as the node can tell")
