"""People have endpoints of their own told what they are told, and nobody else's."""

import asyncio
import hashlib
import hmac
from typing import Any

import pytest
from sqlalchemy import Engine

from indexer.db.channels import Channel
from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.units import to_hex
from tests.integration.api.conftest import Client
from tests.integration.api.telling import ANN, BOB, asked
from tests.integration.api.test_notifications import Person
from tests.integration.workers.conftest import doing
from tests.integration.workers.effects import effects, receiving

FIELDS = "id url kinds state lastError disabledAt"
LIST = f"{{ notificationSettings {{ webhooks {{ {FIELDS} }} }} }}"
CREATE = f"""mutation($u: String!, $k: [NotificationKind!]) {{
  createWebhook(url: $u, kinds: $k) {{ secret webhook {{ {FIELDS} }} }} }}"""
ROTATE = "mutation($i: ID!) { rotateWebhookSecret(id: $i) { secret webhook { id } } }"
ENABLE = f"""mutation($i: ID!, $e: Boolean!) {{
  setWebhookEnabled(id: $i, enabled: $e) {{ {FIELDS} }} }}"""
REPLAY = "mutation($i: ID!, $d: [ID!]) { replayWebhook(id: $i, deliveries: $d) }"
DELETE = "mutation($i: ID!) { deleteWebhook(id: $i) }"
DELIVERIES = """query($n: Int, $a: String) { notificationSettings { webhooks {
  deliveries(first: $n, after: $a) { totalCount pageInfo { hasNextPage endCursor }
    nodes { id key kind state attempts lastError nextTry retracts blockNumber } } } } }"""
HOOK = "https://bot.example/hook"


@pytest.fixture
def ann(client: Client) -> Person:
    return Person(client, ANN)


@pytest.fixture
def bob(client: Client) -> Person:
    return Person(client, BOB)


async def created(who: Person, **given: Any) -> Any:
    return (await who.data(CREATE, **({"u": HOOK} | given)))["createWebhook"]


async def listed(who: Person) -> list[Any]:
    return (await who.data(LIST))["notificationSettings"]["webhooks"]  # type: ignore[no-any-return]


def deliveries(database: Engine, hook: int, *states: State) -> None:
    row = (
        "INSERT INTO outbox (key, kind, webhook, payload, block_number, block_hash, log_index,"
        " finality, state, attempts, last_error) VALUES (:key, :kind, :hook, '{}', 5, :hash, :log,"
        " 0, :state, 3, 'it answered 500')"
    )
    for log, state in enumerate(states):
        key = bytes([hook % 256, log]).rjust(32, b"\x07")
        given = {"key": key, "kind": int(Kind.REMOVED), "hook": hook, "hash": bytes(32), "log": log}
        asked(database, row, **given, state=int(state))


async def test_a_webhook_is_made_listed_and_removed_by_its_owner_alone(
    database: Engine, ann: Person, bob: Person
) -> None:
    made = await created(ann, k=["REMOVED", "INVITED"])
    assert made["webhook"] == {
        "id": made["webhook"]["id"],
        "url": HOOK,
        "kinds": ["INVITED", "REMOVED"],
        "state": "WELL",
        "lastError": None,
        "disabledAt": None,
    }
    assert len(made["secret"]) == 43
    rows = "SELECT secret, address, owner, channel FROM webhooks"
    assert asked(database, rows) == [(made["secret"], ANN, ANN, Channel.WEBHOOK)]
    assert await listed(ann) == [made["webhook"]]
    assert await listed(bob) == []
    one = {"i": made["webhook"]["id"]}
    for query in (ROTATE, REPLAY):
        assert (await bob.error(query, **one))["argument"] == "id"
    assert (await bob.error(ENABLE, **one, e=False))["argument"] == "id"
    assert await bob.data(DELETE, **one) == {"deleteWebhook": False}
    other = (await ann.data(ROTATE, **one))["rotateWebhookSecret"]
    assert asked(database, "SELECT secret FROM webhooks") == [(other["secret"],)]
    assert other["secret"] != made["secret"]
    deliveries(database, int(one["i"].split(":")[1]), State.QUEUED)
    assert await ann.data(DELETE, **one) == {"deleteWebhook": True}
    assert asked(database, "SELECT count(*) FROM outbox") == [(0,)]


async def test_the_operator_s_webhooks_about_somebody_stay_the_operator_s(
    database: Engine, ann: Person
) -> None:
    add = "INSERT INTO webhooks (url, secret, address) VALUES ('https://op.example', 's', :who)"
    asked(database, add, who=ANN)
    assert await listed(ann) == []
    [(number,)] = asked(database, "SELECT id FROM webhooks")
    assert await ann.data(DELETE, i=f"Webhook:{number}") == {"deleteWebhook": False}


@pytest.mark.parametrize(
    "url",
    [
        "http://bot.example/hook",
        "ftp://bot.example/hook",
        "https://user:word@bot.example/",
        "https://bot.example/a b",
        "https:///nowhere",
        "https://127.0.0.1/hook",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[fe80::1]/hook",
        "https://[::ffff:192.168.0.1]/hook",
        "https://[64:ff9b::a00:1]/hook",
        "https://bot.example/" + "x" * 2000,
        "https://bücher.example/",
    ],
)
async def test_nothing_but_the_public_internet_is_called(ann: Person, url: str) -> None:
    error = await ann.error(CREATE, u=url)
    assert (error["code"], error["argument"]) == ("BAD_USER_INPUT", "url")


async def test_one_has_ten_at_most(ann: Person, bob: Person) -> None:
    for _ in range(10):
        await created(ann)
    error = await ann.error(CREATE, u=HOOK)
    assert (error["code"], error["measure"], error["limit"]) == ("LIMIT_EXCEEDED", "webhooks", 10)
    await created(bob)
    assert (await bob.error(CREATE, u=HOOK, k=[]))["argument"] == "kinds"


async def test_deliveries_are_paged_newest_first_and_replayed_by_choice_or_if_given_up(
    database: Engine, ann: Person
) -> None:
    one = {"i": (await created(ann))["webhook"]["id"]}
    hook = int(one["i"].split(":")[1])
    deliveries(database, hook, State.DONE, State.DEAD, State.DEAD, State.RETRACTED, State.DONE)
    deliveries(database, hook + 1, State.DEAD)
    seen, after = [], None
    while True:
        told = await ann.data(DELIVERIES, n=2, a=after)
        page = told["notificationSettings"]["webhooks"][0]["deliveries"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert page["totalCount"] == 5
    assert [one["state"] for one in seen] == ["DONE", "RETRACTED", "DEAD", "DEAD", "DONE"]
    assert {(one["kind"], one["attempts"], one["nextTry"]) for one in seen} == {
        ("REMOVED", 3, None)
    }
    ids = [one["id"] for one in seen]
    assert await ann.data(REPLAY, **one, d=ids[:2]) == {"replayWebhook": 1}
    assert await ann.data(REPLAY, **one) == {"replayWebhook": 2}
    states = "SELECT state FROM outbox WHERE webhook = :hook ORDER BY id"
    expected = [State.DONE, State.QUEUED, State.QUEUED, State.RETRACTED, State.QUEUED]
    assert [state for (state,) in asked(database, states, hook=hook)] == expected
    assert asked(database, states, hook=hook + 1) == [(State.DEAD,)]
    assert (await ann.error(REPLAY, **one, d=["Webhook:1"]))["argument"] == "deliveries"


async def test_what_is_disabled_is_told_nothing_until_it_is_enabled(
    database: Engine, ann: Person
) -> None:
    one = {"i": (await created(ann))["webhook"]["id"]}
    deliveries(database, int(one["i"].split(":")[1]), State.QUEUED, State.SENT, State.DONE)
    for _ in range(2):
        shown = (await ann.data(ENABLE, **one, e=False))["setWebhookEnabled"]
        assert (shown["state"], shown["lastError"]) == ("DISABLED", "its owner disabled it")
    states = "SELECT state FROM outbox ORDER BY id"
    given_up = [(State.DEAD,), (State.DEAD,), (State.DONE,)]
    assert asked(database, states) == given_up
    shown = (await ann.data(ENABLE, **one, e=True))["setWebhookEnabled"]
    assert (shown["state"], shown["lastError"], shown["disabledAt"]) == ("WELL", None, None)
    assert asked(database, states) == given_up
    asked(database, "UPDATE webhooks SET failures = 2, last_error = 'it answered 500'")
    assert (await listed(ann))[0]["state"] == "FAILING"


async def test_a_webhook_is_told_what_its_owner_is_signed_with_the_secret_that_was_shown(
    database_url: str, client: Client, ann: Person
) -> None:
    object.__setattr__(client.index, "private_hooks", True)
    with receiving() as receiver, doing(database_url) as work:
        made = await created(ann, u=receiver.url, k=["REMOVED"])
        for log, people in enumerate([(ANN,), (BOB,)]):
            effects(database_url, 1, block=5 + log, people=people)
        effects(database_url, 1, block=7, people=(ANN,), kind=Kind.ROLE_CHANGED)
        assert [await asyncio.to_thread(work) for _ in range(2)] == [3, 1]
    [one] = receiver.heard
    assert (one.said["recipient"], one.said["block"]["number"]) == (to_hex(ANN), 5)
    signed = one.headers["Dchat-Timestamp"].encode() + b"." + one.body
    wanted = hmac.new(made["secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert one.headers["Dchat-Signature"] == wanted
    page = (await ann.data(DELIVERIES))["notificationSettings"]["webhooks"][0]["deliveries"]
    [node] = page["nodes"]
    assert (node["key"], node["state"]) == (f"0x{one.key}", "DONE")
