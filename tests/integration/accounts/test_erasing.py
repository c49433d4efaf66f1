"""What is ours of somebody: given to him, deleted when he says so, and not kept for ever."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, inspect, text

from api.accounts import erasing
from indexer.db import months
from indexer.settings import Settings
from tests.integration.accounts.conftest import Caller
from tests.integration.accounts.wallets import Wallet
from tests.integration.api.rows import group, member, put
from workers.tasks.accounts import erase, prune

ALICE, BOB = Wallet(1), Wallet(2)
SAY = """mutation ($content: String!, $replyTo: ID, $files: [ID!]) {
  sendMessage(groupId: "group_1", content: $content, replyTo: $replyTo, attachments: $files) { id }
}"""
DELETE = "mutation { deleteAccount { messages isDone } }"
HISTORY = """{ group(groupId: "group_1") { messages { nodes {
  content sender deletedAt seq attachments { name } reactions { emoji } } } } }"""
OTHERS = {"members", "conversations", "parties", "key_epochs", "groups"}
"""Tables that name people by what the chain says, or what is other people's too."""


async def signed_in(caller: Caller, wallet: Wallet) -> Caller:
    return caller.having((await wallet.sign_in(caller.data))["accessToken"])


@pytest.fixture
async def people(caller: Caller, database: Engine) -> list[Caller]:
    """Alice, who owns group_1, and Bob, a member; both did some of everything."""
    put(
        database,
        groups=[group(1, owner=ALICE.address)],
        members=[
            member(1, 1, address=ALICE.address, role=2),
            member(1, 2, address=BOB.address, joined_log=9),
        ],
    )
    made = [await signed_in(caller, one) for one in (ALICE, BOB)]
    for number, (one, name) in enumerate(zip(made, ("alice", "bob"), strict=True)):
        form = {"file": (f"{name}.txt", name.encode(), "text/plain")}
        file = (await one.send("POST", "/files", files=form)).json()["id"]
        told = await one.data(SAY, content=f"I am {name} " + "x" * 3000, files=[file])
        id_ = told["sendMessage"]["id"]
        for verb in ('react(id: "%s", emoji: "!")', 'pinMessage(id: "%s")', 'markRead(id: "%s")'):
            if number == 0 or "pin" not in verb:
                await one.data(f"mutation {{ {verb % id_} {{ id }} }}")
        await one.data('mutation { createApiKey(name: "bot", scopes: [KEYS]) { token } }')
        await one.data("mutation { setNotificationSettings(locale: ES) { zone } }")
        choices = "choices: [{channel: PUSH, wanted: false}]"
        await one.data(f"mutation {{ setNotificationChoices({choices}) {{ zone }} }}")
    return made


def naming(database: Engine, wallet: Wallet) -> set[str]:
    """The tables of which a row names the address."""
    found = set()
    with database.connect() as db:
        for table in inspect(db).get_table_names():
            asked = f'SELECT count(*) FROM "{table}" AS t WHERE CAST(t.* AS text) LIKE :hex'
            if db.execute(text(asked), {"hex": f"%{wallet.address.hex()}%"}).scalar_one():
                found.add(table)
    return found


async def exported(one: Caller) -> Any:
    answer = await one.send("GET", "/account/export")
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.text)


async def test_one_is_given_all_of_one_s_own_and_nothing_else(people: list[Caller]) -> None:
    alice, _ = people
    told = await exported(alice)
    assert told["address"] == ALICE.shown
    [message] = told["messages"]
    assert message["content"] == "I am alice " + "x" * 3000 and len(message["files"]) == 1
    counted = {name: len(rows) for name, rows in told.items() if isinstance(rows, list)}
    assert {name for name, rows in counted.items() if rows} == set(
        "sessions apiKeys notificationSettings unwanted files messages reactions receipts".split()
    )
    assert "bob" not in json.dumps(told) and BOB.address.hex() not in json.dumps(told)
    nobody = await alice.having("x").send("GET", "/account/export")
    assert nobody.status_code == 401
    scopes = "[MESSAGES_READ, MESSAGES_WRITE, NOTIFICATIONS, KEYS]"
    made = await alice.data(f'mutation {{ createApiKey(name: "x", scopes: {scopes}) {{ token }} }}')
    bot = alice.having(made["createApiKey"]["token"])
    assert (await bot.send("GET", "/account/export")).status_code == 403
    assert (await bot.error(DELETE))["reason"] == "SCOPE"


async def test_who_deletes_his_account_leaves_nothing_but_places(
    people: list[Caller], caller: Caller, database: Engine, settings: Settings
) -> None:
    alice, bob = people
    file = (await exported(alice))["files"][0]["url"]
    assert (await bob.send("GET", file)).text == "alice"
    begin = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "filename YQ=="}
    whole = {**begin, "Content-Type": "application/offset+octet-stream"}
    assert (await alice.send("POST", "/files/uploads", headers=whole, content=b"half")).is_success
    assert [each.read_bytes() for each in settings.uploads_folder.iterdir()] == [b"half"]
    assert {"sessions", "api_keys", "files", "uploads", "receipts"} < naming(database, ALICE)
    assert (await alice.data(DELETE))["deleteAccount"] == {"messages": 1, "isDone": True}
    assert (await alice.error("{ me { address } }"))["reason"] == "SESSION_ENDED"
    assert naming(database, ALICE) <= OTHERS and not [*settings.uploads_folder.iterdir()]
    with database.connect() as db:
        assert db.execute(text("SELECT count(*) FROM pin_references")).scalar_one() == 1
    first, second = [
        one
        for one in (await bob.data(HISTORY))["group"]["messages"]["nodes"]
        if one["seq"] is not None
    ]
    assert (first["content"], first["sender"], first["attachments"]) == ("", "0x" + "0" * 40, [])
    assert first["deletedAt"] and [first["seq"], second["seq"]] == ["1", "2"]
    assert second["content"].startswith("I am bob") and len(second["reactions"]) == 1
    assert (await bob.send("GET", file)).status_code == 404
    again = await signed_in(caller, ALICE)
    assert (await exported(again))["messages"] == []


async def test_only_who_signed_in_just_now_deletes_an_account(
    people: list[Caller], database: Engine
) -> None:
    with database.begin() as db:
        db.execute(text("UPDATE sessions SET created_at = created_at - interval '11 minutes'"))
    error = await people[0].error(DELETE)
    assert (error["code"], error["reason"]) == ("FORBIDDEN", "SIGN_IN_AGAIN")
    assert len((await exported(people[0]))["messages"]) == 1


async def test_the_workers_erase_what_the_client_did_not_wait_for_and_nothing_newer(
    people: list[Caller],
    caller: Caller,
    database: Engine,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(erasing, "ROUNDS", 0)
    alice, _ = people
    assert (await alice.data(DELETE))["deleteAccount"] == {"messages": 0, "isDone": False}
    again = await signed_in(caller, ALICE)
    await again.data(SAY, content="here I am again")
    assert erase(database_url) == 1
    contents = [one["content"] for one in (await exported(again))["messages"]]
    assert contents == ["here I am again"]
    assert "erasures" not in naming(database, ALICE)
    assert erase(database_url) == 0


@pytest.fixture
def old(database_url: str) -> Iterator[datetime]:
    """A month of messages that is long over."""
    month = datetime(2020, 1, 1, tzinfo=UTC)
    with psycopg.connect(database_url) as connection:
        months.ensure(connection.cursor(), month, month)
    yield month


def test_old_months_go_once_nobody_reads_them_and_only_where_they_are_to(
    database_url: str, old: datetime
) -> None:
    life = timedelta(days=400).total_seconds()
    assert prune(database_url, 0) == 0
    with psycopg.connect(database_url) as reader:
        reader.execute("SELECT count(*) FROM messages").fetchone()
        assert prune(database_url, life) == 0
    assert prune(database_url, life) == 1
    with psycopg.connect(database_url) as connection:
        assert old not in months.existing(connection.cursor())
    assert prune(database_url, life) == 0


async def test_sessions_that_ended_long_ago_are_forgotten_with_their_tokens(
    people: list[Caller], database: Engine, settings: Settings
) -> None:
    with database.begin() as db:
        db.execute(
            text(
                "UPDATE sessions SET revoked_at = now() - interval '31 days' WHERE address = :who"
            ),
            {"who": ALICE.address},
        )
    prune(settings.database_url or "", 0)
    with database.connect() as db:
        left = db.execute(
            text("SELECT address FROM sessions JOIN refresh_tokens ON session = id")
        ).scalars()
        assert [bytes(one) for one in left] == [BOB.address]
