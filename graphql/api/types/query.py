"""The root of all reads."""

import strawberry

from api.errors import bad_input
from api.paging import Args
from api.reads import truth
from api.reads.common import key_of_group
from api.reads.events import EVENT_LIST
from api.reads.groups import GROUP_LIST
from api.reads.payments import PAYMENT, PAYMENT_LIST
from api.reads.red_packets import RED_PACKET, RED_PACKET_LIST
from api.reads.search import search_list
from api.types.chain import Event, Meta
from api.types.connection import Connection, connection
from api.types.context import ApiInfo
from api.types.field import field
from api.types.groups import Group, group_by_key
from api.types.ids import node_by_id
from api.types.inputs import (
    BlockConstraint,
    EventFilter,
    GroupFilter,
    GroupOrder,
    PaymentFilter,
    PaymentOrder,
    RedPacketFilter,
    RedPacketOrder,
)
from api.types.node import Node
from api.types.notifications import NotificationQueries
from api.types.payments import Payment
from api.types.prepare import Prepare, preparing
from api.types.reading import Reading
from api.types.red_packets import RedPacket
from api.types.statistics import Statistics
from api.types.truth import AuditVerdict, CompletenessRange
from api.types.users import User
from indexer.units import Address, Hash32


@strawberry.type
class Query(Reading, NotificationQueries):
    @field
    async def meta(self, info: ApiInfo) -> Meta:
        return await Meta.of(await info.context.view())

    @field
    async def node(self, info: ApiInfo, id: strawberry.ID) -> Node | None:
        """Anything that has an id; null where nothing has this one that you may read."""
        return await node_by_id(await info.context.view(), info.context.viewer, id)

    @field
    async def group(
        self,
        info: ApiInfo,
        group_id: str | None = None,
        key: Hash32 | None = None,
        block: BlockConstraint | None = None,
    ) -> Group | None:
        """By plain id or by key: exactly one of the two."""
        found = one_key(group_id, key)
        return await group_by_key(await info.context.view(block), found)

    @field
    async def groups(
        self,
        info: ApiInfo,
        where: GroupFilter | None = None,
        order_by: GroupOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        block: BlockConstraint | None = None,
    ) -> Connection[Group]:
        args = Args(first=first, after=after, last=last, before=before)
        view = await info.context.view(block)
        return connection(view, GROUP_LIST, Group.of, args, where=where, order=order_by)

    @field
    async def search_groups(
        self, info: ApiInfo, text: str, first: int | None = None, after: str | None = None
    ) -> Connection[Group]:
        """Groups whose name and description have all the words of the text, the best first: a word
        may be the beginning of one, and Chinese, Japanese and Korean need no spaces. Where there
        are none, groups whose name resembles the text.
        """
        args = Args(first=first, after=after)
        return connection(await info.context.view(), search_list(text), Group.of, args)

    @field
    async def payment(
        self, info: ApiInfo, payment_id: Hash32, block: BlockConstraint | None = None
    ) -> Payment | None:
        view = await info.context.view(block)
        row = await PAYMENT.row(view, payment_id)
        return None if row is None else Payment.of(view, row)

    @field
    async def payments(
        self,
        info: ApiInfo,
        where: PaymentFilter | None = None,
        order_by: PaymentOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        block: BlockConstraint | None = None,
    ) -> Connection[Payment]:
        args = Args(first=first, after=after, last=last, before=before)
        view = await info.context.view(block)
        return connection(view, PAYMENT_LIST, Payment.of, args, where=where, order=order_by)

    @field
    async def red_packet(
        self, info: ApiInfo, red_packet_id: Hash32, block: BlockConstraint | None = None
    ) -> RedPacket | None:
        view = await info.context.view(block)
        row = await RED_PACKET.row(view, red_packet_id)
        return None if row is None else RedPacket.of(view, row)

    @field
    async def red_packets(
        self,
        info: ApiInfo,
        where: RedPacketFilter | None = None,
        order_by: RedPacketOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        block: BlockConstraint | None = None,
    ) -> Connection[RedPacket]:
        args = Args(first=first, after=after, last=last, before=before)
        view = await info.context.view(block)
        return connection(view, RED_PACKET_LIST, RedPacket.of, args, where=where, order=order_by)

    @field
    async def user(
        self, info: ApiInfo, address: Address, block: BlockConstraint | None = None
    ) -> User:
        """Every address is a user, also one that the chain never saw."""
        return User.of(await info.context.view(block), address)

    @field
    async def events(
        self,
        info: ApiInfo,
        where: EventFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Event]:
        """Oldest first unless `last` is used: then the newest ones, the oldest of them first."""
        args = Args(first=first, after=after, last=last, before=before)
        return connection(await info.context.view(), EVENT_LIST, Event.of, args, where=where)

    @field
    async def statistics(self, info: ApiInfo, block: BlockConstraint | None = None) -> Statistics:
        """Of everything that is indexed; those of a group are in the group."""
        return Statistics.of(await info.context.view(block))

    @field
    async def prepare(self, info: ApiInfo, number_gte: int | None = None) -> Prepare:
        """Transactions for wallets. `numberGte` waits until that block is indexed, as elsewhere."""
        at = None if number_gte is None else BlockConstraint(number_gte=number_gte)
        return preparing(await info.context.view(at))

    @field
    async def audit(self, info: ApiInfo) -> list[AuditVerdict]:
        """The last verdict of each contract that was audited: how many of its entities and lists
        were compared with the contract's own answers, and how many differed.
        """
        return [AuditVerdict.of(row) for row in await truth.verdicts(await info.context.view())]

    @field
    async def completeness(
        self, info: ApiInfo, from_block: int | None = None
    ) -> list[CompletenessRange]:
        """How it is known of each range of blocks that no log is missing, in the order of the
        blocks; ranges never overlap. At most 1000 of them, from the one that holds `fromBlock`
        on: where the last one ends below `meta.block`, ask again from the block after it.
        """
        rows = await truth.ranges(await info.context.view(), from_block or 0)
        return [CompletenessRange.of(row) for row in rows]


def one_key(group_id: str | None, key: Hash32 | None) -> bytes:
    """The key that names the group; raises BAD_USER_INPUT unless exactly one is given."""
    if (group_id is None) == (key is None):
        raise bad_input("groupId", "give exactly one of `groupId` and `key`")
    return key if key is not None else key_of_group(group_id) or b""
