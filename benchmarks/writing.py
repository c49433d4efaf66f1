"""The rows of an index, sent by COPY into empty clones of its tables."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

CLONE: Final = "floor"

TABLES: Final = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version' ORDER BY 1
"""
"""Whole tables: rows of partitions come with their parents."""
INDEXES: Final = """
SELECT c.oid::regclass::text, pg_get_indexdef(c.oid) FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = 'public'::regnamespace AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid)
"""
"""Indexes that no constraint stands on."""
COLUMNS: Final = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, committed table by table: with the indexes there, or built afterwards."""

    rows: int
    mb: float
    indexes_kept: float
    indexes_after: float

    @property
    def seconds(self) -> float:
        return min(self.indexes_kept, self.indexes_after)


def written(url: str, scratch: Path) -> Written:
    """Sends the rows of an index into empty clones of it, whose tables and indexes are its own."""
    dumps = _dumps(url, scratch)
    with _clone(url) as database:
        rows, kept = _timed(database, dumps)
    with _clone(url) as database:
        indexes = database.execute(INDEXES).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}".encode())
        _, after = _timed(database, dumps)
        began = time.monotonic()
        for _, definition in indexes:
            database.execute(definition.encode())
        after += time.monotonic() - began
    size = sum(file.stat().st_size for file in dumps.values())
    return Written(rows=rows, mb=size / 1e6, indexes_kept=kept, indexes_after=after)


def _dumps(url: str, scratch: Path) -> dict[str, Path]:
    """The binary COPY of every table, in files: nothing is left to be done to the rows."""
    dumps: dict[str, Path] = {}
    with psycopg.connect(url, autocommit=True) as database:
        for (table,) in database.execute(TABLES).fetchall():
            [[columns]] = database.execute(COLUMNS, (table,)).fetchall()
            file = scratch / table.replace('"', "")
            query = f"COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT binary)"
            with database.cursor().copy(query.encode()) as copy, file.open("wb") as opened:
                for block in copy:
                    opened.write(block)
            dumps[f"{table} ({columns})"] = file
    return dumps


@contextmanager
def _clone(url: str) -> Iterator[psycopg.Connection]:
    """A connection to an empty copy of the database, which is dropped afterwards."""
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE {CLONE} TEMPLATE "{name}"'.encode())
        try:
            with psycopg.connect(make_conninfo(url, dbname=CLONE), autocommit=True) as database:
                tables = ", ".join(table for (table,) in database.execute(TABLES))
                database.execute(f"TRUNCATE {tables}".encode())
                database.execute("CHECKPOINT")
                yield database
        finally:
            server.execute(f"DROP DATABASE {CLONE} WITH (FORCE)".encode())


def _timed(database: psycopg.Connection, dumps: dict[str, Path]) -> tuple[int, float]:
    """How many rows were sent, and in how many seconds; each table is committed by itself."""
    began, rows = time.monotonic(), 0
    cursor = database.cursor()
    for target, file in dumps.items():
        with file.open("rb") as opened:
            with cursor.copy(f"COPY {target} FROM STDIN (FORMAT binary)".encode()) as copy:
                while block := opened.read(1 << 20):
                    copy.write(block)
        rows += cursor.rowcount
    return rows, time.monotonic() - began
