"""Asking nodes for what the index can do without."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from indexer.chain.endpoint import TooSlow
from indexer.errors import NodeBehind, Unserved
from indexer.log import get_logger

Q = TypeVar("Q")
A = TypeVar("A")

log = get_logger(__name__)

REST: Final = 60.0
"""Seconds for which nodes that lack it are not asked again."""
PAUSES: Final = (0.25, 0.5, 1.0)
"""Seconds that a node is given to see a block that another one has seen."""


class Spare(Generic[Q, A]):
    """Asks in groups, a few at once; where a group fails, one by one.

    A question that nobody answers is answered by None. What waiting helps against is raised.
    """

    def __init__(
        self,
        name: str,
        ask: Callable[[Sequence[Q]], Awaitable[Sequence[A | None]]],
        *,
        group: int,
        lagging: bool = True,
    ) -> None:
        """`name` says in the log what it is that nodes lack.

        Unless they may be `lagging`, nodes that stay behind are left alone like those that lack it.
        """
        self._name = name
        self._ask = ask
        self._group = group
        self._lagging = lagging
        self._until = 0.0
        self._said = False

    async def ask(self, questions: Sequence[Q]) -> list[A | None]:
        """The answers in the order of the questions."""
        groups = [
            questions[start : start + self._group]
            for start in range(0, len(questions), self._group)
        ]
        told = [await self._answers(one) for one in groups[:1]]
        told += await asyncio.gather(*map(self._answers, groups[1:]))
        return [answer for answers in told for answer in answers]

    async def _answers(self, group: Sequence[Q]) -> Sequence[A | None]:
        if time.monotonic() < self._until:
            return [None] * len(group)
        try:
            return await self._patiently(group)
        except Unserved as error:
            if len(group) > 1:
                return [(await self._answers([one]))[0] for one in group]
            if not isinstance(error.__cause__, TooSlow):
                self._lacking(str(error))
        except NodeBehind as error:
            if not self._lagging:
                self._lacking(str(error))
        return [None] * len(group)

    async def _patiently(self, group: Sequence[Q]) -> Sequence[A | None]:
        for pause in PAUSES:
            try:
                return await self._ask(group)
            except Unserved:
                raise
            except NodeBehind:
                await asyncio.sleep(pause)
        return await self._ask(group)

    def _lacking(self, cause: str) -> None:
        self._until = time.monotonic() + REST
        if not self._said:
            log.warning("a node lacks something", lacks=self._name, cause=cause)
        self._said = True
