"""What effects are done by."""

from dataclasses import dataclass

from indexer.settings import Settings
from indexer.vapid import Vapid


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`lease`: seconds that a worker may take; `private`: requests may go to private addresses.

    `age`: seconds that the chain's clock may be behind where something happens by it. Without
    `vapid` no browser is told.
    """

    lease: float = 60.0
    private: bool = False
    age: float = 86_400.0
    vapid: Vapid | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Terms":
        """Those that are set."""
        return cls(
            lease=settings.effects_lease,
            private=settings.webhook_private,
            age=settings.effects_age,
            vapid=Vapid.of(settings),
        )
