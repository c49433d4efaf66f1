"""The community at work: its past once, then a call every now and then."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from indexer.dev.community.calls import Call
from indexer.dev.community.fold import apply
from indexer.dev.community.history import CALLS, History
from indexer.dev.community.sender import Sender
from indexer.dev.community.story import next_call
from indexer.dev.community.world import World
from indexer.dev.deployment import addresses
from indexer.dev.jsonrpc import JsonRpc, Refused, connected
from indexer.errors import ConfigError, NodeUnavailable
from indexer.log import get_logger

PATIENCE: Final = 30.0
"""Seconds that an unreachable node is waited for."""
log = get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Community:
    """`accepted` and `refused` count since the start."""

    sender: Sender
    users: Sequence[str]
    seed: int
    world: World = field(default_factory=World)
    accepted: int = 0
    refused: int = 0
    seen: int = -1
    """The last block that `world` knows."""

    async def catch_up(self) -> None:
        """Folds what the chain holds beyond what the world knows."""
        head = await self.sender.rpc.number("eth_blockNumber")
        async for mined in self.sender.past(self.seen + 1, head):
            apply(self.world, mined)
        self.seen = head

    async def settle(self) -> None:
        """Builds the history where there is none, or not all of it."""
        if self.world.turn >= CALLS:
            return
        before = self.world.turn
        log.info("building a history", calls=CALLS - before)
        history = History(sender=self.sender, world=self.world, users=self.users, seed=self.seed)
        self.refused += await history.build()
        self.accepted += self.world.turn - before
        log.info("history built", groups=len(self.world.groups), refused=self.refused)

    async def act(self) -> Call:
        """What somebody tried to do; a refusal is told and counted."""
        now = await self.sender.now()
        call = next_call(
            self.world, users=self.users, now=now, seed=self.seed, attempt=self.refused
        )
        try:
            mined = await self.sender.mined(call, await self.sender.send(call))
        except Refused as error:
            self._refuse(call, str(error))
            return call
        if mined is None:
            self._refuse(call, "reverted")
            return call
        apply(self.world, mined)
        self.accepted += 1
        log.info(call.name, sender=call.sender, accepted=self.accepted, refused=self.refused)
        return call

    def _refuse(self, call: Call, reason: str) -> None:
        self.refused += 1
        log.warning(f"{call.name} was refused", reason=reason, refused=self.refused)


async def community_of(rpc: JsonRpc, deployment: Path, seed: int) -> Community:
    """The community of a chain, which remembers everything that happened on it."""
    contracts = addresses(deployment)
    if not (users := await rpc.call("eth_accounts")):
        raise ConfigError(f"{rpc.url} has no unlocked accounts: a community needs a dev chain")
    sender = Sender(rpc=rpc, contracts=contracts)
    community = Community(sender=sender, users=[user.lower() for user in users], seed=seed)
    await community.catch_up()
    return community


async def run(rpc_url: str, deployment_path: Path, seed: int = 1, pace: float = 1.5) -> None:
    """Keeps a community busy until cancelled: a call every `pace` seconds or so.

    Raises NodeUnavailable once the node has not answered for half a minute.
    """
    async with connected(rpc_url) as rpc:
        community = await community_of(rpc, deployment_path, seed)
        await community.settle()
        answered = time.monotonic()
        while True:
            try:
                await community.act()
                answered = time.monotonic()
            except NodeUnavailable:
                if time.monotonic() - answered > PATIENCE:
                    raise
            rng = Random(f"{seed}/{community.world.turn}/pause")
            await asyncio.sleep(pace * rng.uniform(0.5, 1.5))
