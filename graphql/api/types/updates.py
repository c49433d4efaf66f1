"""What subscriptions send: one change of one indexed thing."""

from asyncio import gather
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import strawberry
from sqlalchemy import Row

from api.broker import Move
from api.errors import start_over
from api.reads import news
from api.reads.groups import GROUP
from api.reads.lists import Lookup
from api.reads.payments import PAYMENT
from api.reads.red_packets import RED_PACKET
from api.types.chain import Block, Event
from api.types.groups import Group
from api.types.payments import Payment
from api.types.red_packets import RedPacket
from indexer.db.models import GROUPS, PAYMENTS, RED_PACKETS, Projection
from indexer.events.definitions import Contract

CHANGE: Final = (
    "One change of one indexed thing. `event` is null where the contract changed without one. "
    "`reverted`: a reorg took the change back, and the thing is shown as it stands now; one that "
    "the reorg took away altogether is `gone`: shown as it last stood, with empty lists. What a "
    "reorg took back comes first, the newest change first, then what came in its place."
)

Found = tuple[bytes, Event | None, bool]
"""A thing's key, the event that changed it, and whether the change was taken back."""


@strawberry.type(description=CHANGE)
class GroupUpdate:
    event: Event | None
    group: Group
    reverted: bool
    gone: bool


@strawberry.type(description=CHANGE)
class PaymentUpdate:
    event: Event | None
    payment: Payment
    reverted: bool
    gone: bool


@strawberry.type(description=CHANGE)
class RedPacketUpdate:
    event: Event | None
    red_packet: RedPacket
    reverted: bool
    gone: bool


@strawberry.type(
    description="`reverted`: a reorg took the event back; it is shown as it was, in the block that "
    "left the chain. What a reorg took back comes first, the newest event first, then what came in "
    "its place."
)
class EventUpdate:
    event: Event
    reverted: bool
    cursor: str = strawberry.field(
        description="Where this update stands: given as `after`, it resumes right behind it, also "
        "when reorgs came meanwhile."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to the thing in `row`; no event: the contract changed without one. `gone`: it
    stands no longer.
    """

    row: Row[Any]
    gone: bool
    event: Event | None
    reverted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of thing that changes: which events are about it, and where it stands."""

    projection: Projection
    contract: Contract
    about: frozenset[bytes]
    lookup: Lookup

    async def changes(self, move: Move, key: bytes | None) -> Sequence[Change]:
        """What the move did to these things (or to the one of this key): first what it took back,
        newest first, then what is new in the chain's order. Raises START_OVER.
        """
        found = [*self._taken_back(move), *await self._new(move)]
        wanted = [one for one in found if key in (None, one[0])]
        keys = list(dict.fromkeys(one for one, _, _ in wanted))
        rows = dict(zip(keys, await gather(*(self._row(move, one) for one in keys)), strict=True))
        return [
            Change(row=at[0], gone=at[1], event=event, reverted=reverted)
            for one, event, reverted in wanted
            if (at := rows[one]) is not None
        ]

    async def _row(self, move: Move, key: bytes) -> tuple[Row[Any], bool] | None:
        """As it stands; where it is gone altogether, as it last stood, and that it is gone."""
        row = await self.lookup.row(move.view, key)
        gone = row is None and bool(move.reversals)
        if gone:
            row = await self.lookup.row(move.gone, key)
        return None if row is None else (row, gone)

    def _taken_back(self, move: Move) -> Iterator[Found]:
        """Leaves out events that came and went since the last move: nobody was told of them."""
        height = move.before
        for reversal in move.reversals:
            if not reversal.kept:
                raise start_over(reversal.first)
            touched = list(self._touched(reversal.events))
            for key, row in touched:
                if row.block_number <= height:
                    yield key, Event.gone(move.view, row), True
            told = {key for key, _ in touched}
            things = reversal.things.get(self.contract.value, ())
            yield from ((key, None, True) for key in things if key not in told)
            height = min(height, reversal.first - 1)

    async def _new(self, move: Move) -> Sequence[Found]:
        touched = list(self._touched(move.events))
        changed = await news.changed(move.view, self.projection, move.first, move.last)
        observed = move.observed.get(self.contract.value, ())
        told = {key for key, _ in touched} - {*observed}
        silent = dict.fromkeys((*changed, *observed))
        return [
            *((key, self._event(move, row), False) for key, row in touched),
            *((key, None, False) for key in silent if key not in told),
        ]

    def _event(self, move: Move, row: Row[Any]) -> Event:
        return Event.of(move.view, row, block=Block.of(move.blocks[row.block_number]))

    def _touched(self, events: Sequence[Row[Any]]) -> Iterator[tuple[bytes, Row[Any]]]:
        for event in events:
            key = news.subject(event, self.contract, self.about)
            if key is not None:
                yield key, event


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
