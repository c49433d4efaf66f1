"""The root of all subscriptions."""

from collections.abc import AsyncGenerator

import strawberry

from api.errors import bad_input
from api.event_stream import EventStream
from api.reads.common import key_of_group
from api.types.chain import Meta
from api.types.field import subscription
from api.types.groups import Group
from api.types.ids import event_position
from api.types.inputs import EventFilter
from api.types.payments import Payment
from api.types.query import ApiInfo
from api.types.red_packets import RedPacket
from api.types.updates import (
    A_GROUP,
    A_PAYMENT,
    A_RED_PACKET,
    EventUpdate,
    GroupUpdate,
    PaymentUpdate,
    RedPacketUpdate,
)
from indexer.units import Hash32


@strawberry.type
class Subscription:
    @subscription
    async def meta(self, info: ApiInfo) -> AsyncGenerator[Meta, None]:
        """One item each time the index has moved on, or back."""
        async with info.context.index.broker.feed() as feed:
            while True:
                yield await Meta.of((await feed.next()).view)

    @subscription
    async def group_updated(
        self, info: ApiInfo, group_id: str | None = None, key: Hash32 | None = None
    ) -> AsyncGenerator[GroupUpdate, None]:
        """Of one group (by plain id or key), or of all."""
        if group_id is not None and key is not None:
            raise bad_input("key", "give at most one of `groupId` and `key`")
        wanted = key or key_of_group(group_id)
        async with info.context.index.broker.feed() as feed:
            while True:
                move = await feed.next()
                for event, row in await A_GROUP.changes(move, wanted):
                    group = Group.of(move.view, row)
                    yield GroupUpdate(event=event, group=group, reverted=False)

    @subscription
    async def payment_updated(
        self, info: ApiInfo, payment_id: Hash32 | None = None, group_id: str | None = None
    ) -> AsyncGenerator[PaymentUpdate, None]:
        """Of one payment, of all of a group, or of all."""
        key = key_of_group(group_id)
        async with info.context.index.broker.feed() as feed:
            while True:
                move = await feed.next()
                for event, row in await A_PAYMENT.changes(move, payment_id):
                    if key in (None, row.group_key):
                        payment = Payment.of(move.view, row)
                        yield PaymentUpdate(event=event, payment=payment, reverted=False)

    @subscription
    async def red_packet_updated(
        self, info: ApiInfo, red_packet_id: Hash32 | None = None, group_id: str | None = None
    ) -> AsyncGenerator[RedPacketUpdate, None]:
        """Of one red packet, of all of a group, or of all."""
        key = key_of_group(group_id)
        async with info.context.index.broker.feed() as feed:
            while True:
                move = await feed.next()
                for event, row in await A_RED_PACKET.changes(move, red_packet_id):
                    if key in (None, row.group_key):
                        packet = RedPacket.of(move.view, row)
                        yield RedPacketUpdate(event=event, red_packet=packet, reverted=False)

    @subscription
    async def events(
        self,
        info: ApiInfo,
        where: EventFilter | None = None,
        after: strawberry.ID | None = None,
    ) -> AsyncGenerator[EventUpdate, None]:
        """Every event in chain order. `after` (an Event id) resumes without loss or repeat: stored
        events first, then live ones.
        """
        place = None if after is None else event_position("after", after)
        index = info.context.index
        async with index.broker.feed() as feed:
            stream = EventStream(index, feed, where)
            async for event in stream.live() if place is None else stream.since(place):
                yield EventUpdate(event=event, reverted=False)
