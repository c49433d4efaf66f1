"""Which of many entities are looked at: all, or some of them, by their keys."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

PAGE: Final = 25
"""Entities at once: all rows of so many are in memory, and in one transaction."""


class Keyed(Protocol):
    @property
    def key(self) -> bytes: ...


K = TypeVar("K", bound=Keyed)
Next = Callable[[bytes | None, int], Sequence[K]]
"""(after this key, how many) → the next ones in the order of their keys."""


def pages(
    ahead: Next[K], sample: int | None, *, start: bytes | None = None
) -> Iterator[Sequence[K]]:
    """All of them, or about `sample` in a row from a random key on, and on from the lowest.

    Keys are hashes, so that those in a row are a fair sample. `start` replaces the random key.
    """
    if sample is None:
        yield from _after(ahead, None, None, None)
        return
    left, begin = sample, os.urandom(32) if start is None else start
    for page in _after(ahead, begin, left, None):
        left -= len(page)
        yield page
    yield from _after(ahead, None, left, begin)


def _after(
    ahead: Next[K], after: bytes | None, most: int | None, upto: bytes | None
) -> Iterator[Sequence[K]]:
    while most is None or most > 0:
        page = ahead(after, PAGE if most is None else min(PAGE, most))
        whole = [one for one in page if upto is None or one.key <= upto]
        if whole:
            yield whole
        if not page or len(whole) < len(page):
            return
        after, most = page[-1].key, None if most is None else most - len(page)
