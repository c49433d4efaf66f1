"""What conversations and messages are called, in tables and by clients."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from api.errors import bad_input
from api.paging import BIGINT_MAX, EPOCH
from indexer.units import Address, Hash32

ADDRESS: Final = 20
MICROSECOND: Final = timedelta(microseconds=1)
LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)
MESSAGE_ID: Final = re.compile(r"Message:([0-9]{1,19}):([0-9]{1,18})", re.ASCII)
CARD_ID: Final = re.compile(r"Message:([0-9]{1,19})-([0-9]{1,10})", re.ASCII)


def direct_key(one: Address, other: Address) -> bytes:
    """The key of the conversation of two: both addresses, in order."""
    return min(one, other) + max(one, other)


def is_direct(key: bytes) -> bool:
    """Whether a conversation is one of two people; else its key is that of a group."""
    return len(key) == 2 * ADDRESS


def other_of(key: bytes, viewer: Address) -> Address:
    """With whom the viewer speaks in a direct conversation."""
    one, other = Address(key[:ADDRESS]), Address(key[ADDRESS:])
    return other if one == viewer else one


def group_of(key: bytes) -> Hash32 | None:
    """The group's key; None of a direct conversation."""
    return None if is_direct(key) else Hash32(key)


@dataclass(frozen=True, slots=True)
class MessageId:
    """`Message:<conversation>:<microseconds>`: within a conversation no two are sent at once."""

    conversation: int
    sent_at: datetime

    def __str__(self) -> str:
        return f"Message:{self.conversation}:{(self.sent_at - EPOCH) // MICROSECOND}"

    @classmethod
    def find(cls, text: str) -> Self | None:
        """None for what is no such id."""
        match = MESSAGE_ID.fullmatch(text)
        if match is None:
            return None
        conversation, micros = int(match[1]), int(match[2])
        if conversation > BIGINT_MAX or micros > (LAST - EPOCH) // MICROSECOND:
            return None
        return cls(conversation, EPOCH + timedelta(microseconds=micros))

    @classmethod
    def parse(cls, argument: str, text: str) -> Self:
        """Raises BAD_USER_INPUT for what is no id of a message that somebody wrote."""
        found = cls.find(text)
        if found is None:
            problem = "a card is the index's own" if CARD_ID.fullmatch(text) else "not a message"
            raise bad_input(argument, f"{problem}; give the `id` of a message that somebody wrote")
        return found
