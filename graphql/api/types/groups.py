"""Groups, members and join requests."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from api.limits import int32
from api.paging import Args
from api.reads import groups, payments, red_packets
from api.reads.events import GROUP_EVENT_LIST
from api.reads.view import View
from api.scalars import BigInt
from api.types.chain import Event
from api.types.connection import Connection, connection
from api.types.context import ApiInfo
from api.types.field import field
from api.types.inputs import (
    MemberFilter,
    PaymentFilter,
    PaymentOrder,
    RedPacketFilter,
    RedPacketOrder,
    Role,
)
from api.types.node import Node, global_id
from api.types.sources import SOURCES
from api.types.statistics import Statistics
from indexer.units import Address, Hash32

if TYPE_CHECKING:
    from api.types.messages import Message
    from api.types.payments import Payment
    from api.types.red_packets import RedPacket
    from api.types.users import User

Payments = Connection[Annotated["Payment", strawberry.lazy("api.types.payments")]]
Messages = Connection[Annotated["Message", strawberry.lazy("api.types.messages")]]
RedPackets = Connection[Annotated["RedPacket", strawberry.lazy("api.types.red_packets")]]


@strawberry.type
class Group(Node):
    view: strawberry.Private[View]
    group_id: str | None = strawberry.field(
        description="Plain group id, e.g. group_7. Null where only its keccak-256 is known."
    )
    key: Hash32 = strawberry.field(description="keccak-256 of groupId: what the logs carry.")
    name: str
    avatar: str
    description: str
    owner: Address
    is_public: bool
    allow_member_invite: bool
    require_approval: bool
    max_members: BigInt = strawberry.field(description="The contract accepts any uint256 here.")
    mute_all: bool
    is_active: bool
    member_count: int = strawberry.field(description="The count that the contract keeps.")
    created_at: datetime
    created_block: int
    updated_block: int
    sources: JSON = strawberry.field(description=SOURCES)

    @field
    async def member(self, address: Address) -> "Member | None":
        row = await groups.MEMBER.row(self.view, (self.key, address))
        return None if row is None else Member.of(self.view, row)

    @field
    def members(
        self,
        where: MemberFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> "Connection[Member]":
        """In the order in which they joined."""
        args = Args(first=first, after=after, last=last, before=before)
        found = groups.MEMBER_LIST
        return connection(self.view, found, Member.of, args, key=self.key, where=where)

    @field
    def join_requests(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> "Connection[JoinRequest]":
        """Pending requests, oldest first."""
        args = Args(first=first, after=after, last=last, before=before)
        found = groups.JOIN_REQUEST_LIST
        return connection(self.view, found, JoinRequest.of, args, key=self.key)

    @field
    def payments(
        self,
        where: PaymentFilter | None = None,
        order_by: PaymentOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Payments:
        from api.types.payments import Payment

        args = Args(first=first, after=after, last=last, before=before)
        found = payments.GROUP_PAYMENT_LIST
        return connection(
            self.view, found, Payment.of, args, key=self.key, where=where, order=order_by
        )

    @field
    def red_packets(
        self,
        where: RedPacketFilter | None = None,
        order_by: RedPacketOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> RedPackets:
        from api.types.red_packets import RedPacket

        args = Args(first=first, after=after, last=last, before=before)
        found = red_packets.GROUP_RED_PACKET_LIST
        return connection(
            self.view, found, RedPacket.of, args, key=self.key, where=where, order=order_by
        )

    @field
    async def messages(
        self,
        info: ApiInfo,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Messages:
        """What its members write, and cards of what happens on chain; oldest first, `last` for the
        newest. Members read everything, former members what was sent while they were members.
        Always as of now, whatever block the group is asked for at.
        """
        from api.types.talk import history

        args = Args(first=first, after=after, last=last, before=before)
        return await history(self.view, info.context.viewer, self.key, args)

    @field
    def events(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Event]:
        """Events about the group and the creations of its payments and red packets, oldest
        first.
        """
        args = Args(first=first, after=after, last=last, before=before)
        return connection(self.view, GROUP_EVENT_LIST, Event.of, args, key=self.key)

    @field
    def statistics(self) -> Statistics:
        """Sums of what the group holds."""
        return Statistics.of(self.view, self.key)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            id=global_id("Group", row.key),
            view=view,
            group_id=row.group_id,
            key=Hash32(row.key),
            name=row.name,
            avatar=row.avatar,
            description=row.description,
            owner=Address(row.owner),
            is_public=row.is_public,
            allow_member_invite=row.allow_member_invite,
            require_approval=row.require_approval,
            max_members=BigInt(row.max_members),
            mute_all=row.mute_all,
            is_active=row.is_active,
            member_count=int32(row.member_count),
            created_at=row.created_at,
            created_block=int32(row.created_block),
            updated_block=int32(row.updated_block),
            sources=JSON(row.sources),
        )


async def group_by_key(view: View, key: bytes) -> Group | None:
    """The group, or None where GroupChatV2 never created it."""
    row = await groups.GROUP.row(view, key)
    return None if row is None else Group.of(view, row)


async def group_of(view: View, key: bytes) -> Group:
    """The group of something that only a group can have."""
    return Group.of(view, await groups.GROUP.row(view, key))


@strawberry.type
class Member(Node):
    view: strawberry.Private[View]
    group_key: strawberry.Private[bytes]
    address: Address
    role: Role
    joined_at: datetime
    is_muted: bool

    @field
    async def group(self) -> Group:
        return await group_of(self.view, self.group_key)

    @field
    def user(self) -> Annotated["User", strawberry.lazy("api.types.users")]:
        from api.types.users import User

        return User.of(self.view, self.address)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            id=global_id("Member", row.group_key, row.address),
            view=view,
            group_key=row.group_key,
            address=Address(row.address),
            role=Role(row.role),
            joined_at=row.joined_at,
            is_muted=row.is_muted,
        )


@strawberry.type(description="A pending request to join.")
class JoinRequest(Node):
    view: strawberry.Private[View]
    group_key: strawberry.Private[bytes]
    requester: Address
    requested_at: datetime

    @field
    async def group(self) -> Group:
        return await group_of(self.view, self.group_key)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            id=global_id("JoinRequest", row.group_key, row.requester),
            view=view,
            group_key=row.group_key,
            requester=Address(row.requester),
            requested_at=row.requested_at,
        )
