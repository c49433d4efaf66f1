"""All rows of one entity as of a block."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.projections import rows
from indexer.projections.entities import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHoldings:
    """A group; members and requests in the order of their addresses."""

    entity: Entity
    group: rows.Group
    members: Sequence[rows.Member]
    join_requests: Sequence[rows.JoinRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentHoldings:
    """A payment of any kind; participants by position, contributions in the chain's order."""

    entity: Entity
    payment: rows.Payment
    participants: Sequence[rows.Participant]
    contributions: Sequence[rows.Contribution]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundHoldings:
    """What awaits an address."""

    entity: Entity
    balance: rows.RefundBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketHoldings:
    """A red packet; recipients by position, claims in the chain's order."""

    entity: Entity
    packet: rows.RedPacket
    recipients: Sequence[rows.Recipient]
    claims: Sequence[rows.Claim]


Holdings = GroupHoldings | PaymentHoldings | RefundHoldings | PacketHoldings
