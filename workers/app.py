"""The Celery application: tasks acknowledged when done, lost ones delivered again."""

from datetime import timedelta
from typing import Final

from celery import Celery

from workers.tasks import partitions

SCHEDULE: Final = {
    "partitions ahead": {"task": "partitions.ahead", "schedule": timedelta(hours=1)},
}


def create_app(redis_url: str, database_url: str) -> Celery:
    """The application with its tasks, on this broker and for this database."""
    app = Celery("dchat", broker=redis_url)
    app.conf.update(
        accept_content=["json"],
        beat_schedule=SCHEDULE,
        broker_connection_retry_on_startup=True,
        enable_utc=True,
        task_acks_late=True,
        task_default_queue="dchat",
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
    )
    partitions.register(app, database_url)
    return app


def work(redis_url: str, database_url: str, *, level: str, concurrency: int) -> None:
    """Works off tasks until told to stop."""
    words = ["worker", f"--loglevel={level}", f"--concurrency={concurrency}", "--without-mingle"]
    create_app(redis_url, database_url).worker_main(words)


def beat(redis_url: str, database_url: str, *, level: str, schedule: str) -> None:
    """Sends the scheduled tasks until told to stop; `schedule` is the file of when."""
    create_app(redis_url, database_url).Beat(loglevel=level, schedule=schedule).run()
