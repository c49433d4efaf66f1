"""`dchat outbox` and `dchat webhooks`: an operator sees, tries again, gives up."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from indexer.cli import dchat
from indexer.db.outbox import State
from indexer.errors import ConfigError
from tests.integration.workers.conftest import Work
from tests.integration.workers.effects import BLOCK, BOB, Receiver, ask, begin, effects


@pytest.fixture(autouse=True)
def index(database_url: str) -> None:
    begin(database_url)


def run(database_url: str, *words: str) -> str:
    result = CliRunner().invoke(dchat, [*words, "--database-url", database_url])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def rows(database_url: str) -> Any:
    return ask(database_url, "SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state")


def bury(database_url: str, *ids: int) -> None:
    ask(
        database_url,
        "UPDATE outbox SET state = 3, attempts = 16, last_error = 'no' WHERE id = ANY(%s)",
        [*ids],
    )


def test_the_outbox_is_shown_with_what_went_wrong(database_url: str) -> None:
    [_, key] = effects(database_url, 2)
    bury(database_url, 2)
    told = run(database_url, "outbox", "list")
    assert "QUEUED            1" in told
    assert f"2 DEAD      REMOVED to people (block {BLOCK}, 16 attempts): no" in told
    shown = json.loads(run(database_url, "outbox", "list", "--json", "--state", "dead"))
    assert shown["counts"] == {"QUEUED": 1, "DEAD": 1}
    assert [(row["id"], row["key"]) for row in shown["rows"]] == [(2, key.hex())]


def test_dead_rows_are_tried_again_or_dropped(database_url: str, work: Work) -> None:
    effects(database_url, 4)
    bury(database_url, 1, 2, 3)
    assert "1 to be tried again" in run(database_url, "outbox", "retry", "1")
    assert "1 dropped" in run(database_url, "outbox", "drop", "2")
    assert "1 to be tried again" in run(database_url, "outbox", "retry", "--dead")
    assert work() == 3
    assert rows(database_url) == [(State.DONE, 3)]
    assert "0 dropped" in run(database_url, "outbox", "drop", "1", "--dead")


@pytest.mark.parametrize("verb", ["retry", "drop"])
def test_nothing_is_changed_that_was_not_named(database_url: str, verb: str) -> None:
    with pytest.raises(ConfigError, match="which rows"):
        run(database_url, "outbox", verb)


def test_an_endpoint_is_added_listed_and_removed(database_url: str, receiver: Receiver) -> None:
    who = "0x" + BOB.hex()
    told = run(database_url, "webhooks", "add", receiver.url, "--kind", "removed", "--address", who)
    assert told.startswith(f"webhook 1: {receiver.url}\nsecret ")
    secret = told.split()[-1]
    assert len(secret) >= 32
    assert (
        run(database_url, "webhooks", "add", "https://x.example", "--secret", "s").count("\n") == 1
    )
    told = run(database_url, "webhooks", "list")
    assert f"1 well: {receiver.url} hears of REMOVED about 0x0202" in told
    assert "2 well: https://x.example hears of everything" in told
    document = run(database_url, "webhooks", "list", "--json")
    assert secret not in told + document
    assert [one["kinds"] for one in json.loads(document)] == [["REMOVED"], None]
    assert run(database_url, "webhooks", "remove", "1") == "webhook 1 removed\n"
    with pytest.raises(ConfigError, match="no webhook 1: see `dchat webhooks list`"):
        run(database_url, "webhooks", "remove", "1")


@pytest.mark.parametrize("words", [["ftp://x.example"], ["https://x.example", "--address", "0x12"]])
def test_an_endpoint_that_makes_no_sense_is_refused(database_url: str, words: list[str]) -> None:
    with pytest.raises(ConfigError):
        run(database_url, "webhooks", "add", *words)


def test_a_replay_sends_again_under_the_same_keys(
    database_url: str, work: Work, receiver: Receiver, hook: int
) -> None:
    effects(database_url, 3)
    work()
    receiver.answers = [200, 404]
    work()
    assert rows(database_url) == [(State.DONE, 4), (State.DEAD, 2)]
    ask(database_url, "UPDATE webhooks SET disabled_at = now()")
    receiver.answers = [200]
    assert "enabled, 2 to be sent again" in run(database_url, "webhooks", "replay", str(hook))
    assert work() == 2
    assert "enabled, 3 to be sent again" in run(database_url, "webhooks", "replay", "1", "--all")
    assert work() == 3
    assert len(receiver.heard) == 8
    assert len({one.key for one in receiver.heard}) == 3


def test_nobody_replays_an_endpoint_that_is_not_there(database_url: str) -> None:
    with pytest.raises(ConfigError, match="no webhook 7"):
        run(database_url, "webhooks", "replay", "7")
