"""The heads of several nodes over time: who stands still, and who is on a branch of his own."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.chain.endpoint import Endpoint
from indexer.chain.head import Heads, Seen, agreed
from indexer.chain.rpc import Rpc, Said
from indexer.errors import BadAnswer
from indexer.units import BlockNumber, Hash32

STILL: Final = 5.0
"""Seconds after which a node that others leave behind is said to stand still."""
MISSED: Final = 3
"""How often the foremost has to have moved on meanwhile."""
LONG_STILL: Final = 15.0
"""Seconds after which it stands still in any case."""


@dataclass(slots=True)
class Pace:
    """How far an endpoint is, since when, and how often the foremost had moved by then."""

    latest: int
    since: float
    moves: int


class Agreement:
    """Remembers how the endpoints get on."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._paces: dict[Endpoint, Pace] = {}
        self._foremost = -1
        self._moves = 0

    def of(self, told: Sequence[Said[Seen]]) -> Heads:
        """The heads that most of those agree on who do not stand still."""
        self._keep_pace(told, time.monotonic())
        heads = agreed([said.value.heads for said in told if not self._stands_still(said.by)])
        self._rest_minority(told, heads.latest)
        return heads

    def _keep_pace(self, told: Sequence[Said[Seen]], now: float) -> None:
        foremost = max(said.value.heads.latest for said in told)
        self._moves += foremost != self._foremost
        self._foremost = foremost
        for said in told:
            latest, pace = said.value.heads.latest, self._paces.get(said.by)
            if pace is None or pace.latest != latest or latest == foremost:
                self._paces[said.by] = Pace(latest, now, self._moves)

    def _stands_still(self, endpoint: Endpoint) -> bool:
        pace = self._paces[endpoint]
        left_behind = self._moves - pace.moves >= MISSED
        since = time.monotonic() - pace.since
        return pace.latest < self._foremost and since >= (STILL if left_behind else LONG_STILL)

    def _rest_minority(self, told: Sequence[Said[Seen]], latest: BlockNumber) -> None:
        """Lets those rest whose block of the agreed height is not the one that most have."""
        at = [said for said in told if said.value.heads.latest == latest]
        right = _majority(said.value.newest for said in at)
        for said in at:
            if right is not None and said.value.newest != right:
                error = BadAnswer(f"the node is on another branch than most at block {latest}")
                self._rpc.blame(said.by, error, liar=True)


def _majority(hashes: Iterable[Hash32]) -> Hash32 | None:
    """The hash that more than half of them are, if there are two at least."""
    votes = Counter(hashes)
    for one, count in votes.most_common(1):
        if count >= 2 and 2 * count > votes.total():
            return one
    return None
