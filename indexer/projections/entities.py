"""What is folded on its own: a group, a payment, a packet, a user's refunds, each with its rows."""

from enum import IntEnum
from typing import Final, NamedTuple

from indexer.db.models import (
    CLAIMS,
    CONTRIBUTIONS,
    GROUPS,
    JOIN_REQUESTS,
    MEMBERS,
    PARTICIPANTS,
    PAYMENTS,
    RECIPIENTS,
    RED_PACKETS,
    REFUND_BALANCES,
    Projection,
)


class EntityKind(IntEnum):
    GROUP = 0
    PAYMENT = 1
    REFUND = 2
    RED_PACKET = 3

    @property
    def tables(self) -> tuple[Projection, ...]:
        """The projections that hold its rows; the first one names it. The key comes first there."""
        return _TABLES[self]


class Entity(NamedTuple):
    """`key`: a group's key, a payment's or packet's id, or the address whom a refund awaits."""

    kind: EntityKind
    key: bytes


_TABLES: Final = {
    EntityKind.GROUP: (GROUPS, MEMBERS, JOIN_REQUESTS),
    EntityKind.PAYMENT: (PAYMENTS, PARTICIPANTS, CONTRIBUTIONS),
    EntityKind.REFUND: (REFUND_BALANCES,),
    EntityKind.RED_PACKET: (RED_PACKETS, RECIPIENTS, CLAIMS),
}
