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

CALLS: Final = 700
"""Accepted calls that make a history: some 20 groups, and all that happens in them."""
PER_BLOCK: Final = 7
PAUSES: Final = (0.01, 0.01, 0.02, 0.03, 0.05, 0.08, 7.8)
"""Share of the mean pause between two blocks: an evening's talk, and then the night."""


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
        while self.world.turn < CALLS:
            now = await self._move_clock()
            calls = next_calls(
                self.world, users=self.users, now=now, seed=self.seed, most=PER_BLOCK
            )
            refused += await self._block(calls)
        await self._arrive()
        return refused

    async def _block(self, calls: Sequence[Call]) -> int:
        sent = [(call, await self.sender.send(call, gas=GAS)) for call in calls]
        await self.sender.rpc.call("evm_mine")
        mined = await asyncio.gather(*(self.sender.mined(call, each) for call, each in sent))
        for accepted in filter(None, mined):
            apply(self.world, accepted)
        return mined.count(None)

    async def _move_clock(self) -> int:
        """The time of the next block, which lies before the present where the chain's past does."""
        newest = await self.sender.now()
        left = max(1, (CALLS - self.world.turn) // PER_BLOCK)
        mean = (time.time() - newest) / left
        pause = int(mean * Random(f"{self.seed}/{self.world.turn}").choice(PAUSES))
        planned = min(newest + max(2, pause), int(time.time()))
        if planned > newest + 1:
            await self._try("evm_setNextBlockTimestamp", planned)
        return planned

    async def _arrive(self) -> None:
        """Sets the chain's clock to the present, where it is behind."""
        behind = int(time.time()) - await self.sender.now()
        if behind > 5:
            await self._try("evm_increaseTime", behind)
            await self._try("evm_mine")

    async def _try(self, method: str, *params: int) -> None:
        """A block mined in between may lie beyond the wanted time: then time just goes on."""
        try:
            await self.sender.rpc.call(method, *params)
        except Refused:
            return
