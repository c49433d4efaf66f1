"""What one question to the nodes has met so far."""

from dataclasses import dataclass, field

from indexer.chain.endpoint import Endpoint
from indexer.errors import NodeBehind


@dataclass(slots=True, kw_only=True)
class Attempt:
    """Who was asked, and how it went."""

    deadline: float
    divisible: bool
    failures: int = 0
    behind: dict[Endpoint, NodeBehind] = field(default_factory=dict)
    slow: set[Endpoint] = field(default_factory=set)
    probed: set[Endpoint] = field(default_factory=set)
    tried: set[Endpoint] = field(default_factory=set)

    def may_ask(self, endpoint: Endpoint, now: float) -> bool:
        """Whether it is worth asking; when patience is over, only what was not asked before."""
        done = self.tried if endpoint.health.verified else self.probed | self.tried
        late = now >= self.deadline and endpoint in done
        return endpoint.health.ready(now) and endpoint not in self.behind and not late
