"""A simulated community: people who keep using the contracts, so that there is something to see."""

from indexer.dev.community.life import Community, community_of, run

__all__ = ["Community", "community_of", "run"]
