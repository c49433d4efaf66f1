"""The projections derived once more, in the side schema, while the index goes on.

Each step is one transaction that sees the served index at one block: it takes back what has left
the chain, folds the facts that follow, and says how far it is. So it may be killed at any point.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import IsolationLevel
from psycopg.sql import SQL, Identifier
from sqlalchemy import MetaData

from indexer.db import bulk, models, side, side_notes, undo
from indexer.db import cursor as cursors
from indexer.db.connection import Connection, connect, translated
from indexer.db.kept import KeptConnection
from indexer.db.side_notes import Notes
from indexer.errors import Busy, DatabaseUnavailable, Overtaken
from indexer.projections.preimages import Preimages
from indexer.sync import folding, stored
from indexer.sync.batch import Batch
from indexer.sync.refold import rewrite
from indexer.sync.stored import REWRITING

LOCK: Final = 0x64636861740004
"""Advisory lock of the one replay that there can be."""
GONE: Final = 10.0
"""Seconds in which the end of a killed replay is waited for."""
WRITER_WAIT: Final = "30s"
"""How long a step of the index is waited for."""
STEP: Final = 50_000
"""Events, and observations, that a step folds at most (and what else is in its last block)."""

COPY_OBSERVATIONS: Final = """
INSERT INTO {side}.observations ({columns}) SELECT {columns} FROM {live}.observations
WHERE block_number BETWEEN %s AND %s
"""
"""Served by observations_block_number_idx."""
SEEN_LATER: Final = """
SELECT DISTINCT kind, key FROM {live}.observations WHERE block_number > %s AND kind = ANY(%s)
"""
SEEN: Final = "SELECT DISTINCT kind, key FROM observations WHERE block_number BETWEEN %s AND %s"
FACTS: Final = "key, kind, address, block_number, block_hash, answer, origin"
FETCHED: Final = models.events.to_metadata(MetaData(), name="fetched")
BOUNDARY: Final = """
SELECT least(
    (SELECT block_number FROM events WHERE block_number BETWEEN %(first)s AND %(last)s
     ORDER BY block_number, log_index OFFSET %(most)s LIMIT 1),
    (SELECT block_number FROM {live}.observations WHERE block_number BETWEEN %(first)s AND %(last)s
     ORDER BY block_number OFFSET %(most)s LIMIT 1),
    %(last)s)
"""
"""Served by the primary key of events and observations_block_number_idx."""


class Step(NamedTuple):
    """The blocks `first` to `last` were folded, with so many events; none where `first` is later.

    `served` is the newest block of the index at that moment, `goal` how far the step could go.
    """

    first: int
    last: int
    events: int
    served: int
    goal: int

    @property
    def level(self) -> bool:
        """Whether there is nothing left to fold."""
        return self.last >= self.goal


class Swapped(NamedTuple):
    """The transaction that was to put the tables in place, and the block at which they were."""

    transaction: str
    block: int


class Shadow:
    """One connection that finds the projections in the side schema and the facts in the served one.

    Raises Busy where another replay is under way.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept = KeptConnection(self._open)
        self._preimages: Preimages | None = None
        self.live = ""
        self.swapped: Swapped | None = None
        """The last try, done or not: a connection that is lost does not tell."""

    def close(self) -> None:
        """Gives up the connection; the side schema stays."""
        self._kept.close()
        self._preimages = None

    @property
    def pids(self) -> list[int]:
        """The server process of the connection; none while there is no connection."""
        return self._kept.pids

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Cursor[Any]]:
        """A transaction that sees everything at one moment; after an error of the connection the
        next one opens a new connection."""
        try:
            with self._kept.transaction() as db:
                yield db
        except BaseException:
            self._preimages = None
            raise

    def _open(self) -> Connection:
        connection = connect(self._url, name="dchat replay")
        with translated(), connection.transaction(), connection.cursor() as db:
            alone = _locked(db)
            [(live,)] = db.execute("SELECT current_schema()").fetchall()
            self.live = str(live)
            self._look_beside(db)
            db.execute("SET synchronous_commit = off")
        if not alone:
            connection.close()
            raise Busy("another replay is under way on this database: wait for it, or end it")
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        return connection

    def _look_beside(self, db: psycopg.Cursor[Any]) -> None:
        path = SQL(", ").join(map(Identifier, (side.SIDE, self.live)))
        db.execute(SQL("SET search_path = {}").format(path))

    def begun(self) -> Notes | None:
        """What an earlier run has left; None where that is nothing to go on with."""
        with self.transaction() as db:
            left = side_notes.read(db) if side.exists(db) else None
            return left if left is not None and left.filled else None

    def begin(self, first: int, version: str, *, fetching: bool = False) -> None:
        """Makes the side schema anew: the projections as they stood before block `first`.

        It is there before it is filled, so that whoever changes facts from then on tells it.
        `fetching`: events are those that `keep` is given, and not the stored ones.
        """
        with self.transaction() as db:
            db.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            wait_for_writer(db)
            side.drop(db)
            side.create(db, self.live)
            side_notes.begin(db, first, version)
            if fetching:
                side_notes.fetching(db, self.live)
        with self.transaction() as db:
            side_notes.changed(db, self.live)
            side.fill(db, self.live, first - 1)
            self._copy_observations(db, 0, first - 1)
            later = db.execute(self._sql(SEEN_LATER), [first - 1, list(REWRITING)]).fetchall()
            rewrite(db, later, upto=first - 1)
            side_notes.filled(db)

    def keep(self, batch: Batch) -> None:
        """Takes the events of the batch, which continues what was kept before."""
        with self.transaction() as db:
            bulk.copy(db, FETCHED, batch.events)
            side_notes.fetched(db, batch.last.number, batch.last.hash)

    def drop(self) -> None:
        """Removes the side schema."""
        with self.transaction() as db:
            side.drop(db)

    def finish(self, table: str) -> None:
        """Gives the table the indexes that readers need, on a connection of its own: others may be
        finished beside.
        """
        with translated(), connect(self._url, name="dchat replay") as connection:
            with connection.cursor() as db:
                self._look_beside(db)
                side.finish(db, self.live, table)

    def step(self, last: int | None = None) -> Step:
        """Follows the served index by one step, up to block `last` at most.

        Raises Overtaken where what the side schema began with is true no longer.
        """
        with self.transaction() as db:
            return self.follow(db, last)

    def follow(self, db: psycopg.Cursor[Any], last: int | None) -> Step:
        """The same within a transaction of `transaction`.

        Where the step is level, the side schema is right at its last block.
        """
        served = cursors.read(db)
        assert served is not None
        if (block := side_notes.changed(db, self.live)) is not None:
            if side_notes.read(db).fetched_block is not None:
                raise Overtaken(f"the index changed from block {block} on")
            self._undo(db, block - 1)
        first = side_notes.read(db).block_number + 1
        goal = served.block_number if last is None else min(last, served.block_number)
        if first > goal:
            return Step(first, first - 1, 0, served.block_number, goal)
        asked = {"first": first, "last": goal, "most": STEP}
        [(end,)] = db.execute(self._sql(BOUNDARY), asked).fetchall()
        return Step(first, end, self._take(db, first, end), served.block_number, goal)

    def _take(self, db: psycopg.Cursor[Any], first: int, last: int) -> int:
        self._copy_observations(db, first, last)
        if self._preimages is None:
            self._preimages = folding.preimages(db)
        events = 0
        for chunk in stored.chunks(db, first, last):
            folding.apply(db, chunk.facts, folding.load(db, chunk.facts, self._preimages))
            side_notes.misjudge(db, chunk.misjudged)
            events += chunk.events
        rewrite(db, db.execute(SEEN, [first, last]).fetchall(), upto=last)
        side_notes.moved(db, last)
        return events

    def _undo(self, db: psycopg.Cursor[Any], block: int) -> None:
        first = side_notes.read(db).first_block
        if block < first - 1:
            raise Overtaken(f"the index changed below block {first}: starting over")
        self._preimages = None
        undo.undo_projections(db, block)
        rewrite(db, undo.undo_observations(db, block), upto=block)
        side_notes.fell_back(db, block)

    def _copy_observations(self, db: psycopg.Cursor[Any], first: int, last: int) -> None:
        db.execute(self._sql(COPY_OBSERVATIONS), [first, last])

    def _sql(self, text: str) -> Any:
        names = {"side": Identifier(side.SIDE), "live": Identifier(self.live)}
        return SQL(text).format(columns=SQL(FACTS), **names)


def wait_for_writer(db: psycopg.Cursor[Any]) -> None:
    """Waits until no step of the index is under way; none begins before the transaction ends."""
    db.execute("SELECT set_config('lock_timeout', %s, true)", [WRITER_WAIT])
    try:
        cursors.read(db, lock=True)
    except psycopg.errors.LockNotAvailable:
        raise DatabaseUnavailable("the index takes long over a step") from None


def _locked(db: psycopg.Cursor[Any]) -> bool:
    """Whether we are alone: waits a while, as Postgres notices late that somebody was killed."""
    deadline = time.monotonic() + GONE
    while True:
        [(alone,)] = db.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchall()
        if alone or time.monotonic() > deadline:
            return bool(alone)
        time.sleep(0.1)
