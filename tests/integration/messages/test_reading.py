"""Conversations, what is unread in them, what is found, and ids: to each what he may read."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.listener import joined
from tests.integration.api.rows import group, key_of, member, put
from tests.integration.messages.conftest import People, Person, hex_of
from tests.integration.messages.test_live import leave

LIST = """query ($first: Int, $after: String) { conversations(first: $first, after: $after) {
  nodes { id group { groupId } recipient unreadCount lastMessage { content } }
  pageInfo { hasNextPage endCursor } } }"""
ONE = '{ conversation(groupId: "group_1") { unreadCount lastMessage { content } readUntil } }'
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


MANY = """
INSERT INTO messages (conversation, sent_at, seq, sender, kind, content, block_number, has_more,
    revision, client_id)
SELECT conversation, sent_at + n * interval '1 us', seq + n, sender, kind, content, block_number,
    has_more, revision, n FROM messages, generate_series(1, 1010) AS n
"""


async def listed(person: Person, size: int = 20) -> list[tuple[str, int, str | None]]:
    """Group or recipient, how much is unread, and the last message, page by page."""
    found: list[tuple[str, int, str | None]] = []
    given: dict[str, Any] = {"first": size}
    while True:
        page = (await person.data(LIST, **given))["conversations"]
        for node in page["nodes"]:
            name = node["group"]["groupId"] if node["group"] else node["recipient"].lower()
            last = node["lastMessage"] and node["lastMessage"]["content"]
            found.append((name, node["unreadCount"], last))
        if not page["pageInfo"]["hasNextPage"]:
            return found
        given["after"] = page["pageInfo"]["endCursor"]


async def test_conversations_are_listed_newest_first_to_those_in_them(
    people: People, database: Engine
) -> None:
    put(database, groups=[group(2)], members=[member(2, 1, role=2), member(2, 3)])
    await people[2].say("in one")
    await people[3].say("to 1", to=hex_of(1))
    await people[3].say("to 4", to=hex_of(4))
    await people[3].say("more to 1", to=hex_of(1))
    wanted = [(hex_of(3), 2, "more to 1"), ("group_1", 1, "in one"), ("group_2", 0, None)]
    assert await listed(people[1]) == await listed(people[1], size=1) == wanted
    await people[1].say("in two", group="group_2")
    assert [name for name, *_ in await listed(people[1])] == ["group_2", hex_of(3), "group_1"]
    assert await listed(people[9]) == []


async def test_unread_is_what_others_wrote_since_one_joined_and_read(
    people: People, chain: Chain, database: Engine
) -> None:
    async def unread(who: int) -> int:
        found = await people[who].data(ONE)
        count: int = found["conversation"]["unreadCount"]
        return count

    said = [await people[1 + n % 2].say(str(n)) for n in range(6)]
    assert [await unread(who) for who in (1, 2, 3, 9)] == [3, 3, 6, 0]
    await people[2].do("deleteMessage", said[5])
    await people[3].data(f'mutation {{ markRead(id: "{said[3]["id"]}") {{ id }} }}')
    assert [await unread(who) for who in (1, 2, 3)] == [2, 3, 1]
    at = chain.grow(1)
    put(database, members=[member(1, 5, at=at)])
    assert await unread(5) == 0, "it was said before he came"
    await people[1].say("welcome")
    assert await unread(5) == 1
    leave(database, chain, 3)
    assert await unread(3) == 0
    told = (await people[3].data(ONE))["conversation"]
    assert told["lastMessage"]["content"] == "welcome", "it was said while he was there"
    await people[1].say("after he left")
    assert (await people[3].data(ONE))["conversation"]["lastMessage"] is None


async def test_no_more_than_a_thousand_are_counted(people: People, database: Engine) -> None:
    await people[1].say("first")
    with database.begin() as db:
        db.execute(text(MANY))
    assert (await people[2].data(ONE))["conversation"]["unreadCount"] == 1000


async def test_mentions_and_answers_are_those_of_the_sender(people: People) -> None:
    first = await people[1].say("who comes?")
    named = [hex_of(2), hex_of(9), hex_of(2)]
    answer = await people[3].say("we do", replyTo=first["id"], mentions=named)
    assert [one.lower() for one in answer["mentions"]] == [hex_of(2), hex_of(9)]
    assert answer["replyTo"] == {"id": first["id"], "content": "who comes?"}
    many = await people[3].refusal("all", mentions=[hex_of(n) for n in range(51)])
    assert (many["argument"], many["limit"]) == ("mentions", 50)
    direct = await people[3].say("elsewhere", to=hex_of(1))
    wrong = await people[3].refusal("to that", replyTo=direct["id"])
    assert wrong["argument"] == "replyTo"
    await people[1].do("deleteMessage", first)
    gone = await people[3].refusal("too late", replyTo=first["id"])
    assert gone["argument"] == "replyTo"


FIND = """query ($text: String!, $to: Address, $group: String, $first: Int, $after: String) {
  searchMessages(text: $text, recipient: $to, groupId: $group, first: $first, after: $after) {
    totalCount nodes { content } pageInfo { hasNextPage endCursor } } }"""


async def found(person: Person, words: str, **more: Any) -> list[str]:
    page = (await person.data(FIND, text=words, **more))["searchMessages"]
    return [one["content"] for one in page["nodes"]]


async def test_words_are_found_in_the_conversations_that_one_is_in(
    people: People, chain: Chain, database: Engine
) -> None:
    await people[1].say("the harbour at noon")
    await people[1].say("noon it is", to=hex_of(2))
    await people[1].say("我们中午在港口见面")
    edited = await people[2].say("midnight")
    await people[2].do("editMessage", edited, content="noon, rather")
    gone = await people[2].say("noon, no")
    await people[2].do("deleteMessage", gone)
    await people[1].say("bm9vbg==", encryption="noon")
    assert await found(people[2], "noon") == ["noon, rather", "noon it is", "the harbour at noon"]
    assert await found(people[2], "noo harb") == ["the harbour at noon"]
    assert await found(people[3], "港口") == ["我们中午在港口见面"]
    assert await found(people[3], "noon") == ["noon, rather", "the harbour at noon"]
    assert await found(people[2], "noon", to=hex_of(1)) == ["noon it is"]
    assert len(await found(people[2], "noon", group="group_1")) == 2
    assert await found(people[2], "midnight") == await found(people[2], "bm9vbg") == []
    assert await found(people[9], "noon") == await found(people[9], "noon", group="group_1") == []
    leave(database, chain, 3)
    assert await found(people[3], "noon") == []


async def test_what_is_found_comes_in_pages(people: People) -> None:
    for n in range(7):
        await people[1].say(f"page {n}")
    got: list[str] = []
    given: dict[str, Any] = {"first": 3}
    while True:
        page = (await people[2].data(FIND, text="page", **given))["searchMessages"]
        assert page["totalCount"] == 7
        got += [one["content"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        given["after"] = page["pageInfo"]["endCursor"]
    assert got == [f"page {n}" for n in reversed(range(7))]


async def test_ids_lead_to_what_one_may_read_and_nowhere_else(
    people: People, client: Client, chain: Chain, database: Engine
) -> None:
    chain.grow(1, events=[joined(11, 0)])
    before = await people[1].say("before")
    direct = await people[1].say("between us", to=hex_of(2))
    leave(database, chain, 3)
    after = await people[1].say("after")
    pair = "Conversation:0x" + "".join(hex_of(n)[2:] for n in (1, 2))
    of_group = f"Conversation:0x{key_of(1).hex()}"
    readers = {
        before["id"]: {1, 2, 3, 4},
        after["id"]: {1, 2, 4},
        direct["id"]: {1, 2},
        "Message:11-0": {1, 2, 3, 4},
        pair: {1, 2},
        of_group: {1, 2, 3, 4, 9},
    }
    for id_, may in readers.items():
        for who in (1, 2, 3, 4, 9):
            node = (await people[who].data(NODE, id=id_))["node"]
            assert node == ({"__typename": id_.split(":")[0], "id": id_} if who in may else None)
        assert (await client.error(NODE, id=id_))["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("id_", ["Message:1", "Message:x-1", "Conversation:0x12", "File:x"])
async def test_what_is_no_id_of_anything_written_is_refused(people: People, id_: str) -> None:
    told = await people[1].error(NODE, id=id_)
    assert (told["code"], told["argument"]) == ("BAD_USER_INPUT", "id")


@pytest.mark.parametrize("id_", ["Message:7:7", "Message:9-9", f"Conversation:0x{'1' * 64}"])
async def test_an_id_of_nothing_is_null(people: People, id_: str) -> None:
    assert await people[1].data(NODE, id=id_) == {"node": None}
