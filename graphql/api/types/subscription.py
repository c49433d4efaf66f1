"""The root of all subscriptions."""

from collections.abc import AsyncGenerator

import strawberry

from api.errors import bad_input
from api.event_stream import updates
from api.reads.common import key_of_group
from api.types.chain import Meta
from api.types.context import ApiInfo
from api.types.field import subscription
from api.types.groups import Group
from api.types.hearing import Hearing
from api.types.inputs import EventFilter
from api.types.notifications import NotificationSubscriptions
from api.types.payments import Payment
from api.types.red_packets import RedPacket
from api.types.signs import Sensing
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
class Subscription(Hearing, Sensing, NotificationSubscriptions):
    @subscription
    async def meta(self, info: ApiInfo) -> AsyncGenerator[Meta, None]:
        """One item each time the index has moved on, or back."""
        async with info.context.index.broker.feed() as feed:
            while True:
                move = await feed.next()
                if move.of_blocks:
                    yield await Meta.of(move.view)

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
                for one in await A_GROUP.changes(move, wanted):
                    group = Group.of(move.view, one.row)
                    yield GroupUpdate(
                        event=one.event, group=group, reverted=one.reverted, gone=one.gone
                    )

    @subscription
    async def payment_updated(
        self, info: ApiInfo, payment_id: Hash32 | None = None, group_id: str | None = None
    ) -> AsyncGenerator[PaymentUpdate, None]:
        """Of one payment, of all of a group, or of all."""
        key = key_of_group(group_id)
        async with info.context.index.broker.feed() as feed:
            while True:
                move = await feed.next()
                for one in await A_PAYMENT.changes(move, payment_id):
                    if key in (None, one.row.group_key):
                        thing = Payment.of(move.view, one.row)
                        yield PaymentUpdate(
                            event=one.event, payment=thing, reverted=one.reverted, gone=one.gone
                        )

    @subscription
    async def red_packet_updated(
        self, info: ApiInfo, red_packet_id: Hash32 | None = None, group_id: str | None = None
    ) -> AsyncGenerator[RedPacketUpdate, None]:
        """Of one red packet, of all of a group, or of all."""
        key = key_of_group(group_id)
        async with info.context.index.broker.feed() as feed:
            while True:
                move = await feed.next()
                for one in await A_RED_PACKET.changes(move, red_packet_id):
                    if key in (None, one.row.group_key):
                        thing = RedPacket.of(move.view, one.row)
                        yield RedPacketUpdate(
                            event=one.event,
                            red_packet=thing,
                            reverted=one.reverted,
                            gone=one.gone,
                        )

    @subscription
    async def events(
        self,
        info: ApiInfo,
        where: EventFilter | None = None,
        after: strawberry.ID | None = None,
    ) -> AsyncGenerator[EventUpdate, None]:
        """Every event in chain order, and what reorgs take back. `after` resumes without loss or
        repeat: stored events first, then live ones. It is the `cursor` of an update, or an event's
        id. An id does not say on which fork the event was seen; where a reorg replaced it, what
        was sent up to it is taken back and sent again. Where it is no longer known what a reorg
        took back, the error START_OVER says from which block on to read anew.
        """
        async for update in updates(info.context.index, where, after):
            yield update
