"""The indexer's side of live tests: batches and reorgs, each in one transaction with its NOTIFY."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

from indexer.db import reversals, undo
from indexer.db.cursor import CHANNEL
from indexer.units import keccak
from tests.integration.api.rows import TABLES, Row, block, time_of


class Chain:
    """Starts where the fixtures leave the index: block 10 is the newest."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self.tip, self._fork = 10, 0

    def grow(self, blocks: int = 1, *, notify: bool = True, **rows: list[Row]) -> int:
        """A batch of new blocks; rows by table name."""
        return self._write(self.tip + 1, self.tip + blocks, notify, rows)

    def reorg(self, depth: int, blocks: int, **rows: list[Row]) -> int:
        """Takes the newest `depth` blocks back and puts others there."""
        self._fork += 1
        return self._write(self.tip - depth + 1, self.tip - depth + blocks, True, rows)

    def _write(self, first: int, last: int, notify: bool, rows: dict[str, list[Row]]) -> int:
        with self._database.begin() as db:
            if first <= self.tip:
                _undo(db, first - 1)
            for name, values in {"blocks": self._blocks(first, last), **rows}.items():
                if values:
                    db.execute(insert(TABLES[name]), values)
            db.execute(text(ADVANCE), self._cursor(last))
            if notify:
                news = json.dumps({"from": first, "to": last})
                db.execute(
                    text("SELECT pg_notify(:channel, :news)"), dict(channel=CHANNEL, news=news)
                )
        self.tip = last
        return last

    def _blocks(self, first: int, last: int) -> Sequence[Row]:
        return [block(n, hash=self._hash(n)) for n in range(first, last + 1)]

    def _hash(self, number: int) -> bytes:
        return keccak(b"%d of fork %d" % (number, self._fork))

    def _cursor(self, last: int) -> dict[str, Any]:
        return {"n": last, "h": self._hash(last), "t": time_of(last), "r": self._fork}


def _undo(db: Connection, block: int) -> None:
    driver = db.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        reversals.keep(cursor, block)
        undo.undo_projections(cursor, block)
        undo.undo_facts(cursor, block)


ADVANCE = """UPDATE cursor SET block_number = :n, block_hash = :h, block_timestamp = :t,
    head_block = :n, reorg_count = :r"""
