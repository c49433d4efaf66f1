"""A peer's tables under our names and with our types: the same numbers are taken of both."""

from collections.abc import Mapping
from typing import Final

import psycopg

from benchmarks import verify
from benchmarks.peers.peer import Peer

HEX: Final = frozenset(
    (
        "group_key",
        "address",
        "owner",
        "requester",
        "payment_id",
        "contributor",
        "packet_id",
        "claimer",
    )
)
"""Columns that peers keep as text with 0x, and we as bytes."""
OURS_ALONE: Final = "events"
"""No peer keeps the events themselves in a table of its own."""

COLUMNS: Final = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


def compare(database: psycopg.Connection, peer: Peer, totals: Mapping[str, int]) -> int:
    """How many numbers are the generator's. Raises verify.Wrong where one is not."""
    _views(database, peer)
    tables = {table for table in verify.MEASURES if table != OURS_ALONE}
    asked = {
        name for name in totals if name.partition(".")[0] in tables and name not in peer.unknown
    }
    found = verify.found(database, tables)
    verify.differences(
        {name: found[name] for name in asked}, {name: totals[name] for name in asked}
    )
    return len(asked)


def _views(database: psycopg.Connection, peer: Peer) -> None:
    database.execute("CREATE SCHEMA IF NOT EXISTS compared")
    for table in verify.MEASURES:
        if table == OURS_ALONE:
            continue
        theirs = peer.table(table)
        columns = database.execute(COLUMNS, (theirs,)).fetchall()
        listed = ", ".join(_column(name, kind) for name, kind in columns)
        view = f"CREATE OR REPLACE VIEW compared.{table} AS SELECT {listed} FROM {theirs}"
        database.execute(view.encode())
    database.execute("SET search_path = compared")


def _column(name: str, kind: str) -> str:
    if name in HEX and kind != "bytea":
        return f"decode(substr(\"{name}\", 3), 'hex') AS {name}"
    return f'"{name}"'
