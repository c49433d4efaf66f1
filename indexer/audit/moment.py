"""The block at which all is compared, and reading the index as of it in short transactions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import IsolationLevel

from indexer.db import cursor as cursors
from indexer.db.connection import Connection, connect
from indexer.db.kept import KeptConnection
from indexer.errors import BlockGone, ConfigError
from indexer.events.definitions import Contract
from indexer.units import Address, BlockNumber

READ_CONTRACTS: Final = "SELECT contract, address, start_block FROM contracts"
HIGHEST_BLOCK: Final = """
SELECT number, hash FROM blocks WHERE number <= %s ORDER BY number DESC LIMIT 1
"""
"""Served by the primary key."""
Anchor = tuple[int, bytes] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The end of block `number`; `start` is the first block that the index looked at.

    `anchor` is the highest block that the index keeps at or below it, and its hash: as long as that
    one stands, so does what the index says of the moment.
    """

    chain_id: int
    number: BlockNumber
    start: BlockNumber
    anchor: Anchor
    addresses: Mapping[Contract, Address]

    def stands(self, db: psycopg.Cursor[Any]) -> None:
        """Raises BlockGone where the index has left the moment's block."""
        now = cursors.read(db)
        whole = now is not None and now.block_number >= self.number
        if not whole or _anchor(db, self.number) != self.anchor:
            raise self.gone()

    def gone(self) -> BlockGone:
        """The error that the block is no longer part of the chain."""
        return BlockGone(f"block {self.number} left the chain meanwhile: run `dchat verify` again")


class Reader:
    """One connection. Each transaction sees one state of the index, and writes nothing."""

    def __init__(self, url: str) -> None:
        self._kept = KeptConnection(lambda: _opened(url))

    def close(self) -> None:
        """Gives up the connection; the next transaction opens another one."""
        self._kept.close()

    def moment(self, block: int | None) -> Moment | None:
        """The end of that block, or of the index's newest; None where nothing is indexed yet.

        Raises ConfigError where that block is not indexed.
        """
        with self._kept.transaction() as db:
            at = cursors.read(db)
            if at is None or at.block_hash is None:
                return None
            number = at.block_number if block is None else BlockNumber(block)
            found = _moment(db, at, number)
            if not found.start <= number <= at.block_number:
                known = f"{found.start} to {at.block_number}"
                raise ConfigError(f"--block {number} is not indexed: give one from {known}")
            return found

    def finalized(self) -> Moment | None:
        """The end of the newest block that is final and indexed; None where there is none."""
        with self._kept.transaction() as db:
            at = cursors.read(db)
            if at is None or at.block_hash is None or at.finalized_block is None:
                return None
            found = _moment(db, at, min(at.block_number, at.finalized_block))
            return found if found.start <= found.number else None

    @contextmanager
    def at(self, moment: Moment) -> Iterator[psycopg.Cursor[Any]]:
        """A transaction in which the index still stands on the moment's block; else BlockGone."""
        with self._kept.transaction() as db:
            moment.stands(db)
            yield db


def _opened(url: str) -> Connection:
    connection = connect(url, name="dchat verify")
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def _moment(db: psycopg.Cursor[Any], at: cursors.Cursor, number: BlockNumber) -> Moment:
    origins = db.execute(READ_CONTRACTS).fetchall()
    return Moment(
        chain_id=at.chain_id,
        number=number,
        start=BlockNumber(min(row[2] for row in origins)),
        anchor=_anchor(db, number),
        addresses={Contract(row[0]): Address(row[1]) for row in origins},
    )


def _anchor(db: psycopg.Cursor[Any], number: int) -> Anchor:
    row = db.execute(HIGHEST_BLOCK, [number]).fetchone()
    return None if row is None else (row[0], row[1])
