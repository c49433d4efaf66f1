"""Ranges of blocks and how it is known that no log of theirs is missing."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest

from indexer.db import completeness
from indexer.db.completeness import Proof, Range
from indexer.db.connection import Connection
from indexer.units import BlockNumber


def block(number: int, proof: Proof) -> Range:
    return Range(BlockNumber(number), BlockNumber(number), proof)


@pytest.mark.parametrize("seed", range(3))
def test_every_block_has_its_proof_and_neighbours_of_one_proof_are_one_row(
    seed: int, db: Connection
) -> None:
    dice, known = Random(seed), [Proof.NODE]
    for _ in range(120):
        with db.transaction(), db.cursor() as cursor:
            if dice.random() < 0.3:
                keep = dice.randint(max(1, len(known) - 20), len(known))
                completeness.undo(cursor, keep - 1)
                del known[keep:]
            told = [dice.choice([*Proof]) for _ in range(dice.randint(1, 6))]
            completeness.add(cursor, [block(len(known) + at, one) for at, one in enumerate(told)])
            known += told
    found = db.execute("SELECT * FROM completeness ORDER BY first_block").fetchall()
    rows: list[tuple[Any, ...]] = [*found]
    assert [proof for first, last, proof in rows for _ in range(first, last + 1)] == known[1:]
    assert all(a[1] + 1 == b[0] and a[2] != b[2] for a, b in pairwise(rows))


def test_a_summary_counts_blocks_and_names_the_first_range(db: Connection) -> None:
    with db.transaction(), db.cursor() as cursor:
        assert completeness.summary(cursor) == []
        assert completeness.first(cursor, Proof.NODE) is None
        told = [Proof.RECEIPTS, Proof.NODE, Proof.NODE, Proof.BLOOM, Proof.NODE]
        completeness.add(cursor, [block(7 + at, one) for at, one in enumerate(told)])
        assert completeness.summary(cursor) == [
            (Proof.RECEIPTS, 1, 1),
            (Proof.BLOOM, 1, 1),
            (Proof.NODE, 3, 2),
        ]
        assert completeness.first(cursor, Proof.NODE) == Range(
            BlockNumber(8), BlockNumber(9), Proof.NODE
        )
