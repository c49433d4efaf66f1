"""The Celery application: tasks acknowledged when done, lost ones delivered again."""

import os
from datetime import timedelta
from typing import Final

from celery import Celery, Task
from celery.signals import worker_ready, worker_shutting_down

from indexer.errors import Retryable
from indexer.settings import Settings
from workers.fetching import tasks as fetching
from workers.ipfs import tasks as ipfs
from workers.mail import tasks as mail
from workers.relay import Relay, start
from workers.tasks import accounts, effects, partitions
from workers.terms import Terms

SCHEDULE: Final = {
    "partitions ahead": {"task": "partitions.ahead", "schedule": timedelta(hours=1)},
    "deadlines noticed": {"task": effects.NOTICE, "schedule": timedelta(minutes=1)},
    "outbox pruned": {"task": effects.PRUNE, "schedule": timedelta(hours=24)},
    **accounts.SCHEDULE,
    **ipfs.SCHEDULE,
    **mail.SCHEDULE,
}
DEFAULT_QUEUE: Final = "dchat"
QUEUES: Final = (DEFAULT_QUEUE, *effects.QUEUES.values(), ipfs.QUEUE, mail.QUEUE)
FETCHING: Final = fetching.QUEUE
DEFAULTS: Final = Terms()
TRANSPORT: Final = {
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    # Whoever sends is told of a broker that is not there, and tries again by itself.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
}


class Errand(Task):  # type: ignore[misc]
    """A task; that something it needs is away is one line in the log, and no traceback."""

    throws = (Retryable,)


def create_app(
    redis_url: str,
    database_url: str,
    terms: Terms = DEFAULTS,
    settings: Settings | None = None,
    give: fetching.Give | None = None,
) -> Celery:
    """The application with its tasks, on this broker and for this database.

    `give` fetches stretches of history.
    """
    app = Celery("dchat", broker=redis_url, task_cls=Errand)
    app.conf.update(
        accept_content=["json"],
        beat_schedule=SCHEDULE,
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_transport_options=TRANSPORT,
        enable_utc=True,
        task_acks_late=True,
        task_default_queue=DEFAULT_QUEUE,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
    )
    partitions.register(app, database_url)
    accounts.register(app, database_url, settings)
    effects.register(app, database_url, terms)
    ipfs.register(app, database_url, settings)
    mail.register(app, database_url, settings)
    if give is not None:
        fetching.register(app, redis_url, give)
    return app


def work(
    redis_url: str,
    database_url: str,
    *,
    level: str,
    concurrency: int,
    queues: str = ",".join(QUEUES),
    terms: Terms = DEFAULTS,
    settings: Settings | None = None,
    give: fetching.Give | None = None,
) -> None:
    """Works off the tasks of these queues, and relays what is due, until told to stop.

    Without a database there is nothing to relay.
    """
    app = create_app(redis_url, database_url, terms, settings, give)
    if database_url:
        relay = Relay(app=app, redis_url=redis_url, database_url=database_url, lease=terms.lease)
        worker_ready.connect(lambda **_: start(relay), weak=False)
        worker_shutting_down.connect(lambda **_: relay.stopping.set(), weak=False)
    words = ["worker", f"--loglevel={level}", f"--concurrency={concurrency}", "--without-mingle"]
    name = f"--hostname=dchat-{os.getpid()}@%h"
    app.worker_main([*words, name, f"--queues={queues}"])


def beat(redis_url: str, database_url: str, *, level: str, schedule: str) -> None:
    """Sends the scheduled tasks until told to stop; `schedule` is the file of when."""
    create_app(redis_url, database_url).Beat(loglevel=level, schedule=schedule).run()
