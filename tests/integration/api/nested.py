"""The lists that things have, as `worlds` has those of the whole index."""

from typing import Any

from hypothesis import strategies as st

from tests.integration.api import rows
from tests.integration.api.rows import Row, account, id_of, key_of
from tests.integration.api.worlds import (
    EVENTS,
    PAYMENTS,
    RED_PACKETS,
    World,
    born,
    heights,
    many,
    packet_status,
)

GROUP = 'group(groupId: "group_1")'
PAYMENT = f'payment(paymentId: "0x{id_of(1).hex()}")'
PACKET = f'redPacket(redPacketId: "0x{id_of(1).hex()}")'
USER = f'user(address: "0x{account(1).hex()}")'
one_or_two = st.sampled_from([1, 2])
roles = {"role": st.integers(0, 2), "is_muted": st.booleans()}


def newest_first(row: Row) -> Any:
    return tuple(-one for one in born(row))


def joined(row: Row) -> Any:
    return row["joined_block"], row["joined_log"]


def _member(number: int, *, group: int, at: int, **values: Any) -> Row:
    return rows.member(group, number, at, **values)


def _membership(number: int, *, who: int, at: int, **values: Any) -> Row:
    return rows.member(number, who, at, joined_log=number, **values)


def _request(number: int, *, group: int, at: int) -> Row:
    return rows.join_request(group, number, at)


def _contribution(number: int, *, payment: int, at: int) -> Row:
    return rows.contribution(payment, number, at)


def _claim(number: int, *, packet: int, at: int) -> Row:
    return rows.claim(packet, number, number, at)


def _own_claim(number: int, *, who: int, at: int) -> Row:
    return rows.claim(number, who, 1, at, created_log=number)


def _of(type_name: str, *columns: str) -> Any:
    return lambda row: ":".join([type_name, *("0x" + row[column].hex() for column in columns)])


def _in_group(row: Row) -> bool:
    return bool(row["group_key"] == key_of(1))


def _about(contract: int) -> Any:
    return lambda row: row["contract"] == contract and row["topic1"] == id_of(1)


MEMBER_ID = _of("Member", "group_key", "address")
MEMBERS = World(
    table="members",
    field="members",
    made=many(_member, group=one_or_two, at=heights, **roles),
    filters={
        "{}": _in_group,
        "{role: ADMIN}": lambda row: _in_group(row) and row["role"] == 1,
        "{isMuted: true, role: MEMBER}": lambda row: (
            _in_group(row) and row["is_muted"] and row["role"] == 0
        ),
        f'{{address: "0x{account(2).hex()}"}}': lambda row: (
            _in_group(row) and row["address"] == account(2)
        ),
    },
    orders={"": joined},
    id=MEMBER_ID,
    parent=GROUP,
)
MEMBERSHIPS = World(
    table="members",
    field="memberships",
    made=many(_membership, who=one_or_two, at=heights, **roles),
    filters={"": lambda row: row["address"] == account(1)},
    orders={"": joined},
    id=MEMBER_ID,
    parent=USER,
)
JOIN_REQUESTS = World(
    table="join_requests",
    field="joinRequests",
    made=many(_request, group=one_or_two, at=heights),
    filters={"": _in_group},
    orders={"": lambda row: (row["requested_block"], row["requested_log"])},
    id=_of("JoinRequest", "group_key", "requester"),
    parent=GROUP,
)
GROUP_RED_PACKETS = World(
    table="red_packets",
    field="redPackets",
    made=RED_PACKETS.made,
    filters={
        "{}": _in_group,
        "{status: EXPIRED}": lambda row: _in_group(row) and packet_status(row) == 2,
    },
    orders=RED_PACKETS.orders,
    id=RED_PACKETS.id,
    parent=GROUP,
)
CONTRIBUTIONS = World(
    table="contributions",
    field="contributions",
    made=many(_contribution, payment=one_or_two, at=heights),
    filters={"": lambda row: row["payment_id"] == id_of(1)},
    orders={"": born},
    id=_of("Contribution", "payment_id", "contributor"),
    parent=PAYMENT,
    beside={"payments": [rows.payment(1)]},
)
CLAIM_ID = _of("Claim", "packet_id", "claimer")
CLAIMS = World(
    table="claims",
    field="claims",
    made=many(_claim, packet=one_or_two, at=heights),
    filters={"": lambda row: row["packet_id"] == id_of(1)},
    orders={"": born},
    id=CLAIM_ID,
    parent=PACKET,
    beside={"red_packets": [rows.red_packet(1)]},
)
USER_CLAIMS = World(
    table="claims",
    field="claims",
    made=many(_own_claim, who=one_or_two, at=heights),
    filters={"": lambda row: row["claimer"] == account(1)},
    orders={"": born},
    id=CLAIM_ID,
    parent=USER,
)
GIVEN_TO = (1, 3, 5)
"""The payments that the user gave to."""
USER_PAYMENTS = World(
    table="payments",
    field="payments",
    made=many(rows.payment, at=heights, initiator=st.sampled_from([account(1), account(2)])),
    filters={
        "": lambda row: row["initiator"] == account(1) or row["payment_id"] in map(id_of, GIVEN_TO)
    },
    orders={"": newest_first},
    id=PAYMENTS.id,
    parent=USER,
    beside={"contributions": [rows.contribution(n, 1) for n in GIVEN_TO]},
)
SENT_PACKETS = World(
    table="red_packets",
    field="redPacketsSent",
    made=many(rows.red_packet, at=heights, sender=st.sampled_from([account(1), account(2)])),
    filters={"": lambda row: row["sender"] == account(1)},
    orders={"": newest_first},
    id=RED_PACKETS.id,
    parent=USER,
)


def _events_of(parent: Any, contract: int, **beside: Any) -> World:
    return World(
        table="events",
        field="events",
        made=EVENTS.made,
        filters={"": _about(contract)},
        orders=EVENTS.orders,
        id=EVENTS.id,
        parent=parent,
        beside=beside,
    )


NESTED = {
    ("Group", "members"): MEMBERS,
    ("Group", "joinRequests"): JOIN_REQUESTS,
    ("Group", "redPackets"): GROUP_RED_PACKETS,
    ("Payment", "contributions"): CONTRIBUTIONS,
    ("Payment", "events"): _events_of(PAYMENT, 1, payments=[rows.payment(1)]),
    ("RedPacket", "claims"): CLAIMS,
    ("RedPacket", "events"): _events_of(PACKET, 2, red_packets=[rows.red_packet(1)]),
    ("User", "memberships"): MEMBERSHIPS,
    ("User", "payments"): USER_PAYMENTS,
    ("User", "redPacketsSent"): SENT_PACKETS,
    ("User", "claims"): USER_CLAIMS,
}
