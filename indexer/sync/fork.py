"""Finding where our blocks and the node's part."""

from collections.abc import Awaitable, Callable

from indexer.sync.batch import Block

Stored = Callable[[int], Block | None]
"""The highest block that we keep at or below a number; None where there is none."""
OnChain = Callable[[Block], Awaitable[bool]]
"""Whether the node has this very block."""


async def fork(top: int, stored: Stored, on_chain: OnChain) -> Block | None:
    """The highest kept block at or below `top` that is still on the chain; None if none is.

    Steps back twice as far each time, then halves the gap: some 2·log2(depth) questions. It rests
    on one fact: once two chains have parted, they share no later block.
    """
    good, bad = await _back(top, stored, on_chain)
    low = good.number if good else -1
    while bad - low > 1:
        middle = (low + bad) // 2
        block = stored(middle)
        if block is None or (good is not None and block.number <= good.number):
            low = middle
        elif await on_chain(block):
            good, low = block, middle
        else:
            bad = block.number
    return good


async def _back(top: int, stored: Stored, on_chain: OnChain) -> tuple[Block | None, int]:
    """A kept block that is on the chain, if any, and the lowest number found not to be."""
    bad, step = top + 1, 1
    while (block := stored(bad - step)) is not None:
        if await on_chain(block):
            return block, bad
        bad, step = block.number, step * 2
    return None, bad
