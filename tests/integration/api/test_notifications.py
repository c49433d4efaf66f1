"""People read what they were told, theirs alone, and say how they want to be told."""

from typing import Any

import pytest
from sqlalchemy import Engine

from api.accounts.viewer import EVERYTHING, Scope, Viewer
from api.context import Context
from api.paging import BIGINT_MAX
from indexer.db.channels import Channel
from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.units import Address
from indexer.vapid_key import encoded
from tests.fakes.push import Browser
from tests.integration.api.conftest import Client
from tests.integration.api.telling import ANN, BOB, asked

LIST = """
query($w: NotificationFilter, $n: Int, $after: String) {
  notifications(where: $w, first: $n, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id kind text readAt group { name } arguments blockNumber } }
  unreadNotificationCount }
"""
SETTINGS = """
fragment All on NotificationSettings { locale zone quietHours { fromMinute untilMinute } pushKey
  unwanted { channel kinds } pushSubscriptions { endpoint }
  mailbox { email verified pauseMinutes } }
"""
ENDPOINT = "https://push.example/abc"


class Person:
    """Somebody who signed in at the API."""

    def __init__(self, client: Client, address: bytes, scopes: frozenset[Scope] = EVERYTHING):
        self._client = client
        self.viewer = Viewer(address=Address(address), scopes=scopes)

    def _next(self) -> None:
        self._client._next = Context(self._client.index, viewer=self.viewer)

    async def data(self, query: str, **variables: Any) -> Any:
        self._next()
        return await self._client.data(query, **variables)

    async def error(self, query: str, **variables: Any) -> Any:
        self._next()
        return await self._client.error(query, **variables)

    async def listed(self, **variables: Any) -> list[Any]:
        return (await self.data(LIST, **variables))["notifications"]["nodes"]  # type: ignore[no-any-return]


@pytest.fixture
def ann(client: Client) -> Person:
    return Person(client, ANN)


@pytest.fixture
def bob(client: Client) -> Person:
    return Person(client, BOB)


async def test_each_reads_what_he_was_told_and_nobody_else_does(
    told: Any, ann: Person, bob: Person
) -> None:
    told(ANN, 3)
    told(BOB, 1)
    assert len(await ann.listed()) == 3
    [one] = await bob.listed()
    assert one["text"] == "You were removed from \u2068Group 1\u2069"
    assert (one["kind"], one["group"], one["blockNumber"]) == ("REMOVED", {"name": "Group 1"}, 5)


async def test_who_did_not_sign_in_or_has_not_the_scope_reads_nothing(
    client: Client, told: Any
) -> None:
    assert (await client.error(LIST))["code"] == "UNAUTHENTICATED"
    narrow = Person(client, ANN, frozenset({Scope.MESSAGES_READ}))
    for query in (LIST, "{ notificationSettings { zone } }", "mutation { removeMailbox }"):
        assert (await narrow.error(query))["code"] == "FORBIDDEN"


async def test_pages_hold_each_once_newest_first_while_more_come(told: Any, ann: Person) -> None:
    told(ANN, 7)
    seen, after = [], None
    while True:
        page = (await ann.data(LIST, n=3, after=after))["notifications"]
        seen += [one["id"] for one in page["nodes"]]
        told(ANN, 1, block=6 + len(seen))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    numbers = [int(id_.split(":")[1]) for id_ in seen]
    assert numbers == sorted(numbers, reverse=True)
    assert len(seen) == 7


async def test_read_marks_are_one_s_own_and_can_be_taken_away(
    told: Any, ann: Person, bob: Person
) -> None:
    told(ANN, 4)
    ids = [one["id"] for one in await ann.listed()]
    mark = "mutation($i: [ID!], $u: ID, $r: Boolean! = true) { n: markNotificationsRead(ids: $i,"
    mark += " upTo: $u, read: $r) }"
    assert await bob.data(mark, i=ids) == {"n": 0}
    assert await ann.data(mark, i=ids[:1]) == {"n": 3}
    assert await ann.data(mark, i=ids[:1], r=False) == {"n": 4}
    assert await ann.data(mark, u=ids[1]) == {"n": 1}
    unread = await ann.listed(w={"unread": True})
    assert [one["id"] for one in unread] == ids[:1]
    for wrong in ({}, {"i": ids, "u": ids[0]}, {"i": ["Group:0x1"]}, {"u": ids[0], "r": False}):
        assert (await ann.error(mark, **wrong))["code"] == "BAD_USER_INPUT"
    huge = f"Notification:{BIGINT_MAX + 1}"
    assert (await ann.error(mark, i=[huge]))["argument"] == "ids"


async def test_what_is_not_wanted_in_the_app_is_neither_listed_nor_counted(
    told: Any, ann: Person
) -> None:
    told(ANN, 2)
    told(ANN, 1, kind=Kind.INVITED)
    choose = "mutation($c: [NotificationChoice!]!) { setNotificationChoices(choices: $c)"
    choose += " { unwanted { channel kinds } } }"
    choice = {"channel": "IN_APP", "kinds": ["REMOVED"], "wanted": False}
    answer = await ann.data(choose, c=[choice, choice | {"channel": "EMAIL", "kinds": ["INVITED"]}])
    assert answer["setNotificationChoices"]["unwanted"] == [
        {"channel": "IN_APP", "kinds": ["REMOVED"]},
        {"channel": "EMAIL", "kinds": ["INVITED"]},
    ]
    found = await ann.data(LIST)
    assert [one["kind"] for one in found["notifications"]["nodes"]] == ["INVITED"]
    assert (found["notifications"]["totalCount"], found["unreadNotificationCount"]) == (1, 1)
    everything = {"channel": "IN_APP", "wanted": True}
    await ann.data(choose, c=[everything])
    assert len(await ann.listed(w={"kindIn": ["REMOVED", "INVITED"]})) == 3


async def test_settings_are_kept_and_texts_follow_the_language(told: Any, ann: Person) -> None:
    told(ANN)
    change = "mutation($l: Locale!, $z: String!, $q: QuietHoursInput) { s: setNotificationSettings("
    change += "locale: $l, zone: $z, quietHours: $q) { ...All } }" + SETTINGS
    hours = {"fromMinute": 1320, "untilMinute": 420}
    kept = (await ann.data(change, l="ZH_HANT", z="Asia/Taipei", q=hours))["s"]
    assert (kept["locale"], kept["zone"], kept["quietHours"]) == ("ZH_HANT", "Asia/Taipei", hours)
    assert (await ann.data("{ s: notificationSettings { ...All } }" + SETTINGS))["s"] == kept
    assert (await ann.listed())[0]["text"] == "你已被移出 \u2068Group 1\u2069"
    wrong = {"l": "EN", "z": "Mars/Base"}
    assert (await ann.error(change, **wrong))["argument"] == "zone"
    late = wrong | {"z": "UTC", "q": {"fromMinute": 0, "untilMinute": 1440}}
    assert (await ann.error(change, **late))["argument"] == "quietHours"


@pytest.fixture
def pushing(client: Client) -> None:
    object.__setattr__(client.index, "push_key", "BKey")
    object.__setattr__(client.index, "mails", True)


async def test_a_browser_subscribes_once_and_changes_hands(
    database: Engine, pushing: None, ann: Person, bob: Person
) -> None:
    subscribe = "mutation($e: String!, $p: String!, $a: String!) { subscribeToPush(endpoint: $e,"
    subscribe += " p256dh: $p, auth: $a) { pushKey pushSubscriptions { endpoint } } }"
    browser = Browser()
    keys = {"e": ENDPOINT, "p": encoded(browser.p256dh), "a": encoded(browser.auth)}
    for person in (ann, ann, bob):
        made = (await person.data(subscribe, **keys))["subscribeToPush"]
        assert made == {"pushKey": "BKey", "pushSubscriptions": [{"endpoint": ENDPOINT}]}
    rows = "SELECT address, channel, p256dh, auth FROM webhooks"
    assert asked(database, rows) == [(BOB, Channel.PUSH, browser.p256dh, browser.auth)]
    for argument, value in (
        ("e", "http://push.example/"),
        ("e", "https://a b/"),
        ("e", "https://x/" + "y" * 2000),
        ("p", encoded(bytes(65))),
        ("p", "!"),
        ("a", encoded(bytes(15))),
    ):
        error = await ann.error(subscribe, **(keys | {argument: value}))
        assert error["code"] == "BAD_USER_INPUT"
    for number in range(25):
        await ann.data(subscribe, **(keys | {"e": f"{ENDPOINT}/{number}"}))
    count = "SELECT count(*) FROM webhooks WHERE address = :who"
    assert asked(database, count, who=ANN) == [(20,)]
    gone = 'mutation { unsubscribeFromPush(endpoint: "%s") }'
    assert await ann.data(gone % ENDPOINT) == {"unsubscribeFromPush": False}
    assert await bob.data(gone % ENDPOINT) == {"unsubscribeFromPush": True}


async def test_without_a_key_or_a_server_it_says_what_to_set(ann: Person) -> None:
    browser = 'mutation { subscribeToPush(endpoint: "x", p256dh: "x", auth: "x") { zone } }'
    assert "DCHAT_VAPID_KEY" in (await ann.error(browser))["message"]
    mailbox = 'mutation { setMailbox(email: "a@b.example") { zone } }'
    assert "DCHAT_SMTP_URL" in (await ann.error(mailbox))["message"]


async def test_a_mailbox_is_verified_by_whoever_reads_it_and_left_by_a_click(
    database: Engine, pushing: None, ann: Person, http: Any
) -> None:
    set_ = "mutation($e: String!, $p: Int! = 60) { setMailbox(email: $e, pauseMinutes: $p)"
    set_ += " { mailbox { email verified pauseMinutes } } }"
    unverified = {"email": "Ann@home.example", "verified": False, "pauseMinutes": 60}
    made = await ann.data(set_, e=" Ann@HOME.example ")
    assert made["setMailbox"]["mailbox"] == unverified
    [(code, token)] = asked(database, "SELECT code, token FROM mailboxes")
    assert asked(database, "SELECT email, verifies, state FROM mails") == [
        ("Ann@home.example", True, State.QUEUED)
    ]
    verify, leave = f"/mail/verify?code={code.hex()}", f"/mail/unsubscribe?token={token.hex()}"
    assert "<button>" in (await http.get(verify)).text
    assert asked(database, "SELECT verified_at FROM mailboxes") == [(None,)]
    page = await http.post(verify)
    assert (
        page.status_code == 200 and "form-action 'self'" in page.headers["content-security-policy"]
    )
    same = (await ann.data(set_, e="Ann@home.example", p=5))["setMailbox"]["mailbox"]
    assert same == unverified | {"verified": True, "pauseMinutes": 5}
    assert (await http.get(leave)).status_code == 200
    click = await http.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert click.status_code == 200
    assert asked(database, "SELECT count(*) FROM mailboxes") == [(0,)]
    for gone in (verify, leave, "/mail/verify?code=zz", "/mail/unsubscribe"):
        assert (await http.post(gone)).status_code == 404


async def test_nobody_can_have_many_mails_sent(
    database: Engine, pushing: None, ann: Person
) -> None:
    set_ = "mutation($e: String!) { setMailbox(email: $e) { zone } }"
    for number in range(5):
        await ann.data(set_, e=f"a{number}@home.example")
    error = await ann.error(set_, e="a9@home.example")
    assert (error["argument"], error["limit"]) == ("email", 5)
    for wrong in ("a@b", "@b.example", "a b@c.example", "a\n@b.example", "x" * 255 + "@b.example"):
        assert (await ann.error(set_, e=wrong))["argument"] == "email"
