"""The index as the engine sees it: where it stands, and one transaction for each step."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from indexer.chain.head import Heads
from indexer.db import bulk, models, partitions, undo
from indexer.db import cursor as cursors
from indexer.db.connection import Connection, connect, translated
from indexer.db.cursor import Cursor
from indexer.errors import ChainMismatch, DatabaseUnavailable, LostLeadership
from indexer.events.definitions import Contract
from indexer.projections.fold import fold, owners, touched
from indexer.projections.preimages import Preimages
from indexer.projections.touched import Touched
from indexer.projections.world import World
from indexer.sync.batch import Batch, Block
from indexer.units import Address, BlockNumber, Hash32, checksum, clamp_time

LEADER: Final = 0x64636861740002
"""Advisory lock of the one indexer that writes; others stand by."""

HIGHEST_BLOCK: Final = """
SELECT number, hash, extract(epoch FROM timestamp)::bigint FROM blocks
WHERE number <= %s ORDER BY number DESC LIMIT 1
"""
"""Served by the primary key."""
READ_CONTRACTS: Final = "SELECT contract, address, start_block FROM contracts ORDER BY contract"
ADD_CONTRACT: Final = "INSERT INTO contracts (contract, address, start_block) VALUES (%s, %s, %s)"
COUNT_GROUPS: Final = "SELECT count(*) FROM groups"


class Origin(NamedTuple):
    """Where a contract's history begins."""

    contract: Contract
    address: Address
    start_block: BlockNumber


class Store:
    """One connection, and on it the lock that makes this process the writer."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._preimages: Preimages | None = None
        self._leads = False

    def close(self) -> None:
        """Gives up the connection, and with it the lead."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._preimages = None
        self._leads = False

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Cursor[Any]]:
        """A transaction; after an error of the connection the next one opens a new connection.

        It never waits for a server that is not there: a thread that sleeps can't be interrupted.
        """
        if self._connection is None:
            self._connection = connect(self._url, name="dchat index")
        try:
            with translated(), self._connection.transaction(), self._connection.cursor() as db:
                yield db
        except DatabaseUnavailable:
            self.close()
            raise

    def lead(self) -> bool:
        """Whether this process may write: True once and as long as no other one does."""
        if not self._leads:
            with self._transaction() as db:
                row = db.execute("SELECT pg_try_advisory_lock(%s)", [LEADER]).fetchone()
                self._leads = bool(row and row[0])
        return self._leads

    def cursor(self) -> Cursor | None:
        """Where the index stands; None before `begin`."""
        with self._transaction() as db:
            return cursors.read(db)

    def begin(self, chain_id: int, origins: Sequence[Origin]) -> Cursor:
        """Makes this database the index of this deployment, or checks that it is."""
        with self._transaction() as db:
            found = cursors.read(db)
            if found is None:
                if cursors.begin(db, chain_id, min(origin.start_block for origin in origins)):
                    db.executemany(ADD_CONTRACT, origins)
                found = cursors.read(db)
            assert found is not None
            _check(found.chain_id, chain_id, self._origins(db), origins)
            return found

    def origins(self) -> list[Origin]:
        """The deployment that this database indexes; empty before `begin`."""
        with self._transaction() as db:
            return self._origins(db)

    def _origins(self, db: psycopg.Cursor[Any]) -> list[Origin]:
        rows = db.execute(READ_CONTRACTS).fetchall()
        return [Origin(Contract(a), Address(b), BlockNumber(c)) for a, b, c in rows]

    def highest(self, number: int) -> Block | None:
        """The highest kept block at or below `number`."""
        with self._transaction() as db:
            row = db.execute(HIGHEST_BLOCK, [number]).fetchone()
            return Block(BlockNumber(row[0]), Hash32(row[1]), row[2]) if row else None

    def observe(self, heads: Heads) -> None:
        """Keeps the heads, for whoever asks how far behind we are."""
        with self._transaction() as db:
            cursors.observe(db, heads.latest, heads.safe, heads.finalized)

    def write(self, batch: Batch, heads: Heads) -> None:
        """Makes `batch` the newest part of the index.

        What the index holds from the batch's first block on is undone in the same transaction.
        Raises LostLeadership where somebody else moved the index meanwhile.
        """
        with self._transaction() as db:
            at, top = cursors.read(db, lock=True), batch.first - 1
            if at is None or not _fits(at, batch):
                raise LostLeadership("another process moved the index meanwhile: starting over")
            reorg = at.block_number > top
            gone = self._undo(db, top) if reorg else (0, 0)
            self._add(db, batch)
            _advance(db, batch, gone, reorgs=int(reorg))
            cursors.observe(db, heads.latest, heads.safe, heads.finalized)

    def _undo(self, db: psycopg.Cursor[Any], block: int) -> tuple[int, int]:
        self._preimages = None
        undo.undo_projections(db, block)
        return undo.undo_facts(db, block)

    def _add(self, db: psycopg.Cursor[Any], batch: Batch) -> None:
        partitions.ensure(db, batch.first, batch.last.number)
        blocks = ((one.number, one.hash, clamp_time(one.timestamp)) for one in batch.blocks)
        bulk.copy(db, models.blocks, blocks)
        bulk.copy(db, models.events, batch.events)
        if batch.facts:
            world = World(self._known(db))
            _load(db, world, batch)
            fold(batch.facts, world)
            for table in world.tables():
                _save(db, table)

    def _known(self, db: psycopg.Cursor[Any]) -> Preimages:
        if self._preimages is None:
            row = db.execute(COUNT_GROUPS).fetchone()
            self._preimages = Preimages(row[0] if row else 0)
        return self._preimages


def _check(found: int, wanted: int, have: Sequence[Origin], want: Sequence[Origin]) -> None:
    if found != wanted:
        raise ChainMismatch(
            f"this database indexes chain {found}, the deployment is of chain {wanted}: "
            "give another DCHAT_DATABASE_URL or another DCHAT_DEPLOYMENT"
        )
    for mine, theirs in zip(have, sorted(want), strict=True):
        if mine.address != theirs.address:
            raise ChainMismatch(
                f"this database indexes {mine.contract.solidity_name} at {checksum(mine.address)}, "
                f"the deployment says {checksum(theirs.address)}: give another DCHAT_DATABASE_URL"
            )


def _fits(at: Cursor, batch: Batch) -> bool:
    """Whether the batch stands on what the index holds: directly, or on an earlier block of it."""
    if at.block_number == batch.first - 1:
        return at.block_hash in (None, batch.parent)
    return at.block_number >= batch.first


def _load(db: psycopg.Cursor[Any], world: World, batch: Batch) -> None:
    """Reads the rows that the batch touches; groups first, because they name their owners."""
    keys = touched(batch.facts, world)
    world.groups.load(bulk.select(db, models.GROUPS, list(keys.pop("groups", ()))))
    keys["members"] |= owners(batch.facts, world)
    for table in world.tables():
        table.load(bulk.select(db, table.projection, list(keys.get(table.projection.name, ()))))


def _save(db: psycopg.Cursor[Any], table: Touched[Any]) -> None:
    projection = table.projection
    bulk.delete(db, projection, table.erased())
    bulk.update(db, projection, list(map(table.values, table.updated())))
    bulk.copy(db, projection.current, map(msgspec.structs.astuple, table.inserted()))
    if projection.history is not None:
        bulk.copy(db, projection.history, table.superseded)


def _advance(db: psycopg.Cursor[Any], batch: Batch, gone: tuple[int, int], *, reorgs: int) -> None:
    last = batch.last
    moved = {
        "block_number": last.number,
        "block_hash": last.hash,
        "block_timestamp": clamp_time(last.timestamp),
        "events": len(batch.events) - gone[0],
        "undecoded": len(batch.events) - len(batch.facts) - gone[1],
        "reorgs": reorgs,
    }
    db.execute(cursors.ADVANCE, moved)
    news = json.dumps({"from": batch.first, "to": last.number})
    db.execute("SELECT pg_notify(%s, %s)", [cursors.CHANNEL, news])
