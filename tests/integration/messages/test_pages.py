"""A page that is put together without a document is what executing the document says."""

from typing import Any

import pytest
from sqlalchemy import Engine

from api.messages import pages
from api.schema import Schema
from tests.integration.api.engine import Chain
from tests.integration.api.listener import joined
from tests.integration.messages.conftest import People, Person, hex_of
from tests.integration.messages.test_live import SELECTION, leave

GROUP = "query ($id: String) { it: group(groupId: $id) { messages(ARGS) { PARTS } } }"
TALK = "query ($to: Address) { conversation(recipient: $to) { all: messages(ARGS) { PARTS } } }"
PARTS = f"""nodes {{ {SELECTION} }} edges {{ at: cursor node {{ {SELECTION} }} cursor }}
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}"""
EXECUTED = PARTS + " totalCount"
"""The same, with something that is not plain."""


async def both(
    schema: Schema, person: Person, document: str, args: str, **given: Any
) -> tuple[Any, Any]:
    """Data and errors, put together and executed."""
    found = []
    for parts, plain in ((PARTS, True), (EXECUTED, False)):
        text = document.replace("ARGS", args).replace("PARTS", parts)
        assert (pages.planned(schema._schema, text) is not None) == plain
        result = await person.run(text, **given)
        for error in result.errors or ():
            error.extensions["id"] = ""
        errors = [(one.message, one.path, one.extensions) for one in result.errors or ()]
        found.append((_without_count(result.data), errors))
    return found[0], found[1]


def _without_count(data: Any) -> Any:
    match data:
        case dict():
            return {k: _without_count(v) for k, v in data.items() if k != "totalCount"}
        case list():
            return [_without_count(one) for one in data]
    return data


async def test_both_ways_say_the_same(
    people: People, schema: Schema, chain: Chain, database: Engine
) -> None:
    await people[1].say("short")
    chain.grow(1, events=[joined(11, 0)])
    await people[2].say("long " * 1000)
    gone = await people[3].say("gone")
    await people[3].do("deleteMessage", gone)
    edited = await people[3].say("helo")
    await people[3].do("editMessage", edited, content="hello")
    await people[1].say("AAAA", encryption="mls")
    await people[1].say("between us", to=hex_of(2))
    leave(database, chain, 3)
    chain.grow(1)
    await people[1].say("after")
    pages_of: list[tuple[str, dict[str, Any]]] = []
    for args in ("first: 3", "last: 2", "last: 100"):
        plain, executed = await both(schema, people[1], GROUP, args, id="group_1")
        assert plain == executed and not plain[1]
        pages_of.append((args, plain[0]["it"]["messages"]["pageInfo"]))
    before, after = pages_of[1][1]["startCursor"], pages_of[0][1]["endCursor"]
    for args in (f'last: 3, before: "{before}"', f'first: 2, after: "{after}"'):
        for who in (1, 3, 9):
            plain, executed = await both(schema, people[who], GROUP, args, id="group_1")
            assert plain == executed and bool(plain[1]) == (who == 9)
    for who in (2, 1):
        plain, executed = await both(schema, people[who], TALK, "last: 5", to=hex_of(3 - who))
        assert plain == executed and len(plain[0]["conversation"]["all"]["nodes"]) == 1


@pytest.mark.parametrize(
    ("args", "group"),
    [
        ("last: 5", "group_77"),
        ("last: 5", None),
        ("last: 5", 7),
        ("last: 201", "group_1"),
        ("first: 1, last: 1", "group_1"),
        ('last: 5, before: "nonsense"', "group_1"),
    ],
)
async def test_both_ways_refuse_the_same(
    people: People, schema: Schema, args: str, group: Any
) -> None:
    plain, executed = await both(schema, people[1], GROUP, args, id=group)
    assert plain == executed


@pytest.mark.parametrize(
    "document",
    [
        "{ group(groupId: $id, block: {number: 3}) { messages { nodes { id } } } }",
        "{ group(groupId: $id) { name messages { nodes { id } } } }",
        "{ group(groupId: $id) { messages { nodes { id replyTo { id } } } } }",
        "{ group(groupId: $id) { messages { nodes { id @include(if: true) } } } }",
        "{ group(groupId: $id) { messages { nodes { ...on Message { id } } } } }",
        "{ group(groupId: $id) { messages { nodes { id id } } } }",
        "{ group(groupId: $id) { messages { nodes { nonsense } } } }",
    ],
)
def test_what_is_more_than_a_plain_page_is_executed(schema: Schema, document: str) -> None:
    assert pages.planned(schema._schema, "query ($id: String) " + document) is None
