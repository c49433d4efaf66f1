"""The dev chain: anvil, with its state under the home.

`saved.json` is replaced as a whole now and then, `exit.json` is what anvil itself writes when it is
asked to end. Only a killed anvil forgets blocks, those since the last save. The chain then goes on
from an older block with other blocks, which to an index is a reorganisation like any other.
"""

import asyncio
import gzip
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Final

import msgspec

from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc, Refused
from indexer.dev.node import anvil
from indexer.dev.process import spawn
from indexer.errors import NodeUnavailable

CHAIN_ID: Final = 31337
ACCOUNTS: Final = 24
PAST: Final = 30 * 86_400
"""Seconds that the first block lies back: room for a history."""
SAVE_SECONDS: Final = 5.0
SAVE_SHARE: Final = 0.02
"""Saving takes at most this share of the time, however long the chain becomes."""


class _Block(msgspec.Struct):
    number: str


class _Saved(msgspec.Struct):
    block: _Block


@dataclass(frozen=True, slots=True, kw_only=True)
class DevChain:
    """The files and the command line of a home's chain."""

    home: Home

    @property
    def saved(self) -> Path:
        return self.home.room("chain") / "saved.json"

    @property
    def exit(self) -> Path:
        return self.home.room("chain") / "exit.json"

    def start(self, port: int) -> Popen[bytes]:
        """The started anvil, which goes on with the blocks it had."""
        self.settle()
        return spawn(self.command(port), log=self.home.log("chain"), cwd=self.home.room("chain"))

    def lost(self) -> bool:
        """Whether contracts were deployed on a chain of which nothing is left."""
        self.settle()
        return not self.saved.exists() and any(self.home.room("deployments").iterdir())

    def settle(self) -> None:
        """Makes `saved.json` the newest of the readable states, and drops the other."""
        if height(self.exit) > height(self.saved):
            self.exit.replace(self.saved)
        self.exit.unlink(missing_ok=True)
        if height(self.saved) < 0:
            self.saved.unlink(missing_ok=True)

    def command(self, port: int) -> Sequence[str | Path]:
        """Anvil's words; only a new chain is given the time at which it begins."""
        begin = ("--load-state", self.saved) if self.saved.exists() else ("--timestamp", _begin())
        return [
            anvil(),
            *("--chain-id", str(CHAIN_ID), "--accounts", str(ACCOUNTS)),
            *("--block-time", "1", "--slots-in-an-epoch", "8"),
            *("--host", "127.0.0.1", "--port", str(port), "--quiet"),
            *("--dump-state", self.exit, "--cache-path", self.home.room("chain") / "cache"),
            *begin,
        ]

    async def save_forever(self, rpc: JsonRpc) -> None:
        """Saves now and then until cancelled; a node that is just ending is not asked again."""
        while True:
            begun = time.monotonic()
            try:
                await self.save(rpc)
            except (Refused, NodeUnavailable):
                return
            took = time.monotonic() - begun
            await asyncio.sleep(max(SAVE_SECONDS, took / SAVE_SHARE))

    async def save(self, rpc: JsonRpc) -> None:
        """Replaces `saved.json` by the chain as it stands."""
        packed = bytes.fromhex((await rpc.call("anvil_dumpState"))[2:])
        await asyncio.to_thread(_replace, self.saved, packed)


def height(path: Path) -> int:
    """The last block of a saved state; -1 where the file is missing or broken off."""
    try:
        return int(msgspec.json.decode(path.read_bytes(), type=_Saved).block.number, 16)
    except (FileNotFoundError, msgspec.MsgspecError, ValueError):
        return -1


def _replace(path: Path, packed: bytes) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(gzip.decompress(packed))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _begin() -> str:
    return str(int(time.time()) - PAST)
