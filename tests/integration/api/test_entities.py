"""What each entity says of itself."""

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.integration.api.conftest import Client
from tests.integration.api.rows import (
    account,
    claim,
    contribution,
    group,
    id_of,
    join_request,
    key_of,
    listed,
    member,
    payment,
    put,
    red_packet,
    time_of,
)

NOW = int(time_of(10).timestamp())
A = "0x" + account(3).hex()


def hexed(number: int) -> str:
    return "0x" + id_of(number).hex()


async def test_a_group_is_found_by_its_plain_id_and_by_its_key(
    client: Client, database: Engine
) -> None:
    put(database, groups=[group(7, max_members=2**256 - 1)])
    query = """query ($id: String, $key: Bytes32) {
      a: group(groupId: $id) { ...G }  b: group(key: $key) { ...G }
      c: group(groupId: "nope") { id } }
      fragment G on Group { id groupId key name owner maxMembers createdAt createdBlock }"""
    data = await client.data(query, id="group_7", key="0x" + key_of(7).hex())
    expected = {
        "id": f"Group:0x{key_of(7).hex()}",
        "groupId": "group_7",
        "key": f"0x{key_of(7).hex()}",
        "name": "Group 7",
        "owner": "0x0000000000000000000000000000000000000001",
        "maxMembers": str(2**256 - 1),
        "createdAt": "2023-11-14T22:13:30Z",
        "createdBlock": 1,
    }
    assert data == {"a": expected, "b": expected, "c": None}


async def test_members_and_requests_know_their_group(client: Client, database: Engine) -> None:
    put(
        database,
        groups=[group(1)],
        members=[member(1, 2, role=2), member(1, 3, is_muted=True)],
        join_requests=[join_request(1, 4)],
    )
    data = await client.data(
        """query ($a: Address!) { group(groupId: "group_1") {
        member(address: $a) { role isMuted joinedAt group { name } user { id } }
        stranger: member(address: "0x00000000000000000000000000000000000000ff") { id }
        owners: members(where: {role: OWNER}) { nodes { role } }
        joinRequests { totalCount nodes { requester requestedAt group { groupId } } } } }""",
        a=A,
    )
    assert data["group"]["member"] == {
        "role": "MEMBER",
        "isMuted": True,
        "joinedAt": "2023-11-14T22:13:30Z",
        "group": {"name": "Group 1"},
        "user": {"id": f"User:{A}"},
    }
    assert data["group"]["stranger"] is None
    assert data["group"]["owners"]["nodes"] == [{"role": "OWNER"}]
    assert data["group"]["joinRequests"]["totalCount"] == 1
    assert data["group"]["joinRequests"]["nodes"][0]["group"] == {"groupId": "group_1"}


async def test_a_payment_is_expired_when_its_deadline_lies_before_the_newest_block(
    client: Client, database: Engine
) -> None:
    deadlines = {1: NOW - 1, 2: NOW, 3: NOW + 1, 4: 2**256 - 1}
    put(
        database,
        payments=[
            *(payment(number, deadline_seconds=time) for number, time in deadlines.items()),
            payment(5, deadline_seconds=1, status=1),
        ],
    )
    data = await client.data("""{
      all: payments(orderBy: {field: CREATED, direction: ASC}) {
        nodes { status deadline deadlineSeconds } }
      expired: payments(where: {status: EXPIRED}) { totalCount }
      active: payments(where: {status: ACTIVE}) { totalCount }
      completed: payments(where: {status: COMPLETED}) { totalCount } }""")
    statuses = [node["status"] for node in data["all"]["nodes"]]
    assert statuses == ["EXPIRED", "ACTIVE", "ACTIVE", "ACTIVE", "COMPLETED"]
    assert [data[name]["totalCount"] for name in ("expired", "active", "completed")] == [1, 3, 1]
    assert data["all"]["nodes"][3]["deadline"] is None
    assert data["all"]["nodes"][3]["deadlineSeconds"] == str(2**256 - 1)
    assert data["all"]["nodes"][1]["deadline"] == "2023-11-14T22:15:00Z"


async def test_a_payment_shows_its_group_only_where_there_is_one(
    client: Client, database: Engine
) -> None:
    unknown, named = key_of(8), key_of(9)
    put(
        database,
        groups=[group(1)],
        payments=[
            payment(1),
            payment(2, group_key=unknown),
            payment(3, group_key=named, group_id="group_9"),
        ],
    )
    data = await client.data("""{ payments(orderBy: {field: CREATED, direction: ASC}) {
      nodes { groupId group { name } } } }""")
    assert data["payments"]["nodes"] == [
        {"groupId": "group_1", "group": {"name": "Group 1"}},
        {"groupId": None, "group": None},
        {"groupId": "group_9", "group": None},
    ]


async def test_contributions_are_refunded_once_their_payment_is_cancelled(
    client: Client, database: Engine
) -> None:
    put(
        database,
        payments=[payment(1), payment(2, status=2)],
        participants=listed("payment_id", 1, 4, 3, 4),
        contributions=[contribution(1, 3, amount=2**255), contribution(2, 3)],
        refund_balances=[
            {"address": account(3), "amount": 5, "created_block": 1, "updated_block": 1}
        ],
    )
    data = await client.data(
        """query ($a: Address!) {
        user(address: $a) { pendingRefund payments { totalCount } }
        stranger: user(address: "0x00000000000000000000000000000000000000ff") { pendingRefund }
        payments(orderBy: {field: CREATED, direction: ASC}) {
          nodes { participants contribution(address: $a) { amount refunded } } } }""",
        a=A,
    )
    assert data["user"] == {"pendingRefund": "5", "payments": {"totalCount": 2}}
    assert data["stranger"] == {"pendingRefund": "0"}
    assert [node["contribution"] for node in data["payments"]["nodes"]] == [
        {"amount": str(2**255), "refunded": False},
        {"amount": "7", "refunded": True},
    ]
    four = "0x" + account(4).hex()
    assert data["payments"]["nodes"][0]["participants"] == [four, A, four]
    assert data["payments"]["nodes"][1]["participants"] == []


@pytest.mark.parametrize(
    ("values", "who", "reason"),
    [
        ({}, 3, None),
        ({"status": 1}, 3, "NOT_ACTIVE"),
        ({"status": 3, "expires_at": time_of(1)}, 3, "NOT_ACTIVE"),
        ({"expires_at": time_of(9), "remaining_count": 0}, 3, "EXPIRED"),
        ({"expires_at": time_of(10)}, 3, None),
        ({"remaining_count": 0}, 2, "EMPTY"),
        ({}, 2, "ALREADY_CLAIMED"),
        ({"sender": account(2)}, 2, "ALREADY_CLAIMED"),
        ({"kind": 2}, 1, "OWN_PACKET"),
        ({"kind": 2}, 3, "NOT_A_RECIPIENT"),
        ({"kind": 2}, 4, None),
    ],
)
async def test_claimable_names_the_first_reason_in_the_order_of_the_contract(
    client: Client, database: Engine, values: dict[str, Any], who: int, reason: str | None
) -> None:
    put(
        database,
        red_packets=[red_packet(1, **values)],
        recipients=listed("packet_id", 1, 4, 1),
        claims=[claim(1, 2, 1)],
    )
    data = await client.data(
        "query ($id: Bytes32!, $a: Address!) { redPacket(redPacketId: $id) "
        "{ claimable(address: $a) { ok reason } } }",
        id=hexed(1),
        a="0x" + account(who).hex(),
    )
    assert data["redPacket"]["claimable"] == {"ok": reason is None, "reason": reason}


async def test_the_best_claim_is_the_largest_then_the_earliest_of_an_empty_packet(
    client: Client, database: Engine
) -> None:
    put(
        database,
        red_packets=[red_packet(1, remaining_count=0), red_packet(2, total_count=2**200)],
        claims=[
            claim(1, 2, 1, amount=5),
            claim(1, 4, 3, amount=9),
            claim(1, 3, 2, amount=9),
            claim(2, 3, 1),
        ],
    )
    data = await client.data("""{ redPackets(orderBy: {field: CREATED, direction: ASC}) { nodes {
      totalCount bestClaim { order amount claimer } claims { nodes { order } } } } }""")
    first, second = data["redPackets"]["nodes"]
    assert first["bestClaim"] == {"order": 2, "amount": "9", "claimer": A}
    assert second["bestClaim"] is None
    assert second["totalCount"] == 2**31 - 1


async def test_a_users_payments_are_those_initiated_or_given_to_each_once(
    client: Client, database: Engine
) -> None:
    put(
        database,
        payments=[payment(1, initiator=account(3)), payment(2), payment(3), payment(4)],
        participants=listed("payment_id", 3, 3),
        contributions=[contribution(1, 3), contribution(2, 3), contribution(4, 5)],
        red_packets=[red_packet(1, sender=account(3)), red_packet(2)],
        claims=[claim(2, 3, 1)],
    )
    data = await client.data(
        """query ($a: Address!) { user(address: $a) { payments { totalCount nodes { paymentId } }
        redPacketsSent { nodes { redPacketId } } claims { nodes { redPacket { redPacketId } } } }
        asked: payments(where: {participant: $a}) { nodes { paymentId } }
        gave: payments(where: {contributor: $a}) { totalCount }
        took: redPackets(where: {claimer: $a}) { totalCount } }""",
        a=A,
    )
    user = data["user"]
    assert user["payments"] == {
        "totalCount": 2,
        "nodes": [{"paymentId": hexed(2)}, {"paymentId": hexed(1)}],
    }
    assert user["redPacketsSent"]["nodes"] == [{"redPacketId": hexed(1)}]
    assert user["claims"]["nodes"] == [{"redPacket": {"redPacketId": hexed(2)}}]
    assert data["asked"]["nodes"] == [{"paymentId": hexed(3)}]
    assert data["gave"] == {"totalCount": 2}
    assert data["took"] == {"totalCount": 1}
