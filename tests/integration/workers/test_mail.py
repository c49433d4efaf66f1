"""Those who verified an address get what happened in few mails, once, and can end it by a click."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from indexer.db import outbox
from indexer.db.channels import Channel
from indexer.db.connection import connect
from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.settings import Settings
from indexer.units import checksum, to_hex
from tests.integration.workers.conftest import Work
from tests.integration.workers.effects import ANN, BLOCK, BOB, GROUP, ask, begin, effects
from tests.integration.workers.processes import free_port
from tests.integration.workers.test_push import GROUPS
from workers.mail.tasks import mail

MAILBOX = """
INSERT INTO mailboxes (address, email, token, code, verified_at) VALUES (%s, %s, %s, %s, now())
"""
TOKEN, CODE = b"\x07" * 16, b"\x08" * 16
STATES = "SELECT state, last_error FROM mails ORDER BY id"


@dataclass(slots=True)
class MailServer:
    """What it took, and what it says to a recipient instead of taking a mail."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = ""

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        data = cast(bytes, envelope.content)
        self.mails.append(message_from_bytes(data, policy=policy.default))
        return "250 OK"


@pytest.fixture(scope="module")
def listening() -> Iterator[MailServer]:
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def server(listening: MailServer) -> MailServer:
    listening.mails.clear()
    listening.answer = ""
    return listening


@pytest.fixture
def settings(server: MailServer, database_url: str) -> Settings:
    """With BOB's verified mailbox in the database."""
    begin(database_url)
    ask(database_url, GROUPS, GROUP, ANN)
    ask(database_url, MAILBOX, BOB, "bob@home.example", TOKEN, CODE)
    return Settings(
        smtp_url=f"smtp://127.0.0.1:{server.port}",
        mail_from="dchat <told@dchat.example>",
        public_url="https://api.dchat.example",
    )


def removed(url: str, many: int, **how: Any) -> None:
    effects(url, many, kind=Kind.REMOVED, arguments={"group_key": to_hex(GROUP)}, **how)


def later(url: str) -> None:
    """The pause between two mails is over."""
    ask(url, "UPDATE mailboxes SET mailed_at = now() - interval '2 hours'")


def test_what_happened_is_told_in_one_mail_in_the_reader_s_language(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    ask(database_url, "INSERT INTO notification_settings (address, locale) VALUES (%s, 'ru')", BOB)
    removed(database_url, 3, people=(BOB, ANN))
    work()
    assert [mail(settings, database_url) for _ in range(2)] == [1, 0]
    [one] = server.mails
    assert (one["To"], one["From"]) == ("bob@home.example", "dchat <told@dchat.example>")
    assert one["Subject"] == "\u20683\u2069 события в ваших группах"
    assert one.get_content().count(": \u2068Alpine\u2069") == 3
    link = f"https://api.dchat.example/mail/unsubscribe?token={TOKEN.hex()}"
    assert link in one.get_content().replace("\n", "")
    assert one["List-Unsubscribe"] == f"<{link}>"
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_between_two_mails_is_a_pause_in_which_things_are_gathered(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    for block in (BLOCK - 2, BLOCK - 1, BLOCK):
        removed(database_url, 40, block=block)
        work()
        mail(settings, database_url)
    later(database_url)
    mail(settings, database_url)
    assert [one["Subject"] for one in server.mails] == [
        f"\u2068{count}\u2069 things happened in your groups" for count in (40, 80)
    ]
    assert "and \u206850\u2069 more" in server.mails[1].get_content()


def test_a_mail_tells_only_of_what_is_safe_and_not_of_what_was_taken_back(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    ask(database_url, "UPDATE cursor SET safe_block = %s", BLOCK - 1)
    removed(database_url, 1)
    work()
    assert mail(settings, database_url) == 0
    with connect(database_url) as connection, connection.cursor() as db:
        outbox.settle(db, BLOCK, None, [])
    ask(database_url, "UPDATE cursor SET safe_block = %s", BLOCK)
    assert mail(settings, database_url) == 0
    removed(database_url, 1, block=BLOCK - 1)
    work()
    assert mail(settings, database_url) == 1


def test_any_number_of_rounds_at_once_send_one_mail(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    removed(database_url, 5)
    work()
    rounds = [threading.Thread(target=mail, args=(settings, database_url)) for _ in range(4)]
    for one in rounds:
        one.start()
    for one in rounds:
        one.join()
    assert len(server.mails) == 1


def test_a_mail_that_may_not_have_gone_out_comes_again_under_its_id(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    """As after a kill between the server's answer and our note of it."""
    removed(database_url, 1)
    work()
    mail(settings, database_url)
    ask(database_url, "UPDATE mails SET state = 1, next_try = now()")
    mail(settings, database_url)
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()


def test_a_server_that_wants_time_is_asked_again_and_one_that_knows_nobody_is_believed(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    removed(database_url, 1)
    work()
    server.answer = "451 greylisted"
    mail(settings, database_url)
    assert ask(database_url, STATES) == [(State.QUEUED, "it answered 451 greylisted")]
    server.answer = "550 no such user"
    ask(database_url, "UPDATE mails SET next_try = now()")
    mail(settings, database_url)
    assert ask(database_url, STATES) == [(State.DEAD, "it answered 550 no such user")]
    assert ask(database_url, "SELECT verified_at FROM mailboxes") == [(None,)]


def test_a_server_that_is_not_there_is_waited_for_and_asked_for_one_mail_at_a_time(
    database_url: str, settings: Settings, work: Work
) -> None:
    ask(database_url, MAILBOX, ANN, "ann@home.example", b"\x05" * 16, b"\x06" * 16)
    removed(database_url, 1, people=(BOB, ANN))
    work()
    away = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}"})
    assert mail(away, database_url) == 0
    wait = "SELECT state, attempts, next_try > now() + interval '10 seconds' FROM mails ORDER BY id"
    assert ask(database_url, wait) == [(State.QUEUED, 1, True), (State.QUEUED, 0, False)]


def test_who_wants_no_mail_or_quiet_gets_none(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    choice = "INSERT INTO notification_choices VALUES (%s, %s, %s)"
    ask(database_url, choice, BOB, Channel.EMAIL, Kind.REMOVED)
    removed(database_url, 1)
    work()
    assert mail(settings, database_url) == 0
    ask(database_url, "DELETE FROM notification_choices")
    now = time.gmtime()
    here = now.tm_hour * 60 + now.tm_min
    quiet = "INSERT INTO notification_settings (address, quiet_from, quiet_until) VALUES (%s,%s,%s)"
    ask(database_url, quiet, BOB, (here - 10) % 1440, (here + 60) % 1440)
    removed(database_url, 1, block=BLOCK - 1)
    work()
    assert mail(settings, database_url) == 0
    ask(database_url, "DELETE FROM notification_settings")
    assert mail(settings, database_url) == 1


def test_who_did_not_verify_is_asked_to_and_told_nothing_else(
    database_url: str, server: MailServer, settings: Settings, work: Work
) -> None:
    ask(database_url, "UPDATE mailboxes SET verified_at = NULL")
    removed(database_url, 1)
    work()
    asking = "INSERT INTO mails (address, email, verifies) VALUES (%s, 'bob@home.example', true)"
    ask(database_url, asking, BOB)
    assert mail(settings, database_url) == 1
    [one] = server.mails
    said = one.get_content().replace("\n", "")
    assert f"https://api.dchat.example/mail/verify?code={CODE.hex()}" in said
    assert checksum(BOB) in said
    assert "List-Unsubscribe" not in one
