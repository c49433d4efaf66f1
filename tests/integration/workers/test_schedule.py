"""A beat that was started twice by mistake does no harm."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from indexer.db import months
from indexer.settings import Settings
from tests.integration.conftest import TEMPLATE, named
from tests.integration.workers import test_deadlines as deadlines
from tests.integration.workers.effects import ANN, BLOCK, BOB, ask, begin, hash_of
from tests.integration.workers.test_mail import CODE, MAILBOX, TOKEN, MailServer, listening, server
from workers.app import SCHEDULE
from workers.ipfs.reconcile import reconcile
from workers.ipfs.tasks import RECONCILE
from workers.mail.tasks import MAIL, mail
from workers.tasks import accounts
from workers.tasks.effects import NOTICE, PRUNE, Doer
from workers.tasks.partitions import make_ahead
from workers.terms import Terms

__all__ = ["listening", "server"]

TOLD = """
INSERT INTO notifications (recipient, key, kind, arguments, block_number, block_hash, log_index,
    created_at, mail)
SELECT %s, decode(lpad(n::text, 64, '0'), 'hex'), 0, '{}', %s, %s, n,
    now() - make_interval(days => n * 100), CASE n WHEN 1 THEN 0 END
FROM generate_series(0, 4) AS n
"""
OLD = """
INSERT INTO outbox (key, kind, webhook, payload, block_number, block_hash, log_index, finality,
    state, created_at) VALUES ('old', 0, 0, '{}', 1, 'old', 0, 0, 2, now() - interval '99 days')
"""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
STATE = """
SELECT 'outbox', encode(key, 'hex'), state::text FROM outbox
UNION ALL SELECT 'told', encode(key, 'hex'), (mail > 0)::text FROM notifications
UNION ALL SELECT 'mails', email, state::text FROM mails
UNION ALL SELECT 'erasures', encode(address, 'hex'), '' FROM erasures
UNION ALL SELECT 'partition', inhrelid::regclass::text, '' FROM pg_inherits
    WHERE inhparent IN ('events'::regclass, 'messages'::regclass)
ORDER BY 1, 2, 3
"""


@pytest.fixture
def twin(postgres_url: str, database_url: str) -> Any:
    """Another database like the test's."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(clone.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        yield named(postgres_url, name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def fill(url: str) -> None:
    """Something to do for every entry of the schedule."""
    begin(url)
    deadlines.clock(url, deadlines.NOW)
    ask(url, "INSERT INTO blocks VALUES (%s, %s, now())", BLOCK, hash_of(BLOCK))
    deadlines.payment(url, deadlines.NOW + 60)
    deadlines.packet(url, deadlines.NOW)
    ask(url, MAILBOX, BOB, "bob@home.example", TOKEN, CODE)
    ask(url, TOLD, BOB, BLOCK, hash_of(BLOCK))
    ask(url, TOLD, ANN, BLOCK, hash_of(BLOCK))
    ask(url, OLD)
    ask(url, "INSERT INTO erasures VALUES ('gone', now())")
    with psycopg.connect(url) as connection:
        months.ensure(connection.cursor(), LONG_AGO, LONG_AGO)


def doing(url: str, what: Callable[[Doer], int]) -> None:
    """As a worker's process does it."""
    doer = Doer(url, Terms())
    try:
        what(doer)
    finally:
        doer.close()


JOBS: dict[str, Callable[[str, Settings], Any]] = {
    "partitions.ahead": lambda url, _: make_ahead(url),
    NOTICE: lambda url, _: doing(url, Doer.notice),
    PRUNE: lambda url, _: doing(url, Doer.prune),
    MAIL: lambda url, settings: mail(settings, url),
    accounts.ERASE: lambda url, _: accounts.erase(url),
    accounts.PRUNE: lambda url, settings: accounts.prune(url, settings.message_life),
    RECONCILE: lambda url, settings: asyncio.run(reconcile(settings, url, whole=True)),
}


def beat(url: str, settings: Settings, *, times: int) -> None:
    """Every job, so many times at once."""
    for job in JOBS.values():
        with ThreadPoolExecutor(times) as workers:
            for done in [workers.submit(job, url, settings) for _ in range(times)]:
                done.result()


def test_every_entry_of_the_schedule_is_tried() -> None:
    assert {entry["task"] for entry in SCHEDULE.values()} == {*JOBS}


def test_everything_that_is_scheduled_may_be_sent_twice_at_once(
    database_url: str, twin: str, server: MailServer, tmp_path: Path
) -> None:
    settings = Settings(
        smtp_url=f"smtp://127.0.0.1:{server.port}", ipfs_path=tmp_path, message_life=86_400 * 400
    )
    for url, times in ((database_url, 1), (twin, 3)):
        fill(url)
        beat(url, settings, times=times)
    state = ask(database_url, STATE)
    assert state == ask(twin, STATE)
    assert len(server.mails) == 2
    names = [name for name, *_ in state]
    assert {name: names.count(name) for name in names} == {
        "mails": 1,
        "outbox": 2,
        "partition": 5,
        "told": 4,
    }
