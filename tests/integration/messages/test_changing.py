"""What was said is edited, pinned, forwarded and marked by those who may, and by nobody else."""

from typing import Any

from sqlalchemy import Engine, delete, text

from indexer.db.models import files
from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.rows import account
from tests.integration.messages.conftest import People, Person, hex_of
from tests.integration.messages.test_live import ears, leave
from tests.integration.messages.test_writing import mute

EDIT = """mutation ($id: ID!, $content: String!, $encryption: String) {
  editMessage(id: $id, content: $content, encryption: $encryption) {
    content encryption editedAt seq sentAt } }"""
PIN = 'mutation {{ {}Message(id: "{}") {{ pinnedAt }} }}'
PINNED = '{ conversation(groupId: "group_1") { pinned { content } } }'
FORWARD = """mutation ($id: ID!, $group: String, $to: Address, $clientId: String) {
  forwardMessage(id: $id, groupId: $group, recipient: $to, clientId: $clientId) {
    id content sender forwardedFrom recipient attachments { id } } }"""
MARK = 'mutation {{ mark{}(id: "{}") {{ unreadCount readUntil }} }}'
READ_BY = """{{ node(id: "{}") {{ ... on Message {{
  readBy {{ totalCount nodes {{ reader deliveredAt readAt }} }} }} }} }}"""


async def test_only_its_author_edits_a_message_and_only_while_he_may_write(
    people: People, chain: Chain, database: Engine
) -> None:
    message = await people[3].say("helo")
    for who, reason in ((1, "NOT_YOURS"), (9, "NOT_A_MEMBER")):
        told = await people[who].error(EDIT, id=message["id"], content="mine")
        assert told["reason"] == reason
    edited = (await people[3].data(EDIT, id=message["id"], content="hello"))["editMessage"]
    assert edited["editedAt"] and (edited["seq"], edited["sentAt"]) == ("1", message["sentAt"])
    mute(database, 3, block=chain.grow(1))
    told = await people[3].error(EDIT, id=message["id"], content="again")
    assert (told["reason"], told["block"]) == ("MUTED", 11)
    assert [one["content"] for one in await people[1].history()] == ["hello"]


async def test_an_edit_is_bounded_like_what_is_sent(people: People) -> None:
    message = await people[1].say("short")

    async def refused(content: str, encryption: str | None = None) -> Any:
        given = {"id": message["id"], "content": content, "encryption": encryption}
        return (await people[1].error(EDIT, **given))["argument"]

    assert await refused("x" * 16_385) == await refused("  ") == "content"
    assert await refused("not base64!", "mls") == await refused("A" * 87_388, "mls") == "content"
    for content in ("long " * 3000, "short again", "文" * 5000):
        edited = (await people[1].data(EDIT, id=message["id"], content=content))["editMessage"]
        assert edited["content"] == content == (await people[2].history())[0]["content"]
    cipher = await people[1].data(EDIT, id=message["id"], content="AAAA", encryption="mls")
    assert cipher["editMessage"]["encryption"] == "mls"
    await people[1].do("deleteMessage", message)
    assert "deleted" in (await people[1].error(EDIT, id=message["id"], content="back"))["message"]


async def test_admins_pin_in_groups_and_both_in_direct_conversations(people: People) -> None:
    said = [await people[3].say(str(n)) for n in range(3)]
    refused = await people[3].error(PIN.format("pin", said[0]["id"]))
    assert refused["reason"] == "NOT_AN_ADMIN"
    for message in (said[2], said[0], said[0]):
        assert (await people[2].do("pinMessage", message))["pinnedAt"]
    assert await _pinned(people[4]) == ["2", "0"]
    await people[1].do("deleteMessage", said[2])
    assert (await people[1].do("unpinMessage", said[0]))["pinnedAt"] is None
    assert await _pinned(people[4]) == await _pinned(people[9]) == []
    direct = await people[3].say("between us", to=hex_of(4))
    assert (await people[4].do("pinMessage", direct))["pinnedAt"]
    stranger = await people[1].error(PIN.format("pin", direct["id"]))
    assert stranger["argument"] == "id"


async def _pinned(person: Person) -> list[str]:
    found = await person.data(PINNED)
    return [one["content"] for one in found["conversation"]["pinned"]]


async def test_a_conversation_has_so_many_pins(people: People, database: Engine) -> None:
    first = await people[1].say("first")
    with database.begin() as db:
        db.execute(
            text(
                "INSERT INTO message_pins (conversation, sent_at, pinned_by) SELECT id,"
                " last_at + n * interval '1 s', '' FROM conversations, generate_series(1, 100) n"
            )
        )
    told = await people[1].error(PIN.format("pin", first["id"]))
    assert (told["code"], told["limit"]) == ("LIMIT_EXCEEDED", 100)


async def test_what_one_may_read_is_forwarded_with_its_author_and_once(people: People) -> None:
    long = "said " * 1000
    message = await people[3].say(long)
    given = {"id": message["id"], "to": hex_of(9), "clientId": "once"}
    once = (await people[2].data(FORWARD, **given))["forwardMessage"]
    again = (await people[2].data(FORWARD, **given))["forwardMessage"]
    assert once["id"] == again["id"] and once["content"] == long
    assert (once["forwardedFrom"].lower(), once["recipient"].lower()) == (hex_of(3), hex_of(9))
    on = (await people[9].data(FORWARD, id=once["id"], to=hex_of(4)))["forwardMessage"]
    assert (on["sender"].lower(), on["forwardedFrom"].lower()) == (hex_of(9), hex_of(3))
    refused = await people[9].error(FORWARD, id=once["id"], group="group_1")
    assert refused["reason"] == "NOT_A_MEMBER"
    assert (await people[9].error(FORWARD, id=message["id"], to=hex_of(4)))["code"] == "FORBIDDEN"
    secret = await people[3].say("AAAA", encryption="mls")
    assert (await people[2].error(FORWARD, id=secret["id"], to=hex_of(9)))["argument"] == "id"


async def test_files_that_were_given_up_are_not_forwarded(people: People, database: Engine) -> None:
    kept, gone = _file(database, 3, b"kept"), _file(database, 3, b"gone")
    send = """mutation ($files: [ID!]) {
      sendMessage(groupId: "group_1", kind: FILE, attachments: $files) { id } }"""
    both = (await people[3].data(send, files=[gone, kept]))["sendMessage"]
    only = (await people[3].data(send, files=[gone]))["sendMessage"]
    caption = await people[3].data(EDIT, id=both["id"], content="")
    assert caption["editMessage"]["content"] == "", "a file needs no words"
    with database.begin() as db:
        db.execute(delete(files).where(files.c.cid == _cid(b"gone")))
    found = (await people[2].data(FORWARD, id=both["id"], to=hex_of(9)))["forwardMessage"]
    assert [one["id"] for one in found["attachments"]] == [kept]
    assert "given up" in (await people[2].error(FORWARD, id=only["id"], to=hex_of(9)))["message"]


def _file(database: Engine, owner: int, mark: bytes) -> str:
    given = {"owner": account(owner), "name": "a", "size": 1, "media_type": "x/y"}
    row = {**given, "private": True, "cid": _cid(mark)}
    with database.begin() as db:
        [[id_]] = db.execute(files.insert().returning(files.c.id), [row])
    return f"File:{id_}"


def _cid(mark: bytes) -> bytes:
    return b"\x01\x55\x12\x20" + mark.ljust(32, b"\0")


async def test_receipts_reach_up_to_a_message_and_never_go_back(people: People) -> None:
    one, two, three = [await people[1].say(str(n)) for n in range(3)]

    async def read_by(message: Any) -> dict[int, tuple[bool, bool]]:
        found = (await people[4].data(READ_BY.format(message["id"])))["node"]["readBy"]
        assert found["totalCount"] == len(found["nodes"])
        return {
            int(row["reader"], 16): (bool(row["deliveredAt"]), bool(row["readAt"]))
            for row in found["nodes"]
        }

    assert await _mark(people[2], "Read", two) == (1, two["sentAt"])
    assert await _mark(people[3], "Delivered", three) == (3, None)
    assert await _mark(people[2], "Read", one) == (1, two["sentAt"])
    assert await _mark(people[1], "Read", three) == (0, three["sentAt"]), "one's own"
    assert await read_by(one) == await read_by(two) == {2: (True, True), 3: (True, False)}
    assert await read_by(three) == {3: (True, False)}
    await _mark(people[3], "Read", three)
    assert (await read_by(three))[3] == (True, True)


async def test_marks_of_long_ago_are_forgotten_once_a_later_one_says_the_same(
    people: People, database: Engine
) -> None:
    said = [await people[1].say(str(n)) for n in range(4)]
    await _mark(people[2], "Read", said[0])
    await _mark(people[2], "Delivered", said[1])
    with database.begin() as db:
        db.execute(
            text(
                "UPDATE receipts SET delivered_at = delivered_at - interval '31 days',"
                " read_at = read_at - interval '31 days'"
            )
        )

    def rows() -> int:
        with database.begin() as db:
            return int(db.execute(text("SELECT count(*) FROM receipts")).scalar_one())

    assert await _mark(people[2], "Delivered", said[2]) == (3, said[0]["sentAt"])
    assert rows() == 2, "how far he has read is known by the first alone"
    assert await _mark(people[2], "Read", said[3]) == (0, said[3]["sentAt"])
    assert rows() == 2


async def _mark(person: Person, verb: str, message: Any) -> tuple[int, str | None]:
    found = (await person.data(MARK.format(verb, message["id"])))[f"mark{verb}"]
    return found["unreadCount"], found["readUntil"]


HEAR = "subscription { messageUpdated { content readBy { nodes { reader readAt } } } }"


async def test_authors_in_a_group_hear_who_read_theirs_and_of_two_people_both_do(
    people: People, client: Client
) -> None:
    """Each once: of what was read before nobody hears again."""
    said = [await people[who].say(f"{who}.{n}") for n, who in enumerate((1, 2, 1, 3))]
    direct = await people[3].say("between us", to=hex_of(4))
    listening = [(people[who], HEAR) for who in (1, 2, 3, 4)]
    one, two, three, four = await ears(client, *listening)
    await _mark(people[4], "Read", said[1])
    await _mark(people[4], "Read", said[3])
    await _mark(people[4], "Read", said[2])
    await _mark(people[4], "Read", direct)
    assert [told["content"] for told in await one.until(2)] == ["1.0", "1.2"]
    assert [told["content"] for told in await two.until(1)] == ["2.1"]
    assert [told["content"] for told in await three.until(2)] == ["3.3", "between us"]
    assert [told["content"] for told in await four.until(1)] == ["between us"]
    assert int(one.heard[0]["readBy"]["nodes"][0]["reader"], 16) == 4
    for ear in (one, two, three, four):
        await ear.stop()
    assert [len(ear.heard) for ear in (one, two, three, four)] == [2, 1, 2, 1]


async def test_who_left_takes_back_what_he_said_and_does_nothing_else(
    people: People, chain: Chain, database: Engine
) -> None:
    mine, other = await people[3].say("mine"), await people[1].say("other")
    leave(database, chain, 3)
    for verb, more in (("react", ', emoji: "👍"'), ("editMessage", ', content: "x"')):
        asked = f'mutation {{ {verb}(id: "{mine["id"]}"{more}) {{ id }} }}'
        assert (await people[3].error(asked))["reason"] == "LEFT"
    assert (await people[3].error(MARK.format("Read", other["id"])))["reason"] == "LEFT"
    assert (await people[3].error(FORWARD, id=other["id"], to=hex_of(9)))["reason"] == "LEFT"
    assert (await people[3].do("deleteMessage", mine))["deletedAt"]
    deleting = f'mutation {{ deleteMessage(id: "{other["id"]}") {{ id }} }}'
    assert (await people[3].error(deleting))["reason"] == "LEFT"
