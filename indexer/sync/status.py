"""`dchat status`: where the index stands, in lines for people."""

from collections.abc import Iterator

from indexer.db import cursor as cursors
from indexer.db.connection import connect, translated
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
        head = at.head_block
        yield f"chain      {at.chain_id}"
        yield f"block      {at.block_number}" + (
            f" {to_hex(at.block_hash)}" if at.block_hash else ""
        )
        if head is not None:
            yield f"head       {head} (lag {max(0, head - at.block_number)})"
            yield f"safe       {at.safe_block}, finalized {at.finalized_block}"
        yield f"synced     {'yes' if at.synced else 'no'}"
        yield f"events     {at.event_count} ({at.undecoded_count} could not be decoded)"
        yield f"reorgs     {at.reorg_count}"
        for block, log, topic0 in db.execute(UNDECODED).fetchall() if at.undecoded_count else ():
            topic = to_hex(topic0) if isinstance(topic0, bytes) else "none"
            yield f'undecoded  event {block}-{log}, topic 0 {topic}: {{ node(id: "{block}-{log}") }}'
