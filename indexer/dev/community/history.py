"""A believable past, quickly: many calls a block, and the chain's clock led from then to now."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from indexer.dev.community.calls import Call
from indexer.dev.community.fold import apply
from indexer.dev.community.sender import GAS, Sender
from indexer.dev.community.story import next_calls
from indexer.dev.community.world import World
from indexer.dev.jsonrpc import Refused

CALLS: Final = 1000
"""Accepted calls that make a history: some 20 groups, and all that happens in them."""
PER_BLOCK: Final = 7
SPAN: Final = 27 * 86_400
"""Seconds that a history takes, where the chain begins that long ago."""
PAUSES: Final = (0.01, 0.01, 0.02, 0.03, 0.05, 0.08, 6.8)
"""Share of the mean pause between two blocks: an evening's talk, and then the night."""
MEAN: Final = SPAN * PER_BLOCK // CALLS


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Writes into `world` what it does."""

    sender: Sender
    world: World
    users: Sequence[str]
    seed: int

    async def build(self) -> int:
        """How many calls were refused. Goes on where an interrupted history ended."""
        refused = 0
        await self._try("evm_setIntervalMining", 0)
        try:
            while self.world.turn < CALLS:
                refused += await self._block(await self._choose())
            await self._arrive()
        finally:
            await self._try("evm_setIntervalMining", 1)
        return refused

    async def _choose(self) -> Sequence[Call]:
        now = await self._move_clock()
        return next_calls(self.world, users=self.users, now=now, seed=self.seed, most=PER_BLOCK)

    async def _block(self, calls: Sequence[Call]) -> int:
        sent = [(call, await self.sender.send(call, gas=GAS)) for call in calls]
        await self.sender.rpc.call("evm_mine")
        mined = await asyncio.gather(*(self.sender.mined(call, each) for call, each in sent))
        for accepted in filter(None, mined):
            apply(self.world, accepted)
        return mined.count(None)

    async def _move_clock(self) -> int:
        """The time of the next block: never beyond the present, whenever the chain began."""
        newest = await self.sender.now()
        pause = MEAN * Random(f"{self.seed}/{self.world.turn}").choice(PAUSES)
        planned = min(newest + int(pause), int(time.time()))
        if planned > newest + 1:
            await self._try("evm_setNextBlockTimestamp", planned)
        return max(planned, newest)

    async def _arrive(self) -> None:
        """Sets the chain's clock to the present, where it is behind."""
        behind = int(time.time()) - await self.sender.now()
        if behind > 5:
            await self._try("evm_increaseTime", behind)
            await self._try("evm_mine")

    async def _try(self, method: str, *params: int) -> None:
        """A node may not lead its clock, or be past that time already: then time just goes on."""
        try:
            await self.sender.rpc.call(method, *params)
        except Refused:
            return
