"""The range planner."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.chain.ranges import MOST_PATIENCE, Ranges, cut
from indexer.units import BlockNumber


def settle(ranges: Ranges, *, allowed: int, density: float, steps: int) -> tuple[Ranges, int]:
    """The planner after meeting a node, and how often it was refused."""
    refusals = 0
    for _ in range(steps):
        if ranges.size > allowed:
            refusals += 1
            ranges = ranges.refused(blocks=ranges.size)
        else:
            ranges = ranges.answered(blocks=ranges.size, logs=int(ranges.size * density))
    return ranges, refusals


def test_small_answers_let_it_grow_to_the_most() -> None:
    ranges, refusals = settle(Ranges(size=100, most=5_000), allowed=10**9, density=0, steps=20)
    assert (ranges.size, refusals) == (5_000, 0)


def test_a_crowded_chain_makes_it_shrink_to_the_target() -> None:
    ranges, _ = settle(Ranges(size=10_000, target=1_000), allowed=10**9, density=10, steps=10)
    assert 50 <= ranges.size <= 100


def test_a_limit_of_the_node_is_learnt_and_rarely_tried_again() -> None:
    ranges, refusals = settle(Ranges(), allowed=2_000, density=0.01, steps=2_000)
    assert 1_000 <= ranges.size <= 2_000
    assert refusals < 16


def test_the_nodes_own_suggestion_is_taken_at_once() -> None:
    ranges = Ranges(size=10_000).refused(blocks=10_000, suggested=800)
    assert (ranges.size, ranges.limit) == (800, 800)


def test_a_suggestion_that_is_no_smaller_is_not_believed() -> None:
    for useless in (10_000, 20_000, 0, -5):
        assert Ranges(size=10_000).refused(blocks=10_000, suggested=useless).size == 5_000


def test_what_may_not_have_been_a_limit_is_none() -> None:
    ranges = Ranges(size=10_000)
    for _ in range(20):
        ranges = ranges.refused(blocks=ranges.size, certain=False)
    assert (ranges.size, ranges.ceiling) == (1, None)
    ranges, _ = settle(ranges, allowed=10**9, density=0, steps=14)
    assert ranges.size >= 10_000


def test_a_limit_that_was_lifted_is_found_in_the_end() -> None:
    ranges, _ = settle(Ranges(), allowed=100, density=0, steps=100)
    ranges, _ = settle(ranges, allowed=10**9, density=0, steps=20 * MOST_PATIENCE)
    assert ranges.size == ranges.most


def test_a_short_last_range_does_not_change_the_size() -> None:
    ranges = Ranges(size=1_000)
    assert ranges.answered(blocks=3, logs=0).size == 1_000


def test_one_block_is_the_least() -> None:
    ranges = Ranges(size=2)
    for _ in range(5):
        ranges = ranges.refused(blocks=ranges.size)
    assert ranges.size == 1
    assert ranges.answered(blocks=1, logs=10**6).size == 1


ANSWERS = st.tuples(st.booleans(), st.integers(0, 10**6), st.none() | st.integers(-1, 10**6))


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.lists(ANSWERS, max_size=60))
def test_the_size_always_stays_within_its_bounds(
    size: int, most: int, met: list[tuple[bool, int, int | None]]
) -> None:
    ranges = Ranges(size=size, most=most)
    for good, logs, suggested in met:
        if good:
            ranges = ranges.answered(blocks=ranges.size, logs=logs)
        else:
            smaller = ranges.refused(blocks=ranges.size, suggested=suggested)
            assert smaller.size < ranges.size or ranges.size == 1
            ranges = smaller
        assert 1 <= ranges.size <= ranges.limit <= most


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.integers(1, 300))
def test_a_cut_covers_every_block_once(first: int, count: int, size: int) -> None:
    ranges = list(cut(BlockNumber(first), BlockNumber(first + count - 1), size))
    covered = [block for start, end in ranges for block in range(start, end + 1)]
    assert covered == list(range(first, first + count))
    assert all(end - start < size for start, end in ranges)
