"""Red packets, their claims, and who may still claim."""

from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from api.limits import int32
from api.paging import Args
from api.reads import red_packets
from api.reads.events import RED_PACKET_EVENT_LIST
from api.reads.view import View
from api.scalars import BigInt
from api.types.chain import Event
from api.types.connection import Connection, connection
from api.types.field import field
from api.types.groups import Group, group_by_key
from api.types.inputs import ClaimRefusal, RedPacketKind, RedPacketStatus
from api.types.node import Node, global_id
from api.types.sources import SOURCES
from indexer.units import Address, Hash32


@strawberry.type
class Claimability:
    ok: bool
    reason: ClaimRefusal | None


@strawberry.type
class RedPacket(Node):
    view: strawberry.Private[View]
    row: strawberry.Private[Any]
    red_packet_id: Hash32
    kind: RedPacketKind
    group_key: Hash32
    sender: Address
    message: str
    total_amount: BigInt
    remaining_amount: BigInt
    total_count: int
    remaining_count: int
    fixed_amount: BigInt | None = strawberry.field(description="Null for a random packet.")
    status: RedPacketStatus
    created_at: datetime
    expires_at: datetime
    created_block: int
    updated_block: int
    sources: JSON = strawberry.field(description=SOURCES)

    @field
    async def group_id(self) -> str | None:
        if self.row.group_id is not None:
            return str(self.row.group_id)
        group = await group_by_key(self.view, self.group_key)
        return None if group is None else group.group_id

    @field
    async def group(self) -> Group | None:
        """Null where the packet names a group that GroupChatV2 never created."""
        return await group_by_key(self.view, self.group_key)

    @field
    async def exclusive_recipients(self) -> list[Address]:
        """Empty unless EXCLUSIVE."""
        return list(await red_packets.recipients(self.view, self.red_packet_id))

    @field
    async def best_claim(self) -> "Claim | None":
        """The luckiest claim, once the packet is empty."""
        if self.row.remaining_count > 0:
            return None
        best = await red_packets.best_claim(self.view, self.red_packet_id)
        return None if best is None else Claim.of(self.view, best)

    @field
    async def claim(self, address: Address) -> "Claim | None":
        row = await red_packets.CLAIM.row(self.view, (self.red_packet_id, address))
        return None if row is None else Claim.of(self.view, row)

    @field
    async def claimable(self, address: Address) -> Claimability:
        """Whether this address could claim now, and if not, why."""
        reason = await self._refusal(address)
        return Claimability(ok=reason is None, reason=reason)

    async def _refusal(self, address: Address) -> ClaimRefusal | None:
        if self.row.chain_status != RedPacketStatus.ACTIVE.value:
            return ClaimRefusal.NOT_ACTIVE
        if self.status is RedPacketStatus.EXPIRED:
            return ClaimRefusal.EXPIRED
        if self.row.remaining_count == 0:
            return ClaimRefusal.EMPTY
        if await red_packets.CLAIM.row(self.view, (self.red_packet_id, address)) is not None:
            return ClaimRefusal.ALREADY_CLAIMED
        if address == self.sender:
            return ClaimRefusal.OWN_PACKET
        if self.kind is RedPacketKind.EXCLUSIVE and address not in (
            await red_packets.recipients(self.view, self.red_packet_id)
        ):
            return ClaimRefusal.NOT_A_RECIPIENT
        return None

    @field
    def claims(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> "Connection[Claim]":
        """In the order of claiming."""
        args = Args(first=first, after=after, last=last, before=before)
        found = red_packets.CLAIM_LIST
        return connection(self.view, found, Claim.of, args, key=self.red_packet_id)

    @field
    def events(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Event]:
        """Oldest first."""
        args = Args(first=first, after=after, last=last, before=before)
        return connection(self.view, RED_PACKET_EVENT_LIST, Event.of, args, key=self.red_packet_id)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            id=global_id("RedPacket", row.packet_id),
            view=view,
            row=row,
            red_packet_id=Hash32(row.packet_id),
            kind=RedPacketKind(row.kind),
            group_key=Hash32(row.group_key),
            sender=Address(row.sender),
            message=row.message,
            total_amount=BigInt(row.total_amount),
            remaining_amount=BigInt(row.remaining_amount),
            total_count=int32(row.total_count),
            remaining_count=int32(row.remaining_count),
            fixed_amount=row.fixed_amount,
            status=RedPacketStatus(row.status),
            created_at=row.created_at,
            expires_at=row.expires_at,
            created_block=int32(row.created_block),
            updated_block=int32(row.updated_block),
            sources=JSON(row.sources),
        )


@strawberry.type
class Claim(Node):
    view: strawberry.Private[View]
    packet_id: strawberry.Private[bytes]
    claimer: Address
    amount: BigInt
    order: int = strawberry.field(description="1 for the first claim.")
    claimed_at: datetime

    @field
    async def red_packet(self) -> RedPacket:
        row = await red_packets.RED_PACKET.row(self.view, self.packet_id)
        return RedPacket.of(self.view, row)

    @field
    async def luck(self) -> float | None:
        """The claim in equal shares of the packet: 2 is twice as much as an equal share. Null
        unless the packet is a random one.
        """
        packet = await red_packets.RED_PACKET.row(self.view, self.packet_id)
        if packet is None or packet.kind != RedPacketKind.RANDOM.value or not packet.total_amount:
            return None
        return int(self.amount) * int(packet.total_count) / int(packet.total_amount)

    @field
    async def seconds(self) -> int:
        """How long after the making of the packet it came."""
        packet = await red_packets.RED_PACKET.row(self.view, self.packet_id)
        return int32(int((self.claimed_at - packet.created_at).total_seconds()) if packet else 0)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            id=global_id("Claim", row.packet_id, row.claimer),
            view=view,
            packet_id=row.packet_id,
            claimer=Address(row.claimer),
            amount=BigInt(row.amount),
            order=int32(row.claim_order),
            claimed_at=row.claimed_at,
        )
