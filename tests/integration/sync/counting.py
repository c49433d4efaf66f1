"""Statistics counted a second time, in Python, from the rows that stood after each block."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import BigInteger, Connection, Engine, bindparam, select

from indexer.db.models import CLAIMS, GROUPS, MEMBERS, PAYMENTS, RED_PACKETS
from indexer.db.models import blocks as blocks_table

PAYMENT_KINDS = ["GROUP_COLLECTION", "AA_PAYMENT", "CROWDFUNDING"]
PAYMENT_STATUSES = ["ACTIVE", "COMPLETED", "CANCELLED", "EXPIRED"]
PACKET_KINDS = ["RANDOM", "FIXED", "EXCLUSIVE"]
PACKET_STATUSES = ["ACTIVE", "COMPLETED", "EXPIRED", "REFUNDED"]
Rows = dict[str, list[Any]]
Told = dict[str, Any]


class Counted:
    """What the API has to tell, of everything or of a group, after any block."""

    def __init__(self, database: Engine) -> None:
        with database.connect() as db:
            found = db.execute(
                select(blocks_table.c.number, blocks_table.c.timestamp).order_by("number")
            )
            self._times = {number: time for number, time in found}
            self._states = [_rows(db, number) for number in range(max(self._times) + 1)]

    def at(self, block: int, key: bytes | None = None) -> Told:
        states = [_owned(state, key) for state in self._states[: block + 1]]
        days = {n: self._clock(n).date() for n in range(1, block + 1)}
        return {**self._standing(states[-1], self._clock(block)), "days": list(_days(states, days))}

    def _clock(self, block: int) -> Any:
        return self._times[max(number for number in self._times if number <= block)]

    def _standing(self, rows: Rows, clock: Any) -> Told:
        roles = Counter(row.role for row in rows["members"])
        return {
            "groups": len(rows["groups"]),
            "activeGroups": sum(row.is_active for row in rows["groups"]),
            "members": [
                {"role": ["MEMBER", "ADMIN", "OWNER"][role], "count": roles[role]}
                for role in sorted(roles)
            ],
            "payments": _by(
                rows["payments"],
                PAYMENT_KINDS,
                PAYMENT_STATUSES,
                lambda r: (
                    3 if r.status == 0 and r.deadline_seconds < clock.timestamp() else r.status
                ),
                targetAmount="target_amount",
                collectedAmount="collected_amount",
            ),
            "redPackets": _by(
                rows["red_packets"],
                PACKET_KINDS,
                PACKET_STATUSES,
                lambda r: 2 if r.status == 0 and r.expires_at < clock else r.status,
                totalAmount="total_amount",
                remainingAmount="remaining_amount",
            ),
            "claims": [
                _claims(kind, [one for one in rows["claims"] if one[1].kind == kind])
                for kind in sorted({packet.kind for _, packet in rows["claims"]})
            ],
        }


BLOCK = bindparam("block", type_=BigInteger)
STATEMENTS = {
    one.name: select(one.at(BLOCK)) for one in (GROUPS, MEMBERS, PAYMENTS, RED_PACKETS, CLAIMS)
}


def _rows(db: Connection, block: int) -> Rows:
    """All that stood after the block; claims with their packets."""
    found = {name: list(db.execute(one, {"block": block})) for name, one in STATEMENTS.items()}
    packets = {row.packet_id: row for row in found["red_packets"]}
    claims = [(row, packets[row.packet_id]) for row in found["claims"] if row.packet_id in packets]
    kept = [(c, p) for c, p in claims if p.created_block <= c.created_block]
    return {**found, "claims": kept}


def _owned(rows: Rows, key: bytes | None) -> Rows:
    """What is of this group, if one is named."""
    if key is None:
        return rows
    own = {
        name: [row for row in rows[name] if row.group_key == key]
        for name in ("members", "payments", "red_packets")
    }
    claims = [(c, p) for c, p in rows["claims"] if p.group_key == key]
    return {**own, "claims": claims, "groups": [row for row in rows["groups"] if row.key == key]}


def _by(
    rows: list[Any],
    kinds: list[str],
    statuses: list[str],
    status: Callable[[Any], int],
    **sums: str,
) -> list[Told]:
    found: dict[tuple[int, int], list[Any]] = {}
    for row in rows:
        found.setdefault((row.kind, status(row)), []).append(row)
    return [
        {
            "kind": kinds[kind],
            "status": statuses[state],
            "count": len(some),
            **{
                name: str(sum(int(getattr(row, column)) for row in some))
                for name, column in sums.items()
            },
        }
        for (kind, state), some in sorted(found.items())
    ]


def _claims(kind: int, claims: list[Any]) -> Told:
    waits = [(c.claimed_at - p.created_at).total_seconds() for c, p in claims]
    last = [w for w, (c, p) in zip(waits, claims, strict=True) if c.claim_order == p.total_count]
    luck = [
        int(c.amount) * int(p.total_count) / int(p.total_amount)
        for c, p in claims
        if kind == 0 and p.total_amount
    ]
    return {
        "kind": PACKET_KINDS[kind],
        "count": len(claims),
        "amount": str(sum(int(c.amount) for c, _ in claims)),
        "averageSeconds": pytest.approx(sum(waits) / len(waits)),
        "averageSecondsToEmpty": pytest.approx(sum(last) / len(last)) if last else None,
        "luckiest": pytest.approx(max(luck)) if luck else None,
    }


def _days(states: list[Rows], days: dict[int, date]) -> Any:
    """What differs between the states before and after a block, added up by day."""
    found: dict[date, Counter[str]] = {}
    for number in range(1, len(states)):
        before, after = states[number - 1], states[number]
        changes = _changes(before, after, number)
        if any(_rows_of(before, name) != _rows_of(after, name) for name in after):
            found.setdefault(days[number], Counter()).update(changes)
    for day in sorted(found):
        yield {
            "day": day.isoformat(),
            **{
                name: str(int(found[day][name]))
                if name.endswith("Amount")
                else int(found[day][name])
                for name in NAMES
            },
        }


NAMES = (
    "groupsCreated",
    "membersLeft",
    "membersJoined",
    "paymentsCreated",
    "contributedAmount",
    "paymentsCompleted",
    "paymentsCancelled",
    "redPacketsCreated",
    "redPacketAmount",
    "claims",
    "claimedAmount",
)


def _rows_of(rows: Rows, name: str) -> Any:
    return sorted(map(repr, rows[name]))


def _changes(before: Rows, after: Rows, number: int) -> Counter[str]:
    def more(name: str, value: Callable[[Any], Any] = lambda _: 1) -> Any:
        return sum(int(value(one)) for one in after[name]) - sum(
            int(value(one)) for one in before[name]
        )

    joined = sum(m.joined_block == number for m in after["members"])
    return Counter(
        {
            "groupsCreated": more("groups"),
            "membersJoined": joined,
            "membersLeft": joined - more("members"),
            "paymentsCreated": more("payments"),
            "contributedAmount": more("payments", lambda p: p.collected_amount),
            "paymentsCompleted": more("payments", lambda p: p.status == 1),
            "paymentsCancelled": more("payments", lambda p: p.status == 2),
            "redPacketsCreated": more("red_packets"),
            "redPacketAmount": more("red_packets", lambda p: p.total_amount),
            "claims": more("claims"),
            "claimedAmount": more("claims", lambda c: c[0].amount),
        }
    )
