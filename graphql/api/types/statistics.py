"""Statistics: of everything, or of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Self

import strawberry

from api.errors import bad_input
from api.limits import int32
from api.reads import statistics
from api.reads.view import View
from api.scalars import BigInt
from api.types.field import field
from api.types.inputs import PaymentKind, PaymentStatus, RedPacketKind, RedPacketStatus, Role
from indexer.db.models import Subject

LONGEST: Final = 366
"""Days of one answer."""
USUAL: Final = 30


@dataclass(slots=True)
class Sum:
    """One line of figures; what the columns mean depends on the subject (`tallies.Subject`)."""

    n: int = 0
    amount: int = 0
    other: int = 0
    best: float | None = None

    def add(self, row: Any, sign: int = 1) -> None:
        """Adds a row of figures, or takes it away."""
        self.n += sign * row.n
        self.amount += sign * int(row.amount)
        self.other += sign * int(row.other)
        best = getattr(row, "best", None)
        if best is not None:
            self.best = max(best, self.best or 0)


Sums = Mapping[tuple[int, int], Sum]
"""By kind and status."""


@strawberry.type
class MemberStatistics:
    role: Role
    count: int


@strawberry.type
class PaymentStatistics:
    kind: PaymentKind
    status: PaymentStatus
    count: int
    target_amount: BigInt
    collected_amount: BigInt


@strawberry.type
class RedPacketStatistics:
    kind: RedPacketKind
    status: RedPacketStatus
    count: int
    total_amount: BigInt
    remaining_amount: BigInt


@strawberry.type
class ClaimStatistics:
    kind: RedPacketKind
    count: int
    amount: BigInt
    average_seconds: float = strawberry.field(
        description="From the making of the packet to a claim."
    )
    average_seconds_to_empty: float | None = strawberry.field(
        description="From the making of a packet to its last claim; null where none is empty yet."
    )
    luckiest: float | None = strawberry.field(
        description="The largest claim of a random packet, in equal shares of it: 2 is twice as "
        "much as an equal share. Null for other packets."
    )


@strawberry.type(description="What happened on a day, by the time of the blocks, in UTC.")
class DayStatistics:
    day: date
    groups_created: int
    members_joined: int = strawberry.field(description="Who created a group is one of them.")
    members_left: int = strawberry.field(description="By themselves, or because they were removed.")
    payments_created: int
    contributed_amount: BigInt
    payments_completed: int
    payments_cancelled: int
    red_packets_created: int
    red_packet_amount: BigInt
    claims: int
    claimed_amount: BigInt


@strawberry.type(
    description="Sums of all that stands at the block that is asked about: of everything, or of a "
    "group. Lists hold what there is at least one of."
)
class Statistics:
    view: strawberry.Private[View]
    key: strawberry.Private[bytes | None]

    @field
    async def groups(self) -> int:
        """All that were ever created; of a group: 1."""
        return sum(one.n for one in (await self._sums(Subject.GROUP)).values())

    @field
    async def active_groups(self) -> int:
        """Those that are not dissolved."""
        sums = await self._sums(Subject.GROUP)
        return sum(one.n for (_, active), one in sums.items() if active)

    @field
    async def members(self) -> list[MemberStatistics]:
        """Memberships by role: who is in two groups counts twice."""
        found = await self._sums(Subject.MEMBER)
        return [
            MemberStatistics(role=Role(role), count=int32(one.n))
            for (role, _), one in sorted(found.items())
        ]

    @field
    async def payments(self) -> list[PaymentStatistics]:
        """By kind and status."""
        found = await self._sums(Subject.PAYMENT, expired=PaymentStatus.EXPIRED.value)
        return [
            PaymentStatistics(
                kind=PaymentKind(kind),
                status=PaymentStatus(status),
                count=int32(one.n),
                target_amount=BigInt(one.amount),
                collected_amount=BigInt(one.other),
            )
            for (kind, status), one in sorted(found.items())
        ]

    @field
    async def red_packets(self) -> list[RedPacketStatistics]:
        """By kind and status."""
        found = await self._sums(Subject.RED_PACKET, expired=RedPacketStatus.EXPIRED.value)
        return [
            RedPacketStatistics(
                kind=RedPacketKind(kind),
                status=RedPacketStatus(status),
                count=int32(one.n),
                total_amount=BigInt(one.amount),
                remaining_amount=BigInt(one.other),
            )
            for (kind, status), one in sorted(found.items())
        ]

    @field
    async def claims(self) -> list[ClaimStatistics]:
        """By the kind of the packet: how fast they came, and how lucky they were."""
        found = await self._sums(Subject.CLAIM)
        return [_claims(kind, found) for kind in sorted({kind for kind, _ in found})]

    @field
    async def days(
        self,
        since: Annotated[date | None, strawberry.argument(description="Its first day.")] = None,
        until: Annotated[date | None, strawberry.argument(description="Its last day.")] = None,
    ) -> list[DayStatistics]:
        """The days on which anything happened, oldest first; the last 30 unless asked otherwise,
        366 at most.
        """
        now = await statistics.clock(self.view)
        if now is None:
            return []
        last = until or now.date()
        first = since or max(date.min + timedelta(USUAL), last) - timedelta(USUAL - 1)
        if (last - first).days >= LONGEST:
            raise bad_input("since", f"more than {LONGEST} days before the last", limit=LONGEST)
        return await self._days(first, last)

    async def _sums(self, subject: Subject, expired: int | None = None) -> Sums:
        found: dict[tuple[int, int], Sum] = {}
        rows = await statistics.totals(self.view, subject, self.key)
        now = await statistics.clock(self.view)
        today = now.date() if now is not None else date.min
        for row in rows:
            is_over = expired is not None and row.due is not None and row.due < today
            status = expired if is_over and expired is not None else row.status
            found.setdefault((row.kind, status), Sum()).add(row)
        if expired is not None and any(row.due == today for row in rows):
            for row in await statistics.overdue(self.view, subject, self.key):
                found.setdefault((row.kind, 0), Sum()).add(row, -1)
                found.setdefault((row.kind, expired), Sum()).add(row)
        return {key: one for key, one in found.items() if one.n}

    async def _days(self, first: date, last: date) -> list[DayStatistics]:
        days: dict[date, dict[Subject, dict[tuple[int, int], Sum]]] = {}
        for subject in Subject:
            for row in await statistics.daily(self.view, subject, self.key, first, last):
                sums = days.setdefault(row.day, {}).setdefault(subject, {})
                sums.setdefault((row.kind, row.status), Sum()).add(row)
        return [_day(day, days[day]) for day in sorted(days)]

    @classmethod
    def of(cls, view: View, key: bytes | None = None) -> Self:
        return cls(view=view, key=key)


def _claims(kind: int, found: Sums) -> ClaimStatistics:
    last = found.get((kind, 1), Sum())
    all_ = _together(one for (of, _), one in found.items() if of == kind)
    return ClaimStatistics(
        kind=RedPacketKind(kind),
        count=int32(all_.n),
        amount=BigInt(all_.amount),
        average_seconds=all_.other / all_.n,
        average_seconds_to_empty=last.other / last.n if last.n else None,
        luckiest=all_.best,
    )


def _together(sums: Iterable[Sum]) -> Sum:
    whole = Sum()
    for one in sums:
        whole.add(one)
    return whole


def _day(day: date, sums: Mapping[Subject, Sums]) -> DayStatistics:
    def whole(subject: Subject, status: int | None = None) -> Sum:
        found = sums.get(subject, {}).items()
        return _together(one for (_, s), one in found if status in (None, s))

    members, payments, packets, claims = (
        whole(one) for one in (Subject.MEMBER, Subject.PAYMENT, Subject.RED_PACKET, Subject.CLAIM)
    )
    return DayStatistics(
        day=day,
        groups_created=int32(whole(Subject.GROUP).n),
        members_joined=int32(members.amount),
        members_left=int32(members.amount - members.n),
        payments_created=int32(payments.n),
        contributed_amount=BigInt(payments.other),
        payments_completed=int32(whole(Subject.PAYMENT, PaymentStatus.COMPLETED.value).n),
        payments_cancelled=int32(whole(Subject.PAYMENT, PaymentStatus.CANCELLED.value).n),
        red_packets_created=int32(packets.n),
        red_packet_amount=BigInt(packets.amount),
        claims=int32(claims.n),
        claimed_amount=BigInt(claims.amount),
    )
