"""How far the index is: the one row that every batch moves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Cursor as Db
from psycopg.rows import class_row

from indexer.units import BlockNumber, Hash32

CHANNEL: Final = "dchat"
"""What NOTIFY says that the index has moved on."""

COLUMNS: Final = """
chain_id, block_number, block_hash, block_timestamp, head_block, safe_block, finalized_block,
synced, event_count, undecoded_count, reorg_count
"""
READ: Final = f"SELECT {COLUMNS} FROM cursor"
LOCK: Final = f"SELECT {COLUMNS} FROM cursor FOR UPDATE"
CREATE: Final = """
INSERT INTO cursor (one, chain_id, block_number, synced, event_count, undecoded_count, reorg_count)
VALUES (true, %s, %s, false, 0, 0, 0) ON CONFLICT DO NOTHING
"""
ADVANCE: Final = """
UPDATE cursor SET
    block_number = %(block_number)s, block_hash = %(block_hash)s,
    block_timestamp = %(block_timestamp)s,
    event_count = event_count + %(events)s, undecoded_count = undecoded_count + %(undecoded)s,
    reorg_count = reorg_count + %(reorgs)s
"""
OBSERVE: Final = """
UPDATE cursor SET
    head_block = said.head, safe_block = said.safe, finalized_block = said.finalized,
    synced = said.synced
FROM (
    SELECT %(head)s::bigint AS head, greatest(%(safe)s::bigint, safe_block) AS safe,
        greatest(%(finalized)s::bigint, finalized_block) AS finalized,
        CASE
            WHEN block_number >= %(head)s THEN true
            WHEN block_number < %(head)s - %(slack)s THEN false
            ELSE synced
        END AS synced
    FROM cursor
) AS said
WHERE (cursor.head_block, cursor.safe_block, cursor.finalized_block, cursor.synced)
    IS DISTINCT FROM (said.head, said.safe, said.finalized, said.synced)
"""
"""Writes only what is new: it is said at every look at the head. A block that was called safe or
final stays so, whatever a node says that lags, until a reorg says otherwise."""
UNSETTLE: Final = """
UPDATE cursor SET safe_block = least(safe_block, %(block)s),
    finalized_block = least(finalized_block, %(block)s)
"""
FALL_BACK: Final = "UPDATE cursor SET synced = synced AND block_number >= head_block - %(slack)s"
SLACK: Final = 64
"""Blocks that the index may fall behind before it no longer counts as synced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`block_number` is the last block that is fully indexed; its hash is None before the first."""

    chain_id: int
    block_number: BlockNumber
    block_hash: Hash32 | None
    block_timestamp: datetime | None
    head_block: BlockNumber | None
    safe_block: BlockNumber | None
    finalized_block: BlockNumber | None
    synced: bool
    event_count: int
    undecoded_count: int
    reorg_count: int


def read(db: Db[Any], *, lock: bool = False) -> Cursor | None:
    """Where the index stands; None before it was begun. `lock` keeps others from moving it."""
    with db.connection.cursor(row_factory=class_row(Cursor)) as rows:
        return rows.execute(LOCK if lock else READ).fetchone()


def begin(db: Db[Any], chain_id: int, start_block: int) -> bool:
    """Sets the cursor before the first block; False where somebody did it at the same moment."""
    return db.execute(CREATE, [chain_id, start_block - 1]).rowcount == 1


def unsettle(db: Db[Any], block: int) -> None:
    """Blocks after this one have left the chain: nothing above it was final."""
    db.execute(UNSETTLE, {"block": block})


def observe(db: Db[Any], head: int, safe: int, finalized: int) -> None:
    """Keeps what the nodes say of their heads, and whether we have caught up with them."""
    said = {"head": head, "safe": safe, "finalized": finalized, "slack": SLACK}
    db.execute(OBSERVE, said)
