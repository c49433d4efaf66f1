"""Which block an answer is true at: time travel, read your own write, one snapshot."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Engine, text

from indexer.units import keccak
from tests.integration.api.conftest import Client
from tests.integration.api.rows import (
    account,
    claim,
    group,
    member,
    payment,
    put,
    red_packet,
    standing_at,
    time_of,
)

NOW = int(time_of(10).timestamp())


def with_a_past(database: Engine) -> None:
    """Group 1 is renamed at 4 and 8; member 2 leaves at 6; member 3 becomes admin at 7."""
    changing = (
        "name avatar description owner is_public allow_member_invite require_approval max_members "
        "mute_all is_active member_count sources updated_block"
    ).split()

    def version(name: str, since: int, until: int) -> dict[str, Any]:
        row = group(1, at=2, name=name, updated_block=since)
        return {k: row[k] for k in ("key", *changing)} | {"until_block": until}

    put(
        database,
        groups=[group(1, at=2, name="third", updated_block=8)],
        groups_history=[version("first", 2, 4), version("second", 4, 8)],
        members=[member(1, 3, at=3, role=1, updated_block=7)],
        members_history=[
            member(1, 2, at=2) | {"until_block": 6},
            member(1, 3, at=3) | {"until_block": 7},
        ],
    )


QUERY = """query ($n: Int) { group(groupId: "group_1", block: {number: $n}) {
  name members { totalCount nodes { address role group { name } user {
    memberships { nodes { group { name } } } } } } } }"""


@pytest.mark.parametrize(
    ("number", "name", "members"),
    [
        (2, "first", [(2, "MEMBER")]),
        (3, "first", [(2, "MEMBER"), (3, "MEMBER")]),
        (5, "second", [(2, "MEMBER"), (3, "MEMBER")]),
        (6, "second", [(3, "MEMBER")]),
        (8, "third", [(3, "ADMIN")]),
        (10, "third", [(3, "ADMIN")]),
    ],
)
async def test_a_past_block_shows_everything_below_as_it_was(
    client: Client, database: Engine, number: int, name: str, members: list[tuple[int, str]]
) -> None:
    with_a_past(database)
    found = (await client.data(QUERY, n=number))["group"]
    assert found["name"] == name
    assert found["members"]["totalCount"] == len(members)
    assert [(m["address"], m["role"]) for m in found["members"]["nodes"]] == [
        ("0x" + account(who).hex(), role) for who, role in members
    ]
    for one in found["members"]["nodes"]:
        assert one["group"] == {"name": name}
        assert one["user"]["memberships"]["nodes"] == [{"group": {"name": name}}]


async def test_a_group_is_not_there_before_its_creation(client: Client, database: Engine) -> None:
    with_a_past(database)
    assert await client.data(QUERY, n=1) == {"group": None}


async def test_a_hash_names_the_same_state_as_its_number(client: Client, database: Engine) -> None:
    with_a_past(database)
    data = await client.data(
        """query ($h: Bytes32) { groups(block: {hash: $h}, where: {nameContains: "SECOND"}) {
        totalCount nodes { name } } meta { block { number } } }""",
        h="0x" + keccak(b"5").hex(),
    )
    assert data["groups"] == {"totalCount": 1, "nodes": [{"name": "second"}]}
    assert data["meta"] == {"block": {"number": 10}}


async def test_the_clock_of_a_past_block_is_that_blocks(client: Client, database: Engine) -> None:
    five = int(time_of(5).timestamp())
    put(
        database,
        payments=[payment(1, deadline_seconds=five)],
        red_packets=[red_packet(1, expires_at=time_of(5))],
        claims=[claim(1, 2, 1, at=7)],
    )
    query = """query ($n: Int) {
      payments(block: {number: $n}) { nodes { status } }
      expired: payments(block: {number: $n}, where: {status: EXPIRED}) { totalCount }
      redPackets(block: {number: $n}) { nodes { status claims { totalCount } } } }"""
    for number, status, claims in ((5, "ACTIVE", 0), (6, "EXPIRED", 0), (7, "EXPIRED", 1)):
        data = await client.data(query, n=number)
        assert data["payments"]["nodes"] == [{"status": status}]
        assert data["expired"]["totalCount"] == (status == "EXPIRED")
        packet = {"status": status, "claims": {"totalCount": claims}}
        assert data["redPackets"]["nodes"] == [packet]


@pytest.mark.parametrize(
    ("block", "code", "extra"),
    [
        ("{number: 11}", "BLOCK_NOT_INDEXED", {"requested": 11, "indexed": 10}),
        ("{number: -1}", "BAD_USER_INPUT", {"argument": "block.number"}),
        (f'{{hash: "0x{"ab" * 32}"}}', "BLOCK_UNKNOWN", {"requested": "0x" + "ab" * 32}),
        ("{number: 1, numberGte: 1}", "BAD_USER_INPUT", {"argument": "block"}),
        ("{numberGte: 11}", "BLOCK_TIMEOUT", {"requested": 11, "indexed": 10}),
    ],
)
async def test_a_block_that_cannot_be_answered_from_is_a_typed_error(
    client: Client, block: str, code: str, extra: dict[str, Any]
) -> None:
    error = await client.error(f"{{ groups(block: {block}) {{ totalCount }} }}")
    assert error["code"] == code
    assert {name: error[name] for name in extra} == extra


async def test_before_the_first_block_no_block_is_indexed(client: Client, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE cursor SET block_hash = NULL, block_timestamp = NULL"))
    error = await client.error("{ groups(block: {number: 1}) { totalCount } }")
    assert (error["code"], error["indexed"]) == ("BLOCK_NOT_INDEXED", None)
    assert await client.data("{ meta { block { number } chainId } }") == {
        "meta": {"block": None, "chainId": 31337}
    }


async def test_who_waits_for_a_block_sees_it_and_so_does_the_whole_operation(
    client: Client, database: Engine
) -> None:
    query = """{ meta { block { number } } before: groups { totalCount }
      groups(block: {numberGte: 11}) { totalCount } }"""
    waiting = asyncio.create_task(client.data(query))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    advance(database, 11)
    assert await waiting == {
        "meta": {"block": {"number": 11}},
        "before": {"totalCount": 1},
        "groups": {"totalCount": 1},
    }


async def test_fields_that_do_not_wait_are_answered_when_another_waits_in_vain(
    client: Client,
) -> None:
    query = '{ meta { chainId } group(groupId: "x", block: {numberGte: 99}) { id } }'
    result = await client.run(query)
    assert result.data == {"meta": {"chainId": 31337}, "group": None}
    assert [error.extensions["code"] for error in result.errors] == ["BLOCK_TIMEOUT"]


async def test_all_parts_of_an_operation_see_the_same_snapshot(
    client: Client, database: Engine
) -> None:
    """The index moves on between the statements of a running operation."""
    put(database, groups=[group(1)])
    moved = False

    async def moving(statement: Any, values: Any = None) -> Any:
        nonlocal moved
        rows = await original(statement, values)
        if not moved:
            moved = True
            await asyncio.to_thread(advance, database, 11)
        return rows

    context = client.context()
    original = context.snapshot.rows
    context.snapshot.rows = moving  # type: ignore[method-assign]
    data = await client.data(
        "{ groups { totalCount nodes { members { totalCount } } } meta { block { number } } }"
    )
    assert moved
    assert data["groups"] == {"totalCount": 1, "nodes": [{"members": {"totalCount": 0}}]}
    assert data["meta"] == {"block": {"number": 10}}
    assert (await client.data("{ groups { totalCount } }")) == {"groups": {"totalCount": 2}}


async def test_a_snapshot_is_repeatable_and_read_only(client: Client) -> None:
    context = client.context()
    settings = "current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    (row,) = await context.snapshot.rows(text(f"SELECT {settings}"))
    await context.close()
    assert tuple(row) == ("repeatable read", "on")


def advance(database: Engine, number: int) -> None:
    """The indexer's next batch: a group and the cursor."""
    with database.begin() as connection:
        connection.execute(text("DELETE FROM cursor"))
    put(database, cursor=[standing_at(number)], groups=[group(number, at=number)])
