"""One statement for each level of a query, however many rows the levels have."""

from sqlalchemy import Engine

from indexer.units import keccak
from tests.integration.api.conftest import Client
from tests.integration.api.rows import (
    account,
    claim,
    contribution,
    event,
    group,
    id_of,
    key_of,
    listed,
    member,
    payment,
    put,
    red_packet,
)

CREATED = keccak(b"RedPacketCreated(bytes32,string,address,uint8,uint256,uint256,uint256)")


def fill(database: Engine) -> None:
    """Five groups of four members, each with two payments and two packets, all with their parts."""
    numbers = range(1, 6)
    pairs = [(g, 10 * g + n) for g in numbers for n in (1, 2)]
    put(
        database,
        groups=[group(g) for g in numbers],
        members=[member(g, who) for g in numbers for who in range(1, 5)],
        payments=[payment(p, group_key=key_of(g)) for g, p in pairs],
        participants=[row for _, p in pairs for row in listed("payment_id", p, 1, 2)],
        contributions=[contribution(p, who) for _, p in pairs for who in (1, 2)],
        red_packets=[red_packet(p, group_key=key_of(g), remaining_count=0) for g, p in pairs],
        claims=[claim(p, who, who) for _, p in pairs for who in (1, 2)],
        events=[event(1, p, 2, CREATED, id_of(p), key_of(g), decoded=False) for g, p in pairs],
    )


async def test_members_users_and_their_memberships_cost_one_statement_a_level(
    client: Client, database: Engine
) -> None:
    fill(database)
    data = await client.data("""{ groups { nodes { members { nodes { user { address
      memberships { nodes { group { name } } } } } } } } }""")
    assert len(client.statements) == 4
    people = [m["user"] for g in data["groups"]["nodes"] for m in g["members"]["nodes"]]
    assert len(people) == 20
    assert {len(person["memberships"]["nodes"]) for person in people} == {5}


async def test_lists_beside_each_other_cost_one_statement_each(
    client: Client, database: Engine
) -> None:
    fill(database)
    data = await client.data("""{ groups { totalCount nodes { members { totalCount }
      payments { totalCount nodes { participants contributions {
        nodes { contributor refunded } } } }
      redPackets { nodes { exclusiveRecipients bestClaim { claimer }
        events { nodes { block { hash } } }
        claims { edges { cursor node { redPacket { id } } } pageInfo { hasNextPage } } } } } } }""")
    levels = {
        "groups": 2,
        "member counts": 1,
        "payments and their counts": 2,
        "participants, contributions, their payments": 3,
        "packets": 1,
        "recipients, best claims, events, blocks, claims, their packets": 6,
    }
    assert len(client.statements) == sum(levels.values())
    packets = [p for g in data["groups"]["nodes"] for p in g["redPackets"]["nodes"]]
    assert len(packets) == 10
    assert all(len(packet["claims"]["edges"]) == 2 for packet in packets)
    assert all(packet["bestClaim"] == {"claimer": "0x" + account(1).hex()} for packet in packets)
    assert all(len(packet["events"]["nodes"]) == 1 for packet in packets)


async def test_a_list_is_counted_and_looked_beyond_only_when_asked(
    client: Client, database: Engine
) -> None:
    fill(database)
    await client.data("{ groups(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }")
    assert len(client.statements) == 1
    await client.data("{ groups { totalCount } }")
    assert len(client.statements) == 1
    assert "count(*)" in client.statements[0]


async def test_the_same_list_with_other_arguments_is_another_statement(
    client: Client, database: Engine
) -> None:
    fill(database)
    data = await client.data("""{ groups { nodes {
      all: members { nodes { address } }  two: members(first: 2) { nodes { address } }
      one: members(where: {address: "0x0000000000000000000000000000000000000003"}) {
        nodes { address } }
    } } }""")
    assert len(client.statements) == 4
    sizes = {
        tuple(len(g[name]["nodes"]) for name in ("all", "two", "one"))
        for g in data["groups"]["nodes"]
    }
    assert sizes == {(4, 2, 1)}


async def test_no_statement_is_sent_for_what_needs_none(client: Client, database: Engine) -> None:
    await client.data(
        '{ user(address: "0x0000000000000000000000000000000000000003") { id address } }'
    )
    assert client.statements == []
