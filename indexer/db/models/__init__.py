"""The tables: facts are what the chain said, projections are folds of facts with their past."""

from indexer.db.models.base import PROJECTIONS, Projection, metadata
from indexer.db.models.facts import blocks, contracts, cursor, events
from indexer.db.models.groups import GROUPS, JOIN_REQUESTS, MEMBERS
from indexer.db.models.payments import CONTRIBUTIONS, PARTICIPANTS, PAYMENTS, REFUND_BALANCES
from indexer.db.models.red_packets import CLAIMS, RECIPIENTS, RED_PACKETS

__all__ = [
    "CLAIMS",
    "CONTRIBUTIONS",
    "GROUPS",
    "JOIN_REQUESTS",
    "MEMBERS",
    "PARTICIPANTS",
    "PAYMENTS",
    "PROJECTIONS",
    "RECIPIENTS",
    "RED_PACKETS",
    "REFUND_BALANCES",
    "Projection",
    "blocks",
    "contracts",
    "cursor",
    "events",
    "metadata",
]
