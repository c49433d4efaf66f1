"""`dchat status`: where the index stands, in lines for people."""

from collections.abc import Iterator
from typing import Any, Final

from psycopg import Cursor as Db

from indexer.db import completeness, late, side, side_notes, waits
from indexer.db import cursor as cursors
from indexer.db.completeness import Proof
from indexer.db.connection import connect, translated
from indexer.db.cursor import Cursor
from indexer.events.definitions import Contract
from indexer.sync.store import LEADER
from indexer.units import to_hex

TIME: Final = "%Y-%m-%d %H:%M:%S UTC"

UNDECODED = """
SELECT block_number, log_index, topic0 FROM events
WHERE NOT decoded ORDER BY block_number DESC, log_index DESC LIMIT 3
"""
"""Served by events_undecoded_idx."""
INDEXERS: Final = """
SELECT a.backend_start, l.pid IS NOT NULL FROM pg_stat_activity AS a
LEFT JOIN pg_locks AS l ON l.pid = a.pid AND l.locktype = 'advisory' AND l.granted
    AND l.database = a.datid AND l.classid::bigint << 32 | l.objid::bigint = %s AND l.objsubid = 1
WHERE a.datname = current_database() AND (a.application_name = 'dchat index' OR l.pid IS NOT NULL)
ORDER BY a.backend_start
"""
"""Reads what Postgres holds in memory of its connections."""
AUDITS: Final = """
SELECT DISTINCT ON (contract) contract, at, block_number, compared, differences, repaired,
    not_compared
FROM audits ORDER BY contract, at DESC
"""
"""Reads the whole table: some verdicts a round."""
REASONS: Final = {
    Proof.RECEIPTS: "their receipts have the root that their hash commits to",
    Proof.BLOOM: "their blooms, to which their hash commits, hold no address of ours",
    Proof.PROVIDERS: "two nodes say the same",
    Proof.NODE: "a node says so",
}


def status(url: str) -> Iterator[str]:
    """The lines. Raises DatabaseUnavailable."""
    with translated(), connect(url, name="dchat status") as connection, connection.cursor() as db:
        at = cursors.read(db)
        if at is None:
            yield "not begun: run `dchat index`"
            return
        yield from _standing(at)
        yield from _putting_off(db)
        yield from _working(db)
        yield from _replayed(db)
        yield from _complete(db)
        yield from map(_audited, db.execute(AUDITS).fetchall())
        yield from map(_undecoded, db.execute(UNDECODED).fetchall())


def _standing(at: Cursor) -> Iterator[str]:
    block_hash = to_hex(at.block_hash) if at.block_hash else "not reached yet"
    yield f"chain      {at.chain_id}"
    yield f"block      {at.block_number} ({block_hash})"
    if at.head_block is not None:
        yield f"head       {at.head_block} (lag {max(0, at.head_block - at.block_number)})"
        yield f"final      safe {at.safe_block}, finalized {at.finalized_block}"
    yield f"synced     {'yes' if at.synced else 'no'}"
    yield f"events     {at.event_count} ({at.undecoded_count} could not be decoded)"
    yield f"reorgs     {at.reorg_count}"


def _putting_off(db: Db[Any]) -> Iterator[str]:
    if missing := late.missing(db):
        yield f"indexes    {len(missing)} of those that readers need come once history is in"


def _working(db: Db[Any]) -> Iterator[str]:
    """Who indexes, who would take over, and what is waited for."""
    found = db.execute(INDEXERS, [LEADER]).fetchall()
    leading = [since for since, leads in found if leads]
    for since in leading:
        yield f"indexer    connected since {since:{TIME}}"
    if not leading:
        yield "indexer    none is running: start `dchat index`"
    if standing := len(found) - len(leading):
        yield f"standby    {standing} ready to take over"
    for wait in waits.read(db) if leading else ():
        name = f"rests      {wait.subject}" if wait.subject else "waits     "
        yield f"{name} since {wait.since:{TIME}}: {wait.cause}"


def _replayed(db: Db[Any]) -> Iterator[str]:
    """What a replay has left, or is making."""
    if (at := side_notes.left(db)) is not None:
        derived = f"from block {at.first_block} to {at.block_number}"
        yield f"replay     {derived}, in schema {side.SIDE}: not served (yet)"


def _complete(db: Db[Any]) -> Iterator[str]:
    """How it is known that no log is missing."""
    for proof, blocks, _ in completeness.summary(db):
        told = f"complete   {blocks} blocks: {REASONS[proof]}"
        if proof is Proof.NODE and (found := completeness.first(db, proof)):
            told += f", first of blocks {found.first} to {found.last}"
        yield told


def _audited(row: tuple[Any, ...]) -> str:
    contract, at, block, compared, differences, repaired, not_compared = row
    return (
        f"audit      {Contract(contract).solidity_name} at block {block}, {at:{TIME}}: {compared}"
        f" compared, {differences} differed, {repaired} repaired, {not_compared} without an answer"
    )


def _undecoded(row: tuple[Any, ...]) -> str:
    block, log, topic0 = row
    topic = to_hex(topic0) if topic0 is not None else "none"
    return f'undecoded  topic 0 {topic}, to be seen by {{ node(id: "{block}-{log}") {{ id }} }}'
