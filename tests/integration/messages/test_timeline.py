"""A timeline is what was said and what happened, in one order, however it is paged through."""

import random
from typing import Any

import pytest

from tests.integration.api.engine import Chain
from tests.integration.api.listener import joined
from tests.integration.messages.conftest import People, Person

Line = tuple[int, int, str]
"""Block, place in the block, and the id."""
BEHIND = 10**9
PAGE = """{{ group(groupId: "group_1") {{ messages({}) {{
  totalCount nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
}} }} }}"""


async def page(person: Person, args: str) -> Any:
    return (await person.data(PAGE.format(args)))["group"]["messages"]


async def walked(person: Person, size: int, *, backward: bool) -> list[str]:
    """All ids, page by page."""
    found: list[str] = []
    args, more = ("last" if backward else "first"), True
    cursor = ""
    while more:
        got = await page(person, f"{args}: {size}{cursor}")
        ids = [one["id"] for one in got["nodes"]]
        found = ids + found if backward else found + ids
        info = got["pageInfo"]
        more = info["hasPreviousPage" if backward else "hasNextPage"]
        other = info["hasNextPage" if backward else "hasPreviousPage"]
        assert other == bool(cursor)
        end = info["startCursor" if backward else "endCursor"]
        cursor = f', {"before" if backward else "after"}: "{end}"'
    assert got["totalCount"] == len(found)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_way_through_a_timeline_finds_all_of_it_in_order(
    people: People, chain: Chain, seed: int
) -> None:
    dice = random.Random(seed)
    cards: list[Line] = []
    said: list[Line] = []
    for _ in range(12):
        match dice.randrange(4):
            case 0 | 1:
                message = await people[dice.randint(1, 4)].say("x")
                said.append((message["block"], BEHIND + len(said), message["id"]))
            case 2:
                at = chain.tip + 1
                rows = [joined(at, log) for log in range(dice.randint(0, 3))]
                chain.grow(1, events=rows)
                cards += [(at, n, f"Message:{at}-{n}") for n in range(len(rows))]
            case _:
                depth = dice.randint(1, 3)
                first = max(11, chain.tip - depth + 1)
                if first > chain.tip:
                    continue
                chain.reorg(chain.tip - first + 1, 1, events=[joined(first, 7)])
                cards = [one for one in cards if one[0] < first]
                cards.append((first, 7, f"Message:{first}-7"))
    wanted = [line[2] for line in sorted(cards + said)]
    for size in (1, 2, 5):
        assert await walked(people[2], size, backward=False) == wanted
        assert await walked(people[2], size, backward=True) == wanted


async def test_what_comes_later_is_found_behind_a_cursor_of_either_kind(
    people: People, chain: Chain
) -> None:
    chain.grow(1, events=[joined(11, 0)])
    card = (await page(people[1], "last: 1"))["pageInfo"]["endCursor"]
    one = await people[1].say("one")
    message = (await page(people[1], "last: 1"))["pageInfo"]["endCursor"]
    two = await people[2].say("two")
    chain.grow(1, events=[joined(12, 0)])
    later = [one["id"], two["id"], "Message:12-0"]
    for cursor, wanted in ((card, later), (message, later[1:])):
        found = await page(people[1], f'first: 9, after: "{cursor}"')
        assert [node["id"] for node in found["nodes"]] == wanted
        before = await page(people[1], f'last: 9, before: "{cursor}"')
        assert len(before["nodes"]) == (0 if cursor == card else 1)
