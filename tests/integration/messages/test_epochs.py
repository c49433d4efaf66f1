"""What is encrypted for a group is taken only under the epoch of its key that stands."""

from typing import Any

import pytest
from sqlalchemy import Engine

from indexer.units import keccak
from tests.integration.api.engine import Chain
from tests.integration.api.listener import joined
from tests.integration.api.rows import put
from tests.integration.messages.conftest import People, Person, hex_of

SEND = """mutation ($group: String, $to: Address, $content: String!, $encryption: String,
    $epoch: String, $clientId: String) {
  sendMessage(groupId: $group, recipient: $to, content: $content, encryption: $encryption,
    epoch: $epoch, clientId: $clientId) { id epoch encryption } }"""
EDIT = """mutation ($id: ID!, $content: String!, $encryption: String, $epoch: String) {
  editMessage(id: $id, content: $content, encryption: $encryption, epoch: $epoch) {
    content epoch } }"""
SECRET = {"group": "group_1", "content": "AAAA", "encryption": "A256GCM"}
FIRST = f"5-0-{keccak(b'5').hex()}"


@pytest.fixture
def people(people: People, database: Engine) -> People:
    """Somebody joined in block 5."""
    put(database, events=[joined(5, 0)])
    return people


async def send(person: Person, epoch: str | None, **more: Any) -> Any:
    return (await person.data(SEND, **SECRET, epoch=epoch, **more))["sendMessage"]


async def test_the_epoch_ends_with_the_block_that_changes_who_is_in_the_group(
    people: People, chain: Chain
) -> None:
    sent = await send(people[1], FIRST, clientId="mine")
    assert sent["epoch"] == FIRST
    assert (await send(people[1], None))["epoch"] is None, "its key is the client's own affair"
    told = await people[1].error(SEND, **SECRET, epoch="5-1-00")
    assert (told["code"], told["reason"], told["epoch"]) == ("FORBIDDEN", "EPOCH_OVER", FIRST)
    chain.grow(1, events=[joined(11, 3)])
    told = await people[2].error(SEND, **SECRET, epoch=FIRST)
    second = told["epoch"]
    assert told["reason"] == "EPOCH_OVER" and second.startswith("11-3-")
    stale = {"id": sent["id"], "content": "BBBB", "encryption": "A256GCM", "epoch": FIRST}
    assert (await people[1].error(EDIT, **stale))["epoch"] == second
    edited = (await people[1].data(EDIT, **{**stale, "epoch": second}))["editMessage"]
    assert edited == {"content": "BBBB", "epoch": second}
    assert (await send(people[1], FIRST, clientId="mine"))["id"] == sent["id"], (
        "it was sent in time"
    )
    assert (await send(people[2], second))["epoch"] == second
    chain.reorg(1, 1)
    assert (await people[2].error(SEND, **SECRET, epoch=second))["epoch"] == FIRST
    open_ = (await people[1].data(EDIT, id=sent["id"], content="plain"))["editMessage"]
    assert open_ == {"content": "plain", "epoch": None}


@pytest.mark.parametrize(
    "given",
    [
        {"group": "group_1", "content": "plain"},
        {"to": hex_of(2), "content": "AAAA", "encryption": "A256GCM"},
    ],
)
async def test_what_has_no_group_key_has_no_epoch(people: People, given: Any) -> None:
    told = await people[1].error(SEND, **given, epoch=FIRST)
    assert (told["code"], told["argument"]) == ("BAD_USER_INPUT", "epoch")


async def test_ciphertext_is_taken_up_to_its_limit(people: People) -> None:
    largest = "A" * ((65_536 + 2) // 3 * 4)
    given = {"group": "group_1", "encryption": "A256GCM"}
    await people[1].data(SEND, content=largest, **given)
    assert (await people[2].history())[-1]["content"] == largest
    told = await people[1].error(SEND, content=largest + "AAAA", **given)
    assert (told["argument"], told["limit"]) == ("content", 65_536)
