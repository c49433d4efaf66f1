"""Whoever is in a conversation hears what is said there, once, as long as the chain lets him."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert

from indexer.db.models import MEMBERS
from indexer.units import keccak
from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.listener import joined
from tests.integration.api.rows import account, event, key_of, member
from tests.integration.messages.conftest import People, Person

ADDED = "subscription { messageAdded%s { id content deletedAt } }"
UPDATED = "subscription { messageUpdated { id content deletedAt reactions { emoji count } } }"
LEFT = keccak(b"MemberLeft(string,address,uint256)")


class Ear:
    """Collects what somebody hears."""

    def __init__(self, person: Person, query: str) -> None:
        self.heard: list[Any] = []
        self._task = asyncio.create_task(self._collect(person.stream(query)))

    async def _collect(self, stream: AsyncGenerator[Any, None]) -> None:
        async with aclosing(stream):
            async for result in stream:
                told = result.errors[0] if result.errors else next(iter(result.data.values()))
                self.heard.append(told)

    async def until(self, count: int) -> list[Any]:
        async with asyncio.timeout(20):
            while len(self.heard) < count:
                assert not self._task.done() or self._task.exception() is None
                await asyncio.sleep(0.01)
        return self.heard

    async def stop(self) -> list[Any]:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.heard


async def ears(client: Client, *asked: tuple[Person, str]) -> list[Ear]:
    """Listeners whose feeds are open."""
    before = len([*client.index.hub.feeds])
    found = [Ear(person, query) for person, query in asked]
    async with asyncio.timeout(20):
        while len([*client.index.hub.feeds]) < before + len(asked):
            assert not any(ear.heard for ear in found), found[0].heard
            await asyncio.sleep(0.01)
    return found


def contents(heard: list[Any]) -> list[str]:
    return [one["content"] for one in heard]


async def test_members_hear_what_is_said_and_nobody_else_does(
    people: People, client: Client
) -> None:
    everything = ADDED % ""
    one, two, stranger, third = await ears(
        client,
        (people[1], ADDED % '(groupId: "group_1")'),
        (people[2], everything),
        (people[9], everything),
        (people[3], everything),
    )
    await people[1].say("to all")
    await people[1].say("to 2", to="0x" + account(2).hex())
    await people[4].say("to all again")
    assert contents(await two.until(3)) == ["to all", "to 2", "to all again"]
    assert contents(await one.until(2)) == ["to all", "to all again"]
    assert contents(await third.until(2)) == ["to all", "to all again"]
    assert await stranger.stop() == []
    for ear in (one, two, third):
        await ear.stop()


async def test_changes_are_heard_as_they_stand(people: People, client: Client) -> None:
    message = await people[1].say("helo")
    [ear] = await ears(client, (people[2], UPDATED))
    await people[1].do("editMessage", message, content="hello")
    assert contents(await ear.until(1)) == ["hello"]
    await people[3].do("react", message, emoji="👍")
    assert (await ear.until(2))[1]["reactions"] == [{"emoji": "👍", "count": 1}]
    await people[2].do("deleteMessage", message)
    last = (await ear.until(3))[2]
    assert last["content"] == "" and last["deletedAt"] and last["reactions"] == []
    await ear.stop()


async def test_cards_come_and_go_with_the_chain(
    people: People, client: Client, chain: Chain
) -> None:
    added, updated = await ears(client, (people[2], ADDED % ""), (people[2], UPDATED))
    chain.grow(1, events=[joined(11, 0)])
    assert (await added.until(1))[0]["id"] == "Message:11-0"
    chain.reorg(1, 1, events=[joined(11, 3)])
    gone = (await updated.until(1))[0]
    assert gone["id"] == "Message:11-0" and gone["deletedAt"]
    assert (await added.until(2))[1]["id"] == "Message:11-3"
    await added.stop()
    await updated.stop()


SELECTION = """__typename key: id seq sender kind content encryption sentAt editedAt deletedAt
    block card"""


async def test_what_is_put_together_once_is_what_a_document_would_say(
    people: People, client: Client, chain: Chain
) -> None:
    """The second document is executed: reactions are not plain."""
    query = "subscription { messageAdded { " + SELECTION + "%s } }"
    plain, other = await ears(
        client, (people[2], query % ""), (people[3], query % " reactions { emoji }")
    )
    await people[1].say("short")
    await people[1].say("long " * 1000)
    await people[2].say("to 3", to="0x" + account(3).hex())
    chain.grow(1, events=[joined(11, 0)])
    told = [one | {"reactions": []} for one in await plain.until(4)]
    assert told == await other.until(4)
    assert len(told[1]["content"]) == 5000 and told[3]["card"] == "JOINED"
    await plain.stop()
    await other.stop()


SENT = """mutation ($key: Bytes32, $content: String!, $id: String) {
  sendMessage(key: $key, content: $content, clientId: $id) { %s } }"""


@pytest.mark.parametrize(
    ("who", "content", "key", "id_"),
    [
        (1, "hello", key_of(1), "a"),
        (1, "long " * 1000, key_of(1), "b"),
        (9, "let me in", key_of(1), "c"),
        (1, " ", key_of(1), "d"),
        (1, "to whom", None, "e"),
        (1, "hello", key_of(1), "no spaces"),
        (1, "hello", b"short", "g"),
    ],
)
async def test_what_is_sent_without_a_document_is_what_a_document_sends(
    people: People, who: int, content: str, key: bytes | None, id_: str
) -> None:
    """Both times under the same id: the second one finds the first."""
    asked = {"key": key and "0x" + key.hex(), "content": content, "id": id_}
    results = []
    for more in ("", " reactions { emoji }"):
        fields = SELECTION + more
        [one] = [got async for got in people[who].stream(SENT % fields, **asked)]
        results.append((one.data, [error.formatted for error in one.errors or ()]))
    (plain, problems), (executed, others) = results
    assert [_known(one) for one in problems] == [_known(one) for one in others]
    assert bool(plain) == bool(executed) == (not problems)
    if plain and executed:
        assert plain["sendMessage"] | {"reactions": []} == executed["sendMessage"]


def _known(error: Any) -> Any:
    """An error but for its id."""
    return error | {"extensions": {**error["extensions"], "id": ""}}


async def test_who_is_taken_out_hears_nothing_more_and_why(
    people: People, client: Client, chain: Chain, database: Engine
) -> None:
    [ear] = await ears(client, (people[3], ADDED % '(groupId: "group_1")'))
    await people[1].say("before")
    assert contents(await ear.until(1)) == ["before"]
    leave(database, chain, 3)
    await people[1].say("after")
    refused = (await ear.until(2))[1]
    assert refused.extensions["reason"] == "LEFT" and refused.extensions["block"] == chain.tip
    assert contents(await people[3].history()) == ["before", ""]
    assert "after" in contents(await people[1].history())
    await ear.stop()


def leave(database: Engine, chain: Chain, who: int) -> None:
    """Block, event and fold of a member that leaves; the notification comes last."""
    at = chain.tip + 1
    version = member(1, who) | {"until_block": at}
    with database.begin() as db:
        db.execute(delete(MEMBERS.current).where(MEMBERS.current.c.address == account(who)))
        assert MEMBERS.history is not None
        db.execute(insert(MEMBERS.history), [version])
    topics = (LEFT, key_of(1), bytes(12) + account(who))
    chain.grow(1, events=[event(at, 0, 0, *topics, data=bytes(32))])


async def test_behind_a_cursor_everything_comes_once(people: People, client: Client) -> None:
    for n in range(3):
        await people[1].say(str(n))
    query = '{ group(groupId: "group_1") { messages(first: 1) { pageInfo { endCursor } } } }'
    page = (await people[2].data(query))["group"]["messages"]["pageInfo"]
    after = f'(groupId: "group_1", after: "{page["endCursor"]}")'
    ear = Ear(people[2], ADDED % after)
    for n in range(3, 9):
        await people[1].say(str(n))
    assert contents(await ear.until(8)) == [str(n) for n in range(1, 9)]
    await ear.stop()
