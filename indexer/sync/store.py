"""The index as the engine sees it: where it stands, and one transaction for each step."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg

from indexer.chain.head import Heads
from indexer.db import bulk, completeness, late, models, partitions, reversals, tallies, undo
from indexer.db import cursor as cursors
from indexer.db.connection import connect, translated
from indexer.db.cursor import Cursor
from indexer.db.kept import KeptConnection
from indexer.errors import ChainMismatch, DatabaseUnavailable, LostLeadership
from indexer.events.definitions import Contract
from indexer.projections.preimages import Preimages
from indexer.projections.world import Fact
from indexer.sync import folding
from indexer.sync.batch import Batch, Block
from indexer.sync.consequences import Consequences
from indexer.sync.refold import rewrite
from indexer.sync.stored import REWRITING, merged, seen_by
from indexer.units import Address, BlockNumber, Hash32, checksum, clamp_time

LEADER: Final = 0x64636861740002
"""Advisory lock of the one indexer that writes; others stand by."""

HIGHEST_BLOCK: Final = """
SELECT number, hash, extract(epoch FROM timestamp)::bigint FROM blocks
WHERE number <= %s ORDER BY number DESC LIMIT 1
"""
"""Served by the primary key."""
LOWEST_BLOCK: Final = """
SELECT number, hash, extract(epoch FROM timestamp)::bigint FROM blocks
WHERE number >= %s ORDER BY number LIMIT 1
"""
"""Served by the primary key."""
KEEP_BLOCK: Final = """
INSERT INTO blocks (number, hash, timestamp) VALUES (%s, %s, %s) ON CONFLICT (number) DO NOTHING
"""
READ_CONTRACTS: Final = "SELECT contract, address, start_block FROM contracts ORDER BY contract"
ADD_CONTRACT: Final = "INSERT INTO contracts (contract, address, start_block) VALUES (%s, %s, %s)"


class Origin(NamedTuple):
    """Where a contract's history begins."""

    contract: Contract
    address: Address
    start_block: BlockNumber


class Store:
    """One connection, and on it the lock that makes this process the writer."""

    def __init__(self, url: str, consequences: Consequences | None = None) -> None:
        """Without `consequences` nothing that it writes has effects."""
        self.url = url
        self._consequences = consequences or Consequences()
        self._kept = KeptConnection(lambda: connect(self.url, name="dchat index"))
        self._preimages: Preimages | None = None
        self._leads = False

    def close(self) -> None:
        """Gives up the connection, and with it the lead."""
        self._kept.close()
        self._forget()

    def _forget(self) -> None:
        self._preimages = None
        self._consequences.forget()
        self._leads = False

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Cursor[Any]]:
        """A transaction; with the connection the lead is lost, and what was remembered."""
        try:
            with self._kept.transaction() as db:
                yield db
        except DatabaseUnavailable:
            self._forget()
            raise

    @property
    def leads(self) -> bool:
        """Whether this process was the writer when it last looked."""
        return self._leads

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
        return self._block(HIGHEST_BLOCK, number)

    def lowest(self, number: int) -> Block | None:
        """The lowest kept block at or above `number`."""
        return self._block(LOWEST_BLOCK, number)

    def _block(self, query: str, number: int) -> Block | None:
        with self._transaction() as db:
            row = db.execute(query.encode(), [number]).fetchone()
            return Block(BlockNumber(row[0]), Hash32(row[1]), row[2]) if row else None

    def put_off_indexes(self) -> bool:
        """Drops the indexes that only readers need, if nothing is indexed yet."""
        with self._transaction() as db:
            at = cursors.read(db, lock=True)
            if at is None or at.event_count or late.missing(db):
                return False
            return late.postpone(db)

    def late_indexes(self) -> list[late.Late]:
        """Those that are still to be built."""
        with self._transaction() as db:
            return late.missing(db)

    def build_indexes(self, table: str, indexes: Sequence[late.Late]) -> None:
        """Gives the table these indexes, on a connection of its own: others may be built beside."""
        with translated(), connect(self.url, name="dchat index") as connection:
            with connection.cursor() as db:
                late.build(db, table, indexes)

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
            self._consequences.write(db, batch, reorg=reorg)
            with bulk.together(db):
                _advance(db, batch, gone, reorgs=int(reorg))
                if reorg:
                    cursors.unsettle(db, top)
                cursors.observe(db, heads.latest, heads.safe, heads.finalized)

    def rewind(self, number: int, newest: Block | None) -> int:
        """Takes back everything after block `number`; returns how many events that were.

        `newest` is that block, None before the first one. It counts as a reorg, so that
        subscribers are told.
        """
        with self._transaction() as db:
            at = cursors.read(db, lock=True)
            assert at is not None, "the store was not begun"
            events, undecoded = self._undo(db, number)
            if newest is not None:
                row = newest.number, newest.hash, clamp_time(newest.timestamp)
                db.execute(KEEP_BLOCK, row)
            _move(db, number, newest, events=-events, undecoded=-undecoded, reorgs=1)
            db.execute(cursors.FALL_BACK, {"slack": cursors.SLACK})
            _tell(db, number + 1, number)
            return events

    def tally(self) -> bool:
        """Adds a range of older blocks up for statistics; False where nothing is to be added."""
        with self._transaction() as db:
            at = cursors.read(db, lock=True)
            return at is not None and tallies.extend(db, at.block_number - cursors.SLACK)

    def _undo(self, db: psycopg.Cursor[Any], block: int) -> tuple[int, int]:
        self._preimages = None
        db.execute(undo.BY_INDEX)
        reversals.keep(db, block)
        undo.undo_projections(db, block)
        gone = undo.undo_facts(db, block)
        rewrite(db, undo.undo_observations(db, block))
        return gone

    def _add(self, db: psycopg.Cursor[Any], batch: Batch) -> None:
        partitions.ensure(db, batch.first, batch.last.number)
        if self._preimages is None:
            self._preimages = folding.preimages(db)
        with bulk.together(db, len(batch.events)):
            # What is read comes first: Postgres adds the facts while we fold.
            facts = _facts(batch)
            world = folding.load(db, facts, self._preimages)
            blocks = ((one.number, one.hash, clamp_time(one.timestamp)) for one in batch.blocks)
            bulk.copy(db, models.blocks, blocks)
            bulk.copy(db, models.events, batch.events)
            completeness.add(db, batch.proofs)
            bulk.copy(db, models.observations, batch.observations)
            folding.apply(db, facts, world)
        rewrite(db, ((one.kind, one.key) for one in batch.observations))


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


def _facts(batch: Batch) -> Sequence[Fact]:
    """Everything that the batch has to be folded with, but for what rewrites its entity."""
    told = [one for one in batch.observations if one.kind not in REWRITING]
    if not told:
        return batch.facts
    seen = map(seen_by, sorted(told, key=lambda one: one.block_number))
    return merged(batch.facts, filter(None, seen))


def _advance(db: psycopg.Cursor[Any], batch: Batch, gone: tuple[int, int], *, reorgs: int) -> None:
    events = len(batch.events) - gone[0]
    undecoded = len(batch.events) - len(batch.facts) - gone[1]
    _move(db, batch.last.number, batch.last, events=events, undecoded=undecoded, reorgs=reorgs)
    _tell(db, batch.first, batch.last.number)


def _move(db: psycopg.Cursor[Any], number: int, newest: Block | None, **counts: int) -> None:
    moved = {
        "block_number": number,
        "block_hash": newest.hash if newest else None,
        "block_timestamp": clamp_time(newest.timestamp) if newest else None,
    }
    db.execute(cursors.ADVANCE, moved | counts)


def _tell(db: psycopg.Cursor[Any], first: int, last: int) -> None:
    news = json.dumps({"from": first, "to": last})
    db.execute("SELECT pg_notify(%s, %s)", [cursors.CHANNEL, news])
