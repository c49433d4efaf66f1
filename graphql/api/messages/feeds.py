"""Who listens here, to which conversations: each listener's queue, and how to find those of one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from api.backlog import Backlog
from api.messages.notices import Change
from indexer.units import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A message that is new or has changed, a card (`row` is its event) that came or went, or a
    sign of somebody. `shown` is what was put together of it for listeners, by selection.
    """

    change: Change
    key: bytes
    row: Any
    card: bool = False
    shown: dict[Any, Any] = field(default_factory=dict)


class Feed(Backlog[News]):
    """One listener's news."""

    def __init__(self, address: Address, key: bytes | None, size: int) -> None:
        super().__init__(size, "subscribe again, with `after`")
        self.address, self.key = address, key


@dataclass(slots=True)
class Feeds:
    """All feeds here: those of one conversation, and those of all that somebody is in."""

    of_key: dict[bytes, set[Feed]] = field(default_factory=dict)
    of_address: dict[Address, set[Feed]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of_key or self.of_address)

    def __iter__(self) -> Iterator[Feed]:
        for feeds in (*self.of_key.values(), *self.of_address.values()):
            yield from feeds

    def add(self, feed: Feed) -> None:
        self._of(feed).add(feed)

    def remove(self, feed: Feed) -> None:
        self._of(feed).discard(feed)
        self.of_key = {key: feeds for key, feeds in self.of_key.items() if feeds}
        self.of_address = {who: feeds for who, feeds in self.of_address.items() if feeds}

    def _of(self, feed: Feed) -> set[Feed]:
        if feed.key is not None:
            return self.of_key.setdefault(feed.key, set())
        return self.of_address.setdefault(feed.address, set())

    def give(self, news: News, inside: Iterable[Address]) -> None:
        """Puts the news into the feeds of those who are in its conversation."""
        there = set(inside)
        for feed in self.of_key.get(news.key, ()):
            if feed.address in there:
                feed.put(news)
        for who in there & self.of_address.keys():
            for feed in self.of_address[who]:
                feed.put(news)
