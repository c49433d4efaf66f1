"""What is compared, and where the index and the chain do not say the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, assert_never

from indexer.projections.entities import Entity, EntityKind
from indexer.units import Address, checksum, to_hex

Shown = list["Shown"] | str | bool | None
"""JSON: integers are decimal strings, addresses have their checksum, other bytes are 0x hex."""


class User(NamedTuple):
    """An address, with the lists that are its own."""

    key: Address


class GroupName(NamedTuple):
    """The hash of a group id, with what was made under it, whether or not the group exists."""

    key: bytes


class Whole(NamedTuple):
    """What is no entity's: a table, a contract's balance."""

    name: str


Subject = Entity | User | GroupName | Whole

WORDS: Final = {
    EntityKind.GROUP: "group",
    EntityKind.PAYMENT: "payment",
    EntityKind.REFUND: "refund",
    EntityKind.RED_PACKET: "red packet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`source` is the view or the table that was compared, `of` the address that it is about.

    `row` is the rest of a table's key, if it has one. `chain` is what the contract, the node or the
    facts say.
    """

    subject: Subject
    source: str
    field: str
    index: Shown
    chain: Shown
    of: Address | None = None
    row: Shown = None


def shown(value: Any) -> Shown:
    """The value as JSON has it."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return str(value)
        case datetime():
            return value.isoformat()
        case bytes():
            return checksum(Address(value)) if len(value) == 20 else to_hex(value)
        case dict():
            return [f"{key}: {value[key]}" for key in sorted(value)]
        case _:
            return [shown(each) for each in value]


def named(subject: Subject) -> tuple[str, str]:
    """(what it is, which one), for people and for JSON."""
    match subject:
        case Entity(kind=kind, key=key):
            return WORDS[kind], str(shown(key))
        case User(key=key):
            return "user", str(shown(key))
        case GroupName(key=key):
            return "group id", str(shown(key))
        case Whole(name=name):
            return "whole", name
        case _:
            assert_never(subject)
