"""Whether an index holds what the chain's generator knows: a fast wrong run must not count."""

from collections.abc import Collection
from typing import Final

import psycopg

MEASURES: Final = {
    "events": {
        "rows": "count(*)",
        "contracts": "sum(contract)",
        "inputs": "count(input)",
        "data": "sum(octet_length(data))",
    },
    "groups": {
        "rows": "count(*)",
        "member_count": "sum(member_count)",
        "max_members": "sum(max_members)",
        "active": "count(*) FILTER (WHERE is_active)",
        "public": "count(*) FILTER (WHERE is_public)",
        "approval": "count(*) FILTER (WHERE require_approval)",
        "invites": "count(*) FILTER (WHERE allow_member_invite)",
        "mute_all": "count(*) FILTER (WHERE mute_all)",
        "texts": "sum(octet_length(name || avatar || description))",
        "ids": "sum(octet_length(group_id))",
        "owners": "sum(get_byte(owner, 0))",
    },
    "members": {
        "rows": "count(*)",
        "roles": "sum(role)",
        "muted": "count(*) FILTER (WHERE is_muted)",
        "mix": "sum(get_byte(group_key, 0) * get_byte(address, 0))",
    },
    "join_requests": {
        "rows": "count(*)",
        "mix": "sum(get_byte(group_key, 0) * get_byte(requester, 0))",
    },
    "payments": {
        "rows": "count(*)",
        "kinds": "sum(kind)",
        "target": "sum(target_amount)",
        "collected": "sum(collected_amount)",
        "shares": "sum(per_person_amount)",
        "least": "sum(min_contribution)",
        "texts": "sum(octet_length(group_id || coalesce(title, '') || description))",
        "deadlines": "sum(deadline_seconds)",
        "status": "sum(status)",
        "withdrawn": "count(*) FILTER (WHERE funds_withdrawn)",
    },
    "participants": {
        "rows": "count(*)",
        "mix": "sum(get_byte(payment_id, 0) * get_byte(address, 0))",
    },
    "contributions": {
        "rows": "count(*)",
        "amount": "sum(amount)",
        "mix": "sum(get_byte(payment_id, 0) * get_byte(contributor, 0))",
    },
    "refund_balances": {"rows": "count(*)", "amount": "sum(amount)"},
    "red_packets": {
        "rows": "count(*)",
        "kinds": "sum(kind)",
        "total": "sum(total_amount)",
        "remaining": "sum(remaining_amount)",
        "remaining_count": "sum(remaining_count)",
        "shares": "sum(fixed_amount)",
        "texts": "sum(octet_length(group_id || message))",
        "expires": "sum(extract(epoch FROM expires_at))",
        "status": "sum(status)",
    },
    "recipients": {"rows": "count(*)"},
    "claims": {
        "rows": "count(*)",
        "amount": "sum(amount)",
        "orders": "sum(claim_order)",
        "mix": "sum(get_byte(packet_id, 0) * get_byte(claimer, 0))",
    },
}
"""Table → measure → SQL; each is one sequential scan, and is not part of what is timed."""


class Wrong(Exception):
    """The index does not hold what the chain said."""


def found(
    database: psycopg.Connection, tables: Collection[str] = MEASURES.keys()
) -> dict[str, int]:
    """What the index holds in these tables, by the names that the generator uses."""
    numbers: dict[str, int] = {}
    for table in tables:
        measures = MEASURES[table]
        query = f"SELECT {', '.join(measures.values())} FROM {table}"
        [values] = database.execute(query.encode()).fetchall()
        for name, value in zip(measures, values, strict=True):
            numbers[f"{table}.{name}"] = int(value or 0)
    return numbers


def check(database: psycopg.Connection, wanted: dict[str, int]) -> None:
    """Raises Wrong, naming what differs."""
    differences(found(database), wanted)


def differences(have: dict[str, int], wanted: dict[str, int]) -> None:
    """Raises Wrong where two sets of numbers differ; a number that is missing is 0."""
    lines = [
        f"{name} is {have.get(name, 0):,} and should be {wanted.get(name, 0):,}"
        for name in sorted(have.keys() | wanted.keys())
        if have.get(name, 0) != wanted.get(name, 0)
    ]
    if lines:
        raise Wrong("; ".join(lines))
