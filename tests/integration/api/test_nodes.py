"""Ids name things, and things say their ids."""

import pytest
from sqlalchemy import Engine

from tests.integration.api.conftest import Client
from tests.integration.api.rows import (
    account,
    claim,
    contribution,
    event,
    group,
    id_of,
    join_request,
    key_of,
    member,
    payment,
    put,
    red_packet,
)

KEY, ONE, TWO = f"0x{key_of(1).hex()}", f"0x{id_of(1).hex()}", f"0x{account(2).hex()}"
IDS = [
    f"Group:{KEY}",
    f"Member:{KEY}:{TWO}",
    f"JoinRequest:{KEY}:{TWO}",
    f"Payment:{ONE}",
    f"Contribution:{ONE}:{TWO}",
    f"RedPacket:{ONE}",
    f"Claim:{ONE}:{TWO}",
    f"User:{TWO}",
    "3-1",
]


@pytest.mark.parametrize("id_", IDS)
async def test_what_an_id_names_has_that_id(client: Client, database: Engine, id_: str) -> None:
    put(
        database,
        groups=[group(1)],
        members=[member(1, 2)],
        join_requests=[join_request(1, 2)],
        payments=[payment(1)],
        contributions=[contribution(1, 2)],
        red_packets=[red_packet(1)],
        claims=[claim(1, 2, 1)],
        events=[event(3, 1, 0, decoded=False)],
    )
    data = await client.data("query ($id: ID!) { node(id: $id) { __typename id } }", id=id_)
    name = id_.split(":")[0] if ":" in id_ else "Event"
    assert data["node"] == {"__typename": name, "id": id_}


@pytest.mark.parametrize("id_", [one for one in IDS if not one.startswith("User")])
async def test_an_id_that_names_nothing_is_null(client: Client, id_: str) -> None:
    assert await client.data("query ($id: ID!) { node(id: $id) { id } }", id=id_) == {"node": None}


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "x",
        "Group",
        "Group:0x12",
        f"Group:{KEY}:{TWO}",
        f"File:{KEY}",
        "1-",
        "٣-1",
        "9" * 19 + "-1",
        "1-4294967296",
    ],
)
async def test_what_is_no_id_is_refused(client: Client, id_: str) -> None:
    error = await client.error("query ($id: ID!) { node(id: $id) { id } }", id=id_)
    assert (error["code"], error["argument"]) == ("BAD_USER_INPUT", "id")
