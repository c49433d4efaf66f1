"""What a batch can change: the touched rows of every projection."""

from typing import Any, Final

import msgspec

from indexer.db import models
from indexer.events.calls import Call
from indexer.events.causes import Source
from indexer.events.definitions import Event
from indexer.events.observations import Observed
from indexer.events.views import Seen
from indexer.projections import rows
from indexer.projections.preimages import Preimages
from indexer.projections.touched import Touched
from indexer.units import Address

AFTER_EVENTS: Final = 2**31 - 1
"""The place of an observation in its block: after every log."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A decoded event, its place in the chain, and where it matters what is known of its cause.

    Or an observation, whose log and transaction are `AFTER_EVENTS`.
    """

    event: Event | Observed
    block: int
    log: int
    transaction: int
    cause: Call | Seen | None = None
    source: Source = Source.DIRECT


class World:
    """The state that folds read and change. Everything that a batch's facts touch is loaded."""

    def __init__(self, preimages: Preimages) -> None:
        self.preimages = preimages
        self.groups = Touched(models.GROUPS, rows.Group)
        self.members = Touched(models.MEMBERS, rows.Member)
        self.join_requests = Touched(models.JOIN_REQUESTS, rows.JoinRequest)
        self.payments = Touched(models.PAYMENTS, rows.Payment)
        self.participants = Touched(models.PARTICIPANTS, rows.Participant)
        self.contributions = Touched(models.CONTRIBUTIONS, rows.Contribution)
        self.refund_balances = Touched(models.REFUND_BALANCES, rows.RefundBalance)
        self.red_packets = Touched(models.RED_PACKETS, rows.RedPacket)
        self.recipients = Touched(models.RECIPIENTS, rows.Recipient)
        self.claims = Touched(models.CLAIMS, rows.Claim)
        self.credited: dict[tuple[int, int], tuple[Address, ...]] = {}
        """(block, log) of a cancellation → whom its transaction credited for it."""

    def tables(self) -> tuple[Touched[Any], ...]:
        """Every projection's rows, in the order of `models.PROJECTIONS`."""
        return tuple(getattr(self, projection.name) for projection in models.PROJECTIONS)
