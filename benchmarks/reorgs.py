"""`python -m benchmarks.reorgs`: how long an index takes to leave blocks for others.

What is timed are the transactions: undo, the new blocks, all projections, the notice to others.
Finding the fork is not: it asks the node some 2·log2(depth) questions.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import verify
from benchmarks.abi import log_of
from benchmarks.archive import Archive
from benchmarks.chain import ADDRESSES, Recipe, chain
from benchmarks.machine import busy, machine
from benchmarks.program import at_least, count, ending
from benchmarks.results import told
from benchmarks.server import served
from benchmarks.verify import Wrong
from indexer.chain.head import Heads
from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.db import schema
from indexer.dev.postgres import embedded_postgres
from indexer.events.definitions import Contract, Event
from indexer.events.definitions import group_chat as chat
from indexer.projections.world import Fact
from indexer.sync.batch import Batch, Block
from indexer.sync.fetch import Fetcher
from indexer.sync.store import Origin, Store
from indexer.units import Address, BlockNumber, Hash32, keccak

STEP: Final = 64
"""Blocks that the engine writes at once after a fork."""
SIZES: Final = (100, 1_000, 10_000, 100_000)
TIMES: Final = 21
GENESIS_TIME: Final = 1_760_000_000


class Deep(msgspec.Struct, frozen=True, kw_only=True):
    """A deep reorg: `first` is the transaction that undoes all, and writes the first new blocks."""

    blocks: int
    events: int
    first_s: float
    level_s: float
    """Until the index is where it was, on the other fork."""


class Shallow(msgspec.Struct, frozen=True, kw_only=True):
    """One block replaced in a group of so many members, in the median and at worst."""

    members: int
    median_ms: float
    worst_ms: float


class Report(msgspec.Struct, kw_only=True):
    """What is written to a file."""

    deep: Deep
    shallow: list[Shallow]
    load: float
    machine: dict[str, str]


def deep(folder: Path, url: str, events: int) -> Deep:
    """Replaces the newest blocks of a chain, which have at least so many events. Raises Wrong."""
    schema.migrate(url)
    archive = Archive(folder)
    with served(folder) as node, closing(Store(url)) as store:
        batches = asyncio.run(_fetched(node.url, archive))
        _begin(store, {c: archive.meta.address(c) for c in Contract})
        for batch in batches:
            store.write(batch, _heads(archive.head))
        new = [_forked(one) for one in _newest(batches, events)]
        new[0] = replace(new[0], parent=_newest(batches, events)[0].parent)
        began = time.monotonic()
        store.write(new[0], _heads(archive.head))
        first = time.monotonic() - began
        for batch in new[1:]:
            store.write(batch, _heads(archive.head))
        level = time.monotonic() - began
    with psycopg.connect(url, autocommit=True) as database:
        verify.check(database, archive.meta.totals)
    blocks, count = new[-1].last.number - new[0].first + 1, sum(len(one.events) for one in new)
    return Deep(blocks=blocks, events=count, first_s=first, level_s=level)


async def _fetched(url: str, archive: Archive) -> list[Batch]:
    node = Node(Rpc([url], expected_chain_id=archive.meta.chain_id))
    contracts = {archive.meta.address(contract): contract for contract in Contract}
    fetcher = Fetcher(node, contracts, cross_check=False)
    try:
        starts = range(1, archive.head + 1, STEP)
        return [
            await fetcher.stretch(
                BlockNumber(first), BlockNumber(min(first + STEP - 1, archive.head))
            )
            for first in starts
        ]
    finally:
        await node.close()


def _newest(batches: Sequence[Batch], events: int) -> Sequence[Batch]:
    count, at = 0, len(batches)
    while at and count < events:
        at -= 1
        count += len(batches[at].events)
    return batches[at:]


def _forked(batch: Batch) -> Batch:
    """The same on another fork: other hashes, the same events."""
    blocks = [one._replace(hash=keccak(one.hash)) for one in batch.blocks]
    return replace(batch, parent=keccak(batch.parent), blocks=blocks, last=blocks[-1])


def shallow(url: str, members: int) -> Shallow:
    """Replaces the newest block of a group so many times. Raises Wrong."""
    schema.migrate(url)
    group, owner = keccak(b"group_1"), _person(0)
    with closing(Store(url)) as store:
        _begin(store, ADDRESSES)
        events: list[Event] = [chat.GroupCreated(group, b"large", owner, GENESIS_TIME)]
        events += [chat.MemberJoined(group, _person(n), GENESIS_TIME) for n in range(1, members)]
        parent, number = Hash32(bytes(32)), 1
        for start in range(0, len(events), 1000):
            batch = _block(number, parent, events[start : start + 1000])
            store.write(batch, _heads(number))
            parent, number = batch.last.hash, number + 1
        took = [*_replaced(store, group, parent, number, members)]
    with psycopg.connect(url, autocommit=True) as database:
        found = database.execute("SELECT member_count FROM groups").fetchall()
    if found != [(members + 1,)]:
        raise Wrong(f"the group has {found} members instead of {members + 1}")
    return Shallow(
        members=members, median_ms=statistics.median(took) * 1e3, worst_ms=max(took) * 1e3
    )


def _replaced(
    store: Store, group: Hash32, parent: Hash32, number: int, members: int
) -> Iterator[float]:
    """Seconds of each time; the block has a join and a leave, and another one at first."""
    for nth in range(TIMES + 1):
        guest = _person(members + nth)
        events: list[Event] = [
            chat.MemberJoined(group, guest, GENESIS_TIME),
            chat.MemberLeft(group, _person(1 + nth), GENESIS_TIME),
            chat.MemberJoined(group, _person(1 + nth), GENESIS_TIME),
        ]
        batch, began = _block(number, parent, events), time.monotonic()
        store.write(batch, _heads(number))
        if nth:
            yield time.monotonic() - began


def _block(number: int, parent: Hash32, events: Sequence[Event]) -> Batch:
    rows, hash_ = [], keccak(parent + repr(events).encode())
    for index, event in enumerate(events):
        topics, data = log_of(event)
        padded: tuple[Any, ...] = (*topics, None, None, None, None)[:4]
        place = number, index, index, keccak(hash_ + bytes([index % 256])), Contract.GROUP_CHAT
        rows.append((*place, *padded, data, True, None, None))
    block = Block(BlockNumber(number), hash_, GENESIS_TIME + number)
    facts = [Fact(event, number, index, index) for index, event in enumerate(events)]
    return Batch(
        first=block.number, parent=parent, last=block, blocks=[block], events=rows, facts=facts
    )


def _begin(store: Store, addresses: dict[Contract, Address]) -> None:
    assert store.lead()
    origins = [Origin(contract, place, BlockNumber(1)) for contract, place in addresses.items()]
    store.begin(31337, origins)


def _person(number: int) -> Address:
    return Address(keccak(b"person %d" % number)[:20])


def _heads(number: int) -> Heads:
    head = BlockNumber(number)
    return Heads(latest=head, safe=head, finalized=head)


def measured(events: int, sizes: Sequence[int]) -> Report:
    """Everything, each in a database of its own. Raises Wrong."""
    folder = chain(Recipe(events=2 * events, night=0))
    with tempfile.TemporaryDirectory(prefix="dchat-bench-") as home:
        with embedded_postgres(Path(home) / "home") as url:
            with psycopg.connect(url, autocommit=True) as database:
                names = ["deep", *(f"shallow_{size}" for size in sizes)]
                for name in names:
                    database.execute(f"CREATE DATABASE {name}".encode())
                told, load = machine(database), busy()
            urls = [url.rsplit("/", 1)[0] + "/" + name for name in names]
            return Report(
                deep=deep(folder, urls[0], events),
                shallow=[shallow(one, size) for one, size in zip(urls[1:], sizes, strict=True)],
                load=load,
                machine=told,
            )


def show(report: Report, console: Console) -> None:
    """Prints it."""
    one = report.deep
    console.print(
        f"{one.blocks:,} blocks with {one.events:,} events replaced: {one.first_s:.2f} s until the"
        f" first {STEP} new blocks stand, {one.level_s:.2f} s until all do"
    )
    table = Table(title=f"one block replaced, {TIMES} times")
    for name in ("members of the group", "median, ms", "worst, ms"):
        table.add_column(name, justify="right")
    for row in report.shallow:
        table.add_row(f"{row.members:,}", f"{row.median_ms:.1f}", f"{row.worst_ms:.1f}")
    console.print(table)
    console.print(f"machine's load before {report.load:.1f}; " + ", ".join(report.machine.values()))


def main() -> None:
    """Measures; ends with 1 when a run does not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reorgs", description=__doc__)
    parser.add_argument("--events", type=count, default=50_000, help="events that are replaced")
    parser.add_argument(
        "--members", type=at_least(TIMES + 2), nargs="+", default=SIZES, help="sizes of the group"
    )
    given = parser.parse_args()
    told("reorgs", lambda: measured(given.events, given.members), show)


if __name__ == "__main__":
    with ending():
        main()
