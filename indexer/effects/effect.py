"""An effect: somebody hears of something, once its block is as final as it has to be."""

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from indexer.units import Address, Hash32


class Finality(IntEnum):
    """What an effect's block has to be first; the number is how the table says it."""

    LATEST = 0
    SAFE = 1
    FINALIZED = 2


class Kind(IntEnum):
    """What somebody hears of; the number is how the tables say it, and is never used again."""

    INVITED = 0
    JOINED = 1
    ROLE_CHANGED = 2
    MUTED = 3
    REMOVED = 4
    JOIN_REQUESTED = 5
    REQUEST_APPROVED = 6
    REQUEST_REJECTED = 7
    PAYMENT_CREATED = 8
    CONTRIBUTED = 9
    PAYMENT_COMPLETED = 10
    PAYMENT_CANCELLED = 11
    PAYMENT_DUE = 12
    PACKET_SENT = 13
    PACKET_CLAIMED = 14
    PACKET_EMPTIED = 15
    PACKET_EXPIRED = 16


class Whom(IntEnum):
    """People whom an event does not name: read when they are told, by the key of something."""

    ADMINS = 0
    MEMBERS = 1
    PARTICIPANTS = 2
    CONTRIBUTORS = 3
    UNPAID = 4
    INITIATOR = 5
    RECIPIENTS = 6
    SENDER = 7


class Audience(NamedTuple):
    """Whoever is `whom` of the group, payment or packet `key`."""

    whom: Whom
    key: Hash32


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Who hears of what. `arguments` are JSON: hex, amounts in decimal digits.

    `but` do not hear of it, whatever they are. `refunds` are told to each of them alone.
    """

    kind: Kind
    people: tuple[Address, ...] = ()
    audiences: tuple[Audience, ...] = ()
    but: tuple[Address, ...] = ()
    arguments: dict[str, Any] = field(default_factory=dict)
    refunds: dict[str, str] = field(default_factory=dict)
    finality: Finality = Finality.LATEST


PEOPLE = 0
"""The target that stands for people; webhooks are numbered from 1 on."""


def key(block: Hash32, log: int, kind: Kind, target: int = PEOPLE) -> bytes:
    """The idempotency key of an effect of this log: 32 bytes, the same however often it is sent."""
    place = b"%d/%d/%d" % (log, kind, target)
    return hashlib.sha256(block + place).digest()
