"""The floor reads every response and writes every row, and leaves the index as it was."""

from pathlib import Path

import psycopg

from benchmarks.archive import Archive
from benchmarks.reading import read
from benchmarks.server import Served
from benchmarks.writing import CLONE, written

ROWS = """
CREATE TABLE moments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz,
    doubled bigint GENERATED ALWAYS AS (1) STORED);
CREATE INDEX ON moments (at);
INSERT INTO moments (at) SELECT now() FROM generate_series(1, 700);
CREATE TABLE parts (place bigint, data bytea) PARTITION BY RANGE (place);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES FROM (0) TO (500);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (500) TO (1000);
CREATE INDEX ON parts (place);
INSERT INTO parts SELECT n, '\\x00ff' FROM generate_series(0, 999) n
"""


def test_all_logs_and_the_inputs_that_an_index_needs_are_read(
    server: Served, folder: Path, archive: Archive
) -> None:
    before = server.stats()
    found = read(server, folder)
    sent = server.stats().sent - before.sent
    assert found.logs == archive.meta.events
    assert found.inputs == archive.meta.totals["events.inputs"]
    assert found.mb * 1e6 == sent and found.seconds > 0


def test_all_rows_are_written_into_clones_that_are_gone_afterwards(
    database_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(database_url) as database:
        database.execute(ROWS.encode())
    found = written(database_url, tmp_path)
    assert found.rows == 1_700
    assert 0 < found.seconds <= found.indexes_kept
    with psycopg.connect(database_url) as database:
        assert database.execute("SELECT count(*) FROM moments").fetchone() == (700,)
        assert database.execute("SELECT count(*) FROM parts").fetchone() == (1_000,)
        clones = "SELECT count(*) FROM pg_database WHERE datname = %s"
        assert database.execute(clones, (CLONE,)).fetchone() == (0,)
