"""What API processes tell each other through Postgres: which messages are new or have changed.

A notice only names them; each process reads once what stands, if somebody there listens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import orjson

from api.paging import EPOCH

CHANNEL: Final = "dchat_messages"
MOST: Final = 7900
"""Bytes of a notice that Postgres takes, and some to spare."""
MICROSECOND: Final = timedelta(microseconds=1)
Named = tuple[int, datetime]
"""A conversation, and when a message was sent there."""


class Change(StrEnum):
    """Of messages, RECEIPT for their authors alone; the last two are signs of people, and travel
    through Redis.
    """

    ADDED = "a"
    UPDATED = "u"
    RECEIPT = "r"
    TYPING = "t"
    PRESENCE = "p"


@dataclass(frozen=True, slots=True)
class Notice:
    change: Change
    messages: Sequence[Named]


def notice(change: Change, messages: Sequence[Named]) -> str:
    """As it travels: the change, and the messages of each conversation, in microseconds."""
    of: dict[int, list[int]] = {}
    for conversation, sent_at in messages:
        of.setdefault(conversation, []).append((sent_at - EPOCH) // MICROSECOND)
    return orjson.dumps([change, list(of.items())]).decode()


def read(text: str) -> Notice:
    """The notice that was sent."""
    change, of = orjson.loads(text)
    return Notice(Change(change), list(_named(of)))


def _named(of: Sequence[tuple[int, Sequence[int]]]) -> Iterator[Named]:
    for conversation, micros in of:
        for one in micros:
            yield conversation, EPOCH + timedelta(microseconds=one)
