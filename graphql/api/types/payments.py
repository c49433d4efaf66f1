"""Payments of the three kinds, and what was given to them."""

from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from api.limits import int32
from api.paging import Args
from api.reads import payments
from api.reads.events import PAYMENT_EVENT_LIST
from api.reads.view import View
from api.scalars import BigInt
from api.types.chain import Event
from api.types.connection import Connection, connection
from api.types.field import field
from api.types.groups import Group, group_by_key
from api.types.inputs import PaymentKind, PaymentStatus
from api.types.node import Node, global_id
from api.types.sources import SOURCES
from indexer.units import LATEST_SECONDS, Address, Hash32, clamp_time


@strawberry.type
class Payment(Node):
    view: strawberry.Private[View]
    stored_group_id: strawberry.Private[str | None]
    payment_id: Hash32
    kind: PaymentKind
    group_key: Hash32
    initiator: Address
    target_amount: BigInt
    collected_amount: BigInt
    per_person_amount: BigInt | None = strawberry.field(description="AA payments only.")
    min_contribution: BigInt | None = strawberry.field(description="Crowdfundings only.")
    title: str | None
    description: str
    deadline_seconds: BigInt = strawberry.field(description="Unix seconds, as the contract has it.")
    status: PaymentStatus
    funds_withdrawn: bool
    created_at: datetime
    created_block: int
    updated_block: int
    sources: JSON = strawberry.field(description=SOURCES)

    @field
    async def group_id(self) -> str | None:
        if self.stored_group_id is not None:
            return self.stored_group_id
        group = await group_by_key(self.view, self.group_key)
        return None if group is None else group.group_id

    @field
    async def group(self) -> Group | None:
        """Null where the payment names a group that GroupChatV2 never created."""
        return await group_by_key(self.view, self.group_key)

    @field
    async def participants(self) -> list[Address]:
        """Empty for a crowdfunding."""
        return list(await payments.participants(self.view, self.payment_id))

    @field
    def deadline(self) -> datetime | None:
        """Null where the contract's uint256 is beyond the year 9999."""
        beyond = self.deadline_seconds > LATEST_SECONDS
        return None if beyond else clamp_time(self.deadline_seconds)

    @field
    async def contribution(self, address: Address) -> "Contribution | None":
        row = await payments.CONTRIBUTION.row(self.view, (self.payment_id, address))
        return None if row is None else Contribution.of(self.view, row)

    @field
    def contributions(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> "Connection[Contribution]":
        """By first contribution, oldest first."""
        args = Args(first=first, after=after, last=last, before=before)
        found = payments.CONTRIBUTION_LIST
        return connection(self.view, found, Contribution.of, args, key=self.payment_id)

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
        return connection(self.view, PAYMENT_EVENT_LIST, Event.of, args, key=self.payment_id)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            id=global_id("Payment", row.payment_id),
            view=view,
            stored_group_id=row.group_id,
            payment_id=Hash32(row.payment_id),
            kind=PaymentKind(row.kind),
            group_key=Hash32(row.group_key),
            initiator=Address(row.initiator),
            target_amount=BigInt(row.target_amount),
            collected_amount=BigInt(row.collected_amount),
            per_person_amount=row.per_person_amount,
            min_contribution=row.min_contribution,
            title=row.title,
            description=row.description,
            deadline_seconds=BigInt(int(row.deadline_seconds)),
            status=PaymentStatus(row.status),
            funds_withdrawn=row.funds_withdrawn,
            created_at=row.created_at,
            created_block=int32(row.created_block),
            updated_block=int32(row.updated_block),
            sources=JSON(row.sources),
        )


async def payment_of(view: View, payment_id: bytes) -> Payment:
    """The payment of something that only a payment can have."""
    return Payment.of(view, await payments.PAYMENT.row(view, payment_id))


@strawberry.type(description="One contributor's standing total in one payment.")
class Contribution(Node):
    view: strawberry.Private[View]
    payment_id: strawberry.Private[bytes]
    contributor: Address
    amount: BigInt
    contributed_at: datetime

    @field
    async def refunded(self) -> bool:
        """True once a cancellation has credited or returned it."""
        payment = await payment_of(self.view, self.payment_id)
        return payment.status is PaymentStatus.CANCELLED

    @field
    async def payment(self) -> Payment:
        return await payment_of(self.view, self.payment_id)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            id=global_id("Contribution", row.payment_id, row.contributor),
            view=view,
            payment_id=row.payment_id,
            contributor=Address(row.contributor),
            amount=BigInt(row.amount),
            contributed_at=row.contributed_at,
        )
