"""Users: every address is one."""

from typing import Self

import strawberry

from api.paging import Args
from api.reads import groups, payments, red_packets
from api.reads.keys import keys_of
from api.reads.view import View
from api.scalars import BigInt
from api.types.connection import Connection, connection
from api.types.field import field
from api.types.groups import Member
from api.types.node import Node, global_id
from api.types.payments import Payment
from api.types.public_keys import PublicKey
from api.types.red_packets import Claim, RedPacket
from indexer.units import Address


@strawberry.type
class User(Node):
    view: strawberry.Private[View]
    address: Address

    @field
    async def pending_refund(self) -> BigInt:
        """Refunds credited and not yet claimed."""
        row = await payments.REFUND_BALANCE.row(self.view, self.address)
        return BigInt(0 if row is None else row.amount)

    @field
    def memberships(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Member]:
        """Groups that the user is in, by the time of joining."""
        args = Args(first=first, after=after, last=last, before=before)
        return connection(self.view, groups.MEMBERSHIP_LIST, Member.of, args, key=self.address)

    @field
    def payments(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Payment]:
        """Payments of all kinds that the user initiated or gave to, newest first. Those that
        only ask the user: `payments(where: {participant: …})`.
        """
        args = Args(first=first, after=after, last=last, before=before)
        return connection(self.view, payments.USER_PAYMENT_LIST, Payment.of, args, key=self.address)

    @field
    def red_packets_sent(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RedPacket]:
        """Newest first."""
        args = Args(first=first, after=after, last=last, before=before)
        found = red_packets.SENT_RED_PACKET_LIST
        return connection(self.view, found, RedPacket.of, args, key=self.address)

    @field
    def claims(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Claim]:
        """Oldest first."""
        args = Args(first=first, after=after, last=last, before=before)
        return connection(self.view, red_packets.USER_CLAIM_LIST, Claim.of, args, key=self.address)

    @field
    async def public_keys(self) -> list[PublicKey]:
        """End-to-end encryption keys that the user has published, newest first, revoked ones too.
        They are what they are now, whatever block is asked for.
        """
        return [PublicKey.of(row) for row in await keys_of(self.view, self.address)]

    @classmethod
    def of(cls, view: View, address: Address) -> Self:
        return cls(id=global_id("User", address), view=view, address=address)
