"""Walking a list's pages, forwards or backwards, gives exactly the filtered, ordered list."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from tests.integration.api import nested, worlds
from tests.integration.api.conftest import Client
from tests.integration.api.operations import LISTS
from tests.integration.api.rows import Row, group, put
from tests.integration.api.walking import Walker

EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ALL = worlds.WHOLE | nested.NESTED


def test_every_list_is_walked() -> None:
    assert ALL.keys() == LISTS.keys()


@pytest.mark.parametrize("name", ALL, ids=".".join)
@EXAMPLES
@given(
    data=st.data(),
    size=st.integers(1, 5),
    descending=st.booleans(),
    dice=st.randoms(use_true_random=False),
)
async def test_pages_are_exactly_the_filtered_and_ordered_list_also_while_it_grows(
    client: Client,
    database: Engine,
    name: tuple[str, str],
    data: st.DataObject,
    size: int,
    descending: bool,
    dice: Random,
) -> None:
    world = ALL[name]
    made = data.draw(world.made)
    where = data.draw(st.sampled_from(sorted(world.filters)))
    order = data.draw(st.sampled_from(sorted(world.orders)))
    arguments = f"where: {where}" if where else ""
    if order:
        direction = "DESC" if descending else "ASC"
        arguments += f", orderBy: {{field: {order}, direction: {direction}}}"
    walker = Walker(client, f"{world.field}({arguments}", size, world.parent)
    for backward in (False, True):
        later = [row for row in made if dice.random() < 0.4]
        there = [row for row in made if row not in later]
        replace(database, world, there)

        def listed(there: list[Row] = there, later: list[Row] = later) -> list[str]:
            if there and later and dice.random() < 0.5:
                there.append(later.pop())
                put(database, **{world.table: there[-1:]})
            return world.expected(there, where, order, descending and order != "")

        await walker.walk(listed, backward=backward)


def replace(database: Engine, world: worlds.World, made: list[Row]) -> None:
    tables = ", ".join({"groups", world.table, *world.beside})
    with database.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}"))
    parent = [group(1)] if world.parent else []
    put(database, **{"groups": parent, **world.beside, world.table: made})


async def test_a_window_between_two_cursors_knows_both_its_neighbours(
    client: Client, database: Engine
) -> None:
    put(database, groups=[group(n, at=n) for n in range(1, 7)])
    walker = Walker(client, "groups(orderBy: {field: CREATED, direction: ASC}", 6)
    cursors = [edge["cursor"] for edge in (await walker.page("first: 6"))["edges"]]
    for side in ("first", "last"):
        page = await walker.page(f'{side}: 9, after: "{cursors[0]}", before: "{cursors[4]}"')
        assert [edge["cursor"] for edge in page["edges"]] == cursors[1:4]
        assert page["pageInfo"]["hasNextPage"]
        assert page["pageInfo"]["hasPreviousPage"]
        assert page["totalCount"] == 6


async def test_a_page_of_none_is_empty_and_says_whether_there_are_rows(
    client: Client, database: Engine
) -> None:
    put(database, groups=[group(1)])
    page = await Walker(client, "groups", 0).page("first: 0")
    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }
    assert (
        len(
            (await Walker(client, "members", 0, 'group(groupId: "group_1")').page("first: 0"))[
                "edges"
            ]
        )
        == 0
    )


@pytest.mark.parametrize(
    ("arguments", "argument", "words"),
    [
        ("first: 201", "first", "200"),
        ("last: 201", "last", "200"),
        ("first: -1", "first", "-1"),
        ("first: 1, last: 1", "last", "not both"),
        ('after: "nonsense"', "after", "not a cursor"),
        ('before: "WyJncm91cHMuY3JlYXRlZCIsMV0"', "before", "not a cursor"),
        ('after: "WyJwYXltZW50cy5jcmVhdGVkIiwxLDFd"', "after", "payments.created"),
        ('after: "WyJncm91cHMuY3JlYXRlZCIsMTAwMDAwMDAwMDAwMDAwMDAwMDAsMV0"', "after", "not a"),
    ],
)
async def test_wrong_arguments_are_named(
    client: Client, arguments: str, argument: str, words: str
) -> None:
    error = await client.error(f"{{ groups({arguments}) {{ nodes {{ id }} }} }}")
    assert error["code"] == "BAD_USER_INPUT"
    assert error["argument"] == argument
    assert words in error["message"]
    assert ("limit" in error) == ("201" in arguments or "-1" in arguments)


async def test_a_page_has_twenty_rows_unless_asked_otherwise(
    client: Client, database: Engine
) -> None:
    put(database, groups=[group(n) for n in range(1, 206)])
    assert len((await Walker(client, "groups", 20).page(""))["nodes"]) == 20
    assert len((await Walker(client, "groups", 20).page("last: 200"))["nodes"]) == 200
