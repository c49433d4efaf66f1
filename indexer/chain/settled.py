"""Answers that a node stands by.

A node that is just making a block may already answer with its state what it is asked about the
one before, and by the time of the next question no longer does: dev chains behave so. What becomes
a fact is therefore asked until the same is said twice running.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from indexer.errors import NodeBehind

Q = TypeVar("Q")
A = TypeVar("A")

TRIES: Final = 4
"""How often an answer may change."""


async def settled(
    ask: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], questions: Sequence[Q]
) -> Sequence[A]:
    """What was answered twice running. Raises NodeBehind where it is something else each time."""
    if not questions:
        return ()
    before = await ask(questions)
    for _ in range(TRIES):
        now = await ask(questions)
        if now == before:
            return now
        before = now
    raise NodeBehind("the nodes answer the same question about one block differently each time")
