"""Rows as the indexer writes them: each column has a plain value, tests say what matters."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Table, insert

from indexer.db.models import (
    CLAIMS,
    CONTRIBUTIONS,
    GROUPS,
    JOIN_REQUESTS,
    MEMBERS,
    PARTICIPANTS,
    PAYMENTS,
    RECIPIENTS,
    RED_PACKETS,
    REFUND_BALANCES,
    audits,
    blocks,
    completeness,
    contracts,
    cursor,
    events,
    observations,
)
from indexer.units import Address, Hash32, clamp_time, keccak

Row = dict[str, Any]


def account(number: int) -> Address:
    return Address(number.to_bytes(20))


def id_of(number: int) -> Hash32:
    return Hash32(number.to_bytes(32))


def key_of(number: int) -> Hash32:
    return keccak(f"group_{number}".encode())


def time_of(block: int) -> datetime:
    """Ten seconds a block."""
    return clamp_time(1_700_000_000 + 10 * block)


def block(number: int, **values: Any) -> Row:
    plain = {"hash": keccak(b"%d" % number), "parent_hash": keccak(b"%d" % (number - 1))}
    return {"number": number, **plain, "timestamp": time_of(number), **values}


def standing_at(number: int, **values: Any) -> Row:
    """The cursor's row after this block."""
    plain = {
        "one": True,
        "chain_id": 31337,
        "block_number": number,
        "block_hash": keccak(b"%d" % number),
        "block_timestamp": time_of(number),
        "head_block": number,
        "safe_block": None,
        "finalized_block": None,
        "synced": True,
        "event_count": 0,
        "undecoded_count": 0,
        "reorg_count": 0,
    }
    return {**plain, **values}


def group(number: int, at: int = 1, **values: Any) -> Row:
    plain = {
        "key": key_of(number),
        "group_id": f"group_{number}",
        "name": f"Group {number}",
        "avatar": "",
        "description": "",
        "owner": account(1),
        "is_public": True,
        "allow_member_invite": True,
        "require_approval": False,
        "max_members": 100,
        "mute_all": False,
        "is_active": True,
        "member_count": 1,
        "sources": {"avatar": "call"},
        **_born(at, number),
    }
    return {**plain, **values}


def member(group_number: int, who: int, at: int = 1, **values: Any) -> Row:
    plain = {
        "group_key": key_of(group_number),
        "address": account(who),
        "role": 0,
        "is_muted": False,
        "joined_at": time_of(at),
        "joined_block": at,
        "joined_log": who,
        "updated_block": at,
    }
    return {**plain, **values}


def join_request(group_number: int, who: int, at: int = 1) -> Row:
    return {
        "group_key": key_of(group_number),
        "requester": account(who),
        "requested_at": time_of(at),
        "requested_block": at,
        "requested_log": who,
        "updated_block": at,
    }


def payment(number: int, at: int = 1, **values: Any) -> Row:
    plain = {
        "payment_id": id_of(number),
        "kind": 0,
        "group_key": key_of(1),
        "group_id": None,
        "initiator": account(1),
        "target_amount": 100,
        "collected_amount": 0,
        "per_person_amount": None,
        "min_contribution": None,
        "title": None,
        "description": "",
        "deadline_seconds": 2**40,
        "status": 0,
        "funds_withdrawn": False,
        "sources": {"description": "trace"},
        **_born(at, number),
    }
    return {**plain, **values}


def contribution(payment_number: int, who: int, at: int = 1, **values: Any) -> Row:
    born = _born(at, who)
    plain = {
        "payment_id": id_of(payment_number),
        "contributor": account(who),
        "amount": 7,
        "contributed_at": born.pop("created_at"),
        **born,
    }
    return {**plain, **values}


def red_packet(number: int, at: int = 1, **values: Any) -> Row:
    plain = {
        "packet_id": id_of(number),
        "kind": 0,
        "group_key": key_of(1),
        "group_id": None,
        "sender": account(1),
        "message": "",
        "total_amount": 100,
        "remaining_amount": 100,
        "total_count": 3,
        "remaining_count": 3,
        "fixed_amount": None,
        "status": 0,
        "expires_at": datetime(2100, 1, 1, tzinfo=UTC),
        "sources": {"message": "view"},
        **_born(at, number),
    }
    return {**plain, **values}


def claim(packet: int, who: int, order: int, at: int = 1, **values: Any) -> Row:
    plain = {
        "packet_id": id_of(packet),
        "claimer": account(who),
        "amount": 10,
        "claim_order": order,
        "claimed_at": time_of(at),
        "created_block": at,
        "created_log": who,
    }
    return {**plain, **values}


def listed(owner: str, number: int, *who: int, at: int = 1) -> list[Row]:
    """Participants (`payment_id`) or recipients (`packet_id`), in order."""
    return [
        {owner: id_of(number), "position": n, "address": account(one), "created_block": at}
        for n, one in enumerate(who)
    ]


def event(at: int, index: int, contract: int, *topics: bytes, **values: Any) -> Row:
    filled = (*topics, None, None, None, None)[:4]
    plain: Row = {
        "block_number": at,
        "log_index": index,
        "transaction_index": 0,
        "transaction_hash": keccak(b"tx %d" % at),
        "contract": contract,
        "data": b"",
        "decoded": True,
        "input": None,
        "input_source": None,
    }
    return {**plain, **{f"topic{n}": topic for n, topic in enumerate(filled)}, **values}


def observation(at: int, kind: int, key: bytes) -> Row:
    """What was seen of something that has no address of its own."""
    return {
        "key": key,
        "kind": kind,
        "address": b"",
        "block_number": at,
        "block_hash": keccak(b"%d" % at),
        "answer": None,
        "origin": 1,
    }


def _born(at: int, log: int) -> Row:
    return {
        "created_at": time_of(at),
        "created_block": at,
        "created_log": log,
        "updated_block": at,
    }


TABLES: dict[str, Table] = {
    "blocks": blocks,
    "cursor": cursor,
    "audits": audits,
    "completeness": completeness,
    "contracts": contracts,
    "events": events,
    "observations": observations,
    "groups": GROUPS.current,
    "members": MEMBERS.current,
    "join_requests": JOIN_REQUESTS.current,
    "payments": PAYMENTS.current,
    "participants": PARTICIPANTS.current,
    "contributions": CONTRIBUTIONS.current,
    "refund_balances": REFUND_BALANCES.current,
    "red_packets": RED_PACKETS.current,
    "recipients": RECIPIENTS.current,
    "claims": CLAIMS.current,
}
TABLES |= {
    f"{name}_history": TABLES[name].metadata.tables[f"{name}_history"]
    for name in (
        "groups",
        "members",
        "join_requests",
        "payments",
        "contributions",
        "refund_balances",
        "red_packets",
    )
}


def put(engine: Engine, **rows: list[Row]) -> None:
    """Inserts rows by table name, in one transaction."""
    with engine.begin() as connection:
        for name, values in rows.items():
            if values:
                connection.execute(insert(TABLES[name]), values)
