"""What subscriptions send: one change of one indexed thing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import strawberry
from sqlalchemy import Row

from api.broker import Move
from api.reads import news
from api.reads.groups import GROUP
from api.reads.lists import Lookup
from api.reads.payments import PAYMENT
from api.reads.red_packets import RED_PACKET
from api.types.chain import Event
from api.types.groups import Group
from api.types.payments import Payment
from api.types.red_packets import RedPacket
from indexer.db.models import GROUPS, PAYMENTS, RED_PACKETS, Projection
from indexer.events.definitions import Contract

CHANGE: Final = (
    "One change of one indexed thing. `event` is null where the contract changed without one. "
    "`reverted`: a reorg took the change back, and the thing is shown as it stands now."
)


@strawberry.type(description=CHANGE)
class GroupUpdate:
    event: Event | None
    group: Group
    reverted: bool


@strawberry.type(description=CHANGE)
class PaymentUpdate:
    event: Event | None
    payment: Payment
    reverted: bool


@strawberry.type(description=CHANGE)
class RedPacketUpdate:
    event: Event | None
    red_packet: RedPacket
    reverted: bool


@strawberry.type(description="`reverted`: a reorg took the event back.")
class EventUpdate:
    event: Event
    reverted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of thing that changes: which events are about it, and where it stands."""

    projection: Projection
    contract: Contract
    about: frozenset[bytes]
    lookup: Lookup

    async def changes(
        self, move: Move, key: bytes | None
    ) -> Sequence[tuple[Event | None, Row[Any]]]:
        """What the move did to these things (or to the one of this key), in the chain's order."""
        touched = list(self._touched(move))
        told = {key for _, key in touched}
        silent = await news.changed(move.view, self.projection, move.first, move.last)
        every = [*touched, *((None, other) for other in silent if other not in told)]
        return [
            (None if event is None else Event.of(move.view, event), row)
            for event, one in every
            if key in (None, one) and (row := await self.lookup.row(move.view, one)) is not None
        ]

    def _touched(self, move: Move) -> Iterator[tuple[Row[Any] | None, bytes]]:
        for event in move.events:
            key = news.subject(event, self.contract, self.about)
            if key is not None:
                yield event, key


A_GROUP: Final = Subject(
    projection=GROUPS, contract=Contract.GROUP_CHAT, about=news.ABOUT_GROUPS, lookup=GROUP
)
A_PAYMENT: Final = Subject(
    projection=PAYMENTS,
    contract=Contract.GROUP_PAYMENT,
    about=news.ABOUT_PAYMENTS,
    lookup=PAYMENT,
)
A_RED_PACKET: Final = Subject(
    projection=RED_PACKETS,
    contract=Contract.RED_PACKET,
    about=news.ABOUT_RED_PACKETS,
    lookup=RED_PACKET,
)
