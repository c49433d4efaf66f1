"""The task that mails, every few seconds: for links that somebody waits for, and for digests."""

from datetime import timedelta
from typing import Any, Final

from celery import Celery

from indexer.db.connection import connect, translated
from indexer.settings import Settings
from workers.mail.composing import Sender
from workers.mail.rounds import round_
from workers.mail.sending import Smtp

MAIL: Final = "mail.round"
QUEUE: Final = "dchat.mail"
OFTEN: Final = timedelta(seconds=15)
SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    "mails": {
        "task": MAIL,
        "schedule": OFTEN,
        "options": {"queue": QUEUE, "expires": OFTEN.total_seconds()},
    }
}


def register(app: Celery, database_url: str, settings: Settings | None) -> None:
    """Adds the task; without settings, a worker takes those of its environment."""

    @app.task(name=MAIL, shared=False)  # type: ignore[untyped-decorator]
    def run() -> int:
        return mail(settings or Settings.load(), database_url)


def mail(settings: Settings, database_url: str) -> int:
    """One round; returns how many mails went out. None do where no server is set."""
    if settings.smtp_url is None:
        return 0
    sender = Sender(address=settings.mail_from, public_url=settings.public_url.rstrip("/"))
    with (
        translated(),
        connect(database_url, name="dchat worker") as connection,
        Smtp(settings.smtp_url) as smtp,
    ):
        connection.autocommit = True
        return round_(connection, smtp, sender)
