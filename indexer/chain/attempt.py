"""What one question to the nodes has met so far."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.chain.endpoint import Endpoint, TooSlow
from indexer.chain.refusals import Unexplained
from indexer.errors import NodeBehind, Retryable

REFUSALS: Final = 2
"""How often a node refuses without an explanation before that is taken for a limit."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """Who was asked, and how it went."""

    deadline: float
    divisible: bool
    failures: int = 0
    behind: dict[Endpoint, NodeBehind] = field(default_factory=dict)
    overtaxed: set[Endpoint] = field(default_factory=set)
    """Who took too long, or refuses in words that nobody knows: may have been asked for much."""
    probed: set[Endpoint] = field(default_factory=set)
    tried: set[Endpoint] = field(default_factory=set)
    _refusals: Counter[Endpoint] = field(default_factory=Counter)

    def may_ask(self, endpoint: Endpoint, now: float) -> bool:
        """Whether it is worth asking; when patience is over, only what was not asked before."""
        done = self.tried if endpoint.health.verified else self.probed | self.tried
        late = now >= self.deadline and endpoint in done
        return endpoint.health.ready(now) and endpoint not in self.behind and not late

    def too_much(
        self, endpoint: Endpoint, error: Retryable, all_: Sequence[Endpoint], now: float
    ) -> bool:
        """Whether the error leaves nobody to ask who could not be overtaxed by the question."""
        if isinstance(error, Unexplained):
            self._refusals[endpoint] += 1
        if isinstance(error, TooSlow) or self._refusals[endpoint] >= REFUSALS:
            self.overtaxed.add(endpoint)
        elif not isinstance(error, Unexplained):
            return False
        left = [one for one in all_ if one.health.ready(now) and one not in self.overtaxed]
        return self.divisible and endpoint in self.overtaxed and not left
