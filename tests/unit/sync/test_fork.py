"""The fork is found among sparse blocks, with few questions."""

import asyncio
from math import ceil, log2

from hypothesis import example, given
from hypothesis import strategies as st

from indexer.sync.batch import Block
from indexer.sync.fork import fork
from indexer.units import BlockNumber, Hash32

kept = st.sets(st.integers(0, 3_000), max_size=60).map(sorted)


class Chain:
    """Keeps some blocks; those up to `parted` are on the node's chain. Counts the questions."""

    def __init__(self, numbers: list[int], parted: int) -> None:
        self.numbers = numbers
        self.parted = parted
        self.asked: list[int] = []

    def stored(self, upto: int) -> Block | None:
        below = [number for number in self.numbers if number <= upto]
        return Block(BlockNumber(below[-1]), Hash32(bytes(32)), 0) if below else None

    async def on_chain(self, block: Block) -> bool:
        self.asked.append(block.number)
        return block.number <= self.parted

    def fork(self, top: int) -> int | None:
        found = asyncio.run(fork(top, self.stored, self.on_chain))
        return None if found is None else found.number


@given(kept, st.integers(-1, 3_001), st.integers(0, 3_100))
@example([0], -1, 0)
@example([0], 0, 0)
@example([], 5, 9)
def test_the_highest_kept_block_on_the_chain_is_found(
    numbers: list[int], parted: int, top: int
) -> None:
    wanted = [number for number in numbers if number <= min(parted, top)]
    assert Chain(numbers, parted).fork(top) == (wanted[-1] if wanted else None)


@given(st.integers(1, 20_000), st.integers(0, 40_000))
def test_the_number_of_questions_grows_with_the_logarithm_of_the_depth(
    depth: int, deeper: int
) -> None:
    top = depth + deeper
    chain = Chain([], top - depth)
    chain.stored = lambda upto: (  # type: ignore[method-assign]
        Block(BlockNumber(upto), Hash32(bytes(32)), 0) if upto >= 0 else None
    )
    assert chain.fork(top) == top - depth
    assert len(chain.asked) <= 2 * ceil(log2(depth + 1)) + 2


@given(kept, st.integers(-1, 3_001))
def test_no_block_is_asked_for_twice(numbers: list[int], parted: int) -> None:
    chain = Chain(numbers, parted)
    chain.fork(3_000)
    assert len(chain.asked) == len(set(chain.asked))


def test_a_block_that_never_left_is_known_with_one_question() -> None:
    chain = Chain([5, 9], 9)
    assert (chain.fork(9), chain.asked) == (9, [9])


def test_an_index_that_shares_nothing_starts_over() -> None:
    assert Chain(list(range(100)), -1).fork(99) is None
