"""The synthetic chain: made once from a seed, kept on disk, the same on every machine.

`python -m benchmarks.chain --help` makes one without measuring anything.
"""

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Final

from benchmarks import wire
from benchmarks.abi import calldata_of, log_of
from benchmarks.archive import Archive, Meta, Writer, whole
from benchmarks.community import deployment, life
from benchmarks.program import at_least, count, ending
from benchmarks.wire import Block, Mined
from benchmarks.world import Sent, World
from indexer.chain.bloom import mask
from indexer.events.definitions import Contract
from indexer.events.inputs import NEEDS_INPUT
from indexer.units import Address, Hash32

HERE: Final = Path(__file__).parent
CHAINS: Final = HERE / ".chains"
CHAIN_ID: Final = 31337
GENESIS_TIME: Final = 1_760_000_000
BLOCK_TIME: Final = 12
DAY: Final = 7_300
"""Blocks of a little more than a day, after which red packets have expired."""
SOURCES: Final = (
    *("abi", "archive", "chain", "community", "entities", "gifts", "money", "social"),
    *("texts", "totals", "wire", "world"),
)
"""The modules that a chain depends on."""
ADDRESSES: Final = {
    contract: Address(blake2b(contract.solidity_name.encode(), digest_size=20).digest())
    for contract in Contract
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a chain is made of. It has at least `events`: a transaction is never cut.

    `night` is how many empty blocks there are in its middle. `timestamps`: logs carry
    `blockTimestamp`, as nodes write it since 2025.
    """

    seed: int = 1
    events: int = 200_000
    per_block: int = 100
    night: int = DAY
    timestamps: bool = True

    def folder(self, chains: Path = CHAINS) -> Path:
        """Where it is kept; another version of the generator makes another folder."""
        return chains / "-".join([*(str(int(part)) for part in astuple(self)), _version()])


def _version() -> str:
    made_by = [HERE / f"{name}.py" for name in SOURCES]
    sources = [*made_by, *sorted((HERE.parent / "indexer/events").rglob("*.py"))]
    return blake2b(b"".join(map(Path.read_bytes, sources)), digest_size=4).hexdigest()


def chain(recipe: Recipe, chains: Path = CHAINS) -> Path:
    """The folder of the chain, which is made where it is not there yet."""
    folder = recipe.folder(chains)
    if not whole(folder):
        for old in chains.glob(folder.name.rpartition("-")[0] + "-*"):
            shutil.rmtree(old)
        try:
            _make(recipe, folder)
        except BaseException:  # half a chain is of no use, and may be large
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return folder


def _make(recipe: Recipe, folder: Path) -> None:
    rng = Random(f"{recipe.seed}/{recipe.events}/{recipe.per_block}/{recipe.night}")
    with Writer(folder) as writer:
        maker = _Maker(recipe, writer, World(rng))
        maker.block(())
        maker.block(deployment())
        for transactions in maker.days():
            maker.block(transactions)
    meta = maker.meta()
    _deploy(folder, meta)
    writer.finish(meta)


def _deploy(folder: Path, meta: Meta) -> None:
    """Writes the deployments file that an indexer is given."""
    contracts = {
        contract.solidity_name: {
            "address": "0x" + meta.address(contract).hex(),
            "creationTx": "0x" + meta.creations[contract].hex(),
        }
        for contract in Contract
    }
    told = {"chainId": meta.chain_id, "contracts": contracts}
    (folder / "deployment.json").write_text(json.dumps(told, indent=2))


class _Maker:
    """Puts transactions into blocks, and blocks into the archive."""

    def __init__(self, recipe: Recipe, writer: Writer, world: World) -> None:
        self._recipe = recipe
        self._writer = writer
        self._world = world
        self._parent = Hash32(bytes(32))
        self._number = 0
        self._events = 0
        self._creations: dict[int, bytes] = {}
        world.now = GENESIS_TIME

    def days(self) -> Iterator[list[Sent]]:
        """What happens in each block: all the events, with a night in their middle."""
        living = life(self._world)
        rng, size = self._world.rng, self._recipe.per_block
        while self._events < self._recipe.events // 2:
            yield self._busy(living, rng.randint(size // 2, size * 3 // 2))
        for _ in range(self._recipe.night):
            yield []
        while self._events < self._recipe.events:
            yield self._busy(living, rng.randint(size // 2, size * 3 // 2))

    def _busy(self, living: Iterator[Sent], size: int) -> list[Sent]:
        """The transactions of a block of `size` events; one of twelve blocks is empty."""
        if self._world.rng.random() < 1 / 12:
            return []
        transactions: list[Sent] = []
        wanted = min(size, self._recipe.events - self._events)
        while wanted > 0:
            transactions.append(next(living))
            wanted -= len(transactions[-1].events)
        return transactions

    def block(self, sent: tuple[Sent, ...] | list[Sent]) -> None:
        """Mines the transactions and moves the clock on."""
        first = self._writer.transactions
        mined = [self._mined(one, first + place, place) for place, one in enumerate(sent)]
        block = Block(
            number=self._number,
            hash=wire.placed_hash(self._content(mined), self._number),
            parent=self._parent,
            timestamp=self._world.now,
        )
        logs, bloom = self._logs(block, sent, mined)
        hashes = [one.hash for one in mined]
        header = wire.header(block, bloom, hashes, 50_000 * len(mined))
        self._writer.append(header, logs, [wire.transaction(block, one) for one in mined])
        self._parent, self._number = block.hash, self._number + 1
        self._events += len(logs)
        self._world.now += BLOCK_TIME

    def _content(self, mined: list[Mined]) -> bytes:
        return self._parent + self._number.to_bytes(8, "big") + b"".join(one.hash for one in mined)

    def _mined(self, sent: Sent, place: int, index: int) -> Mined:
        calldata = calldata_of(sent.call) if sent.call else b"\x60\x80"
        content = b"%d/%d/" % (self._recipe.seed, self._recipe.events) + sent.sender + calldata
        hash_ = wire.placed_hash(content + place.to_bytes(8, "big"), place)
        if sent.call is None:
            self._creations[sent.contract] = hash_
        return Mined(
            hash=hash_,
            index=index,
            sender=sent.sender,
            to=ADDRESSES[sent.contract] if sent.call else None,
            input=calldata,
            value=sent.value,
        )

    def _logs(
        self, block: Block, sent: tuple[Sent, ...] | list[Sent], mined: list[Mined]
    ) -> tuple[list[bytes], int]:
        """The logs of a block, and its bloom."""
        logs: list[bytes] = []
        bloom, totals = 0, self._world.totals
        for one, at in zip(sent, mined, strict=True):
            frame = wire.log_frame(block, at, timestamp=self._recipe.timestamps)
            address = ADDRESSES[one.contract]
            totals["events.contracts"] += one.contract * len(one.events)
            for event in one.events:
                topics, data = log_of(event)
                for item in (address, *topics):
                    bloom |= mask(item)
                totals["events.inputs"] += topics[0] in NEEDS_INPUT
                totals["events.data"] += len(data)
                logs.append(wire.log(address, topics, data, len(logs), frame))
        totals["events.rows"] += len(logs)
        return logs, bloom

    def meta(self) -> Meta:
        """What was made; ends the world."""
        return Meta(
            chain_id=CHAIN_ID,
            seed=self._recipe.seed,
            blocks=self._number,
            events=self._events,
            transactions=self._writer.transactions,
            addresses={contract: address for contract, address in ADDRESSES.items()},
            creations=self._creations,
            totals=self._world.close(),
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose a chain, besides its length."""
    parser.add_argument("--seed", type=int, default=1, help="another one, another chain (1)")
    parser.add_argument("--per-block", type=at_least(2), default=100, help="events in one (100)")
    parser.add_argument(
        "--night", type=at_least(0), default=DAY,
        help=f"empty blocks in the middle ({DAY:,}: red packets expire)",
    )  # fmt: skip
    parser.add_argument(
        "--no-timestamps",
        dest="timestamps",
        action="store_false",
        help="logs without blockTimestamp, as older nodes answer",
    )


def main() -> None:
    """Makes a chain and says where it lies."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chain", description=main.__doc__)
    parser.add_argument("--events", type=count, default=200_000, help="at least so many")
    arguments(parser)
    began = time.monotonic()
    folder = chain(Recipe(**vars(parser.parse_args())))
    meta = Archive(folder).meta
    size = sum(file.stat().st_size for file in folder.iterdir()) >> 20
    print(f"{meta.events:,} events in {meta.blocks:,} blocks, {size:,} MB, in {folder}")
    print(f"{time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    with ending():
        main()
