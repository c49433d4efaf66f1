"""Browsers are told, in the language of their user, as a push service of the standard wants it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from indexer.db import dispatch, outbox
from indexer.db.channels import Channel
from indexer.db.connection import connect
from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.units import checksum, to_hex
from indexer.vapid import Vapid
from indexer.vapid_key import new_key, private_key
from tests.fakes.push import Browser, PushService
from tests.integration.workers.conftest import Work
from tests.integration.workers.effects import ANN, BLOCK, BOB, GROUP, ask, begin, effects
from workers.tasks.effects import QUEUES, Doer
from workers.terms import Terms

VAPID = Vapid(key=private_key(new_key()), contact="mailto:ops@dchat.example")
SUBSCRIBE = """
INSERT INTO webhooks (url, secret, address, channel, p256dh, auth) VALUES (%s, '', %s, 1, %s, %s)
"""
GROUPS = """
INSERT INTO groups (key, name, avatar, description, owner, is_public, allow_member_invite,
    require_approval, max_members, mute_all, is_active, member_count, sources, created_at,
    created_block, created_log, updated_block)
VALUES (%s, 'Alpine', '', '', %s, true, true, false, 9, false, true, 1, '{}', now(), 1, 0, 1)
"""
STATES = "SELECT state, last_error FROM outbox WHERE webhook > 0 ORDER BY id"


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService(VAPID.public) as one:
        yield one


@pytest.fixture
def browser(database_url: str, service: PushService) -> Browser:
    """BOB's."""
    one = Browser()
    begin(database_url)
    ask(database_url, GROUPS, GROUP, ANN)
    ask(database_url, SUBSCRIBE, service.url + "bob", BOB, one.p256dh, one.auth)
    return one


@pytest.fixture
def work(database_url: str) -> Iterator[Work]:
    """Does what is due, those that it leads to included."""
    doer = Doer(database_url, Terms(private=True, vapid=VAPID))

    def claimed() -> list[dispatch.Task]:
        with connect(database_url) as connection, connection.cursor() as db:
            lanes = [dispatch.claim(db, channel, most=99, lease=60) for channel in QUEUES]
        return [task for lane in lanes for task in lane]

    def run() -> int:
        count = 0
        while tasks := claimed():
            for task in tasks:
                doer.do(task)
            count += len(tasks)
        return count

    yield run
    doer.close()


def removed(url: str, **how: Any) -> None:
    effects(url, 1, kind=Kind.REMOVED, arguments={"group_key": to_hex(GROUP)}, **how)


def test_a_browser_reads_what_happened_in_its_user_s_language(
    database_url: str, service: PushService, browser: Browser, work: Work
) -> None:
    ask(database_url, "INSERT INTO notification_settings (address, locale) VALUES (%s, 'es')", BOB)
    removed(database_url, people=(BOB, ANN))
    work()
    [(path, headers, body)] = service.messages
    said = json.loads(browser.read(body))
    assert path == "/bob"
    assert said["title"] == "Alpine"
    assert said["body"] == "Te han expulsado de \u2068Alpine\u2069"
    assert (said["kind"], said["recipient"], said["lang"]) == ("REMOVED", checksum(BOB), "es")
    assert len(headers["Topic"]) == 32
    assert ask(database_url, STATES) == [(State.DONE, None)]


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_removed(
    database_url: str, service: PushService, browser: Browser, work: Work, status: int
) -> None:
    service.answers["/bob"] = status
    removed(database_url)
    work()
    assert ask(database_url, "SELECT count(*) FROM webhooks") == [(0,)]
    assert ask(database_url, STATES) == []


def test_a_push_service_that_fails_or_wants_a_pause_is_asked_again(
    database_url: str, service: PushService, browser: Browser, work: Work
) -> None:
    for status in (500, 429):
        service.answers["/bob"] = status
        ask(database_url, "DELETE FROM outbox")
        removed(database_url, block=BLOCK - status % 2)
        work()
        assert ask(database_url, STATES) == [(State.QUEUED, f"it answered {status}")]
    service.answers.clear()
    ask(database_url, "UPDATE outbox SET next_try = now()")
    ask(database_url, "UPDATE webhooks SET rests_until = NULL")
    work()
    assert len(service.messages) == 1


def test_what_was_read_or_is_not_wanted_is_not_pushed(
    database_url: str, service: PushService, browser: Browser, work: Work
) -> None:
    choice = "INSERT INTO notification_choices VALUES (%s, %s, %s)"
    ask(database_url, choice, BOB, Channel.EMAIL, Kind.REMOVED)
    ask(database_url, choice, BOB, Channel.PUSH, Kind.REMOVED)
    removed(database_url)
    work()
    assert ask(database_url, STATES) == []
    ask(database_url, "DELETE FROM notification_choices")
    service.answers["/bob"] = 500
    removed(database_url, block=BLOCK - 1)
    work()
    service.answers.clear()
    ask(database_url, "UPDATE notifications SET read_at = now()")
    ask(database_url, "UPDATE outbox SET next_try = now()")
    work()
    assert service.messages == []
    assert ask(database_url, STATES) == [(State.DONE, None)]


def test_quiet_hours_put_a_push_off_until_they_are_over(
    database_url: str, service: PushService, browser: Browser, work: Work
) -> None:
    hours = (
        "INSERT INTO notification_settings (address, quiet_from, quiet_until)"
        " SELECT %s, (m + 1430) %% 1440, (m + 60) %% 1440 FROM (SELECT"
        " (extract(hour FROM now()) * 60 + extract(minute FROM now()))::int) AS now (m)"
    )
    ask(database_url, hours, BOB)
    removed(database_url)
    work()
    wait = "SELECT state, attempts, next_try > now() + interval '50 minutes' FROM outbox"
    assert ask(database_url, wait + " WHERE webhook > 0") == [(State.QUEUED, 0, True)]
    ask(database_url, "DELETE FROM notification_settings")
    ask(database_url, "UPDATE outbox SET next_try = now()")
    work()
    assert len(service.messages) == 1


def test_what_a_reorg_takes_back_replaces_what_was_pushed(
    database_url: str, service: PushService, browser: Browser, work: Work
) -> None:
    removed(database_url)
    work()
    with connect(database_url) as connection, connection.cursor() as db:
        outbox.settle(db, BLOCK, None, [])
    work()
    (_, first, sent), (_, second, back) = service.messages
    assert first["Topic"] == second["Topic"]
    told, taken = json.loads(browser.read(sent)), json.loads(browser.read(back))
    assert taken["retracts"] == told["key"] == told["tag"] == taken["tag"]
    assert taken["body"].startswith("Taken back by the chain")


def test_without_a_key_it_says_what_to_set(database_url: str, browser: Browser) -> None:
    removed(database_url)
    bare = Doer(database_url, Terms(private=True))
    for channel in QUEUES:
        with connect(database_url) as connection, connection.cursor() as db:
            tasks = dispatch.claim(db, channel, most=9, lease=60)
        for task in tasks:
            bare.do(task)
    bare.close()
    assert ask(database_url, STATES) == [(State.DEAD, "DCHAT_VAPID_KEY is not set")]
