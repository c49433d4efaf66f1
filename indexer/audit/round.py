"""Questions about one block, asked until they are answered, and what became of them counted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from indexer.audit.asking import Asker
from indexer.audit.check import Check, Context
from indexer.audit.moment import Moment
from indexer.audit.tally import Tally
from indexer.chain.blocks import Header
from indexer.chain.node import Node
from indexer.chain.settled import settled
from indexer.chain.state import Answered, Told, Unanswered
from indexer.errors import NodeBehind, Retryable
from indexer.sync.patience import Patience
from indexer.units import BlockNumber

T = TypeVar("T")


class Round:
    """All questions are about the end of `header`'s block."""

    def __init__(
        self,
        *,
        moment: Moment,
        header: Header,
        node: Node,
        asker: Asker,
        patience: float,
        tally: Tally | None = None,
    ) -> None:
        self.moment = moment
        self.header = header
        self.context = Context(time=header.timestamp)
        self.tally = tally or Tally()
        self._node = node
        self._asker = asker
        self._patience = Patience(patience)

    async def ask(self, checks: Sequence[Check]) -> list[tuple[Check, Told]]:
        """Counts the answers, and asks what they give reason to ask; returns them all."""
        if not checks:
            return []
        told = await self._settled(checks)
        more: list[Check] = []
        for check, one in zip(checks, told, strict=True):
            self.tally.judge(check, one)
            if isinstance(one, Answered):
                more += check.follow_ups(one.data)
        return [*zip(checks, told, strict=True), *await self.ask(more)]

    async def _settled(self, checks: Sequence[Check]) -> list[Told]:
        """The answers; those that differ from the index are asked for until they are settled."""
        ask = partial(self._asker.ask, self.header.hash)
        told = await self.patiently(lambda: ask(checks))
        odd = [place for place, check in enumerate(checks) if differing(check, told[place])]
        doubted = [checks[place] for place in odd]
        for place, one in zip(
            odd, await self.patiently(lambda: settled(ask, doubted)), strict=True
        ):
            told[place] = one
        return told

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What it comes to. Raises BlockGone, or Retryable when patience ends."""
        while True:
            try:
                found = await ask()
            except Retryable as error:
                await self.still_there()
                await asyncio.sleep(self._patience.pause(error))
                continue
            self._patience.restore()
            return found

    async def still_there(self) -> None:
        """Raises BlockGone where the node has another block of that number."""
        try:
            now = await header_of(self._node, self.moment.number)
        except NodeBehind:
            return
        if now.hash != self.header.hash:
            raise self.moment.gone()


def differing(check: Check, told: Told) -> int:
    """How many differences the answer leaves."""
    if isinstance(told, Unanswered):
        return 0
    return len(check.differences(told.data if isinstance(told, Answered) else None))


async def header_of(node: Node, number: int) -> Header:
    """The node's block of that number. Raises Retryable."""
    [header] = await node.headers([BlockNumber(number)])
    return header


async def agreed(node: Node, moment: Moment) -> Header:
    """The header of the moment's block, of the chain that the index follows.

    Raises BlockGone where the node follows another one, other Retryable.
    """
    header = await header_of(node, moment.number)
    if moment.anchor is not None:
        number, kept = moment.anchor
        theirs = header if number == moment.number else await header_of(node, number)
        if theirs.hash != kept:
            raise moment.gone()
    return header
