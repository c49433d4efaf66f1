"""`dchat status`: where the index stands, in lines for people."""

from collections.abc import Iterator
from typing import Any

from indexer.db import cursor as cursors
from indexer.db.connection import connect, translated
from indexer.db.cursor import Cursor
from indexer.units import to_hex

UNDECODED = """
SELECT block_number, log_index, topic0 FROM events
WHERE NOT decoded ORDER BY block_number DESC, log_index DESC LIMIT 3
"""
"""Served by events_undecoded_idx."""


def status(url: str) -> Iterator[str]:
    """The lines. Raises DatabaseUnavailable."""
    with translated(), connect(url, name="dchat status") as connection, connection.cursor() as db:
        at = cursors.read(db)
        if at is None:
            yield "not begun: run `dchat index`"
            return
        yield from _standing(at)
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


def _undecoded(row: tuple[Any, ...]) -> str:
    block, log, topic0 = row
    topic = to_hex(topic0) if topic0 is not None else "none"
    return f'undecoded  topic 0 {topic}, to be seen by {{ node(id: "{block}-{log}") {{ id }} }}'
