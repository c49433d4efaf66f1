"""What the index holds depends on the events alone, not on how they came in batches."""

from itertools import groupby
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.projections.world import Fact
from tests.unit.projections import chance
from tests.unit.projections.ledger import Ledger

dice = st.randoms(use_true_random=False)


def history(dice: Random, blocks: int) -> list[Fact]:
    """Some transactions a block, some events a transaction."""
    facts = []
    for block in range(1, blocks + 1):
        log = 0
        for transaction in range(dice.randint(0, 3)):
            for _ in range(dice.randint(1, 4)):
                event, call = chance.event(dice, chance.spec(dice))
                facts.append(Fact(event, block, log, transaction, call))
                log += 1
    return facts


def by_block(facts: list[Fact]) -> list[list[Fact]]:
    return [list(group) for _, group in groupby(facts, lambda fact: fact.block)]


@given(dice, st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_batches_of_any_size_make_the_same_rows_and_versions(dice: Random, most: int) -> None:
    facts = history(dice, 8)
    whole, parts = Ledger(), Ledger()
    whole.write(facts)
    waiting = by_block(facts)
    while waiting:
        size = dice.randint(1, most)
        parts.write([fact for block in waiting[:size] for fact in block])
        waiting = waiting[size:]
    assert parts.rows == whole.rows
    assert {k: _sorted(v) for k, v in parts.history.items() if v} == {
        k: _sorted(v) for k, v in whole.history.items() if v
    }


def _sorted(versions: list[dict[str, object]]) -> list[list[object]]:
    return sorted((list(version.values()) for version in versions), key=repr)


@given(dice)
@settings(max_examples=30, deadline=None)
def test_what_stood_at_a_block_is_what_an_index_that_stopped_there_holds(dice: Random) -> None:
    facts = history(dice, 6)
    whole = Ledger()
    whole.write(facts)
    for block in range(8):
        stopped = Ledger()
        stopped.write([fact for fact in facts if fact.block <= block])
        assert whole.at(block) == stopped.rows
