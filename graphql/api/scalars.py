"""The scalars: bytes, integers and times inside, what schema.graphql promises outside."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, NewType, TypeVar

import strawberry
from graphql import GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from indexer.units import Address, Hash32, checksum, hash32, to_hex
from indexer.units import address as parse_address

Bytes = NewType("Bytes", bytes)
BigInt = NewType("BigInt", int)

DIGITS: Final = 100
"""A BigInt literal may be this long: uint256 has 78 digits."""

T = TypeVar("T")


@lru_cache(maxsize=65_536)
def show_address(value: Address) -> str:
    """EIP-55; remembered, because a checksum costs a hash."""
    return checksum(value)


def read_address(value: Any) -> Address:
    return parse_address(_string(value, "Address"))


def read_hash(value: Any) -> Hash32:
    return hash32(_string(value, "Bytes32"))


def read_bytes(value: Any) -> Bytes:
    string = _string(value, "Bytes")
    digits = string[2:]
    if not string.startswith("0x") or len(digits) % 2 or (digits and not digits.isalnum()):
        raise ValueError(f"{string[:80]!r} is not 0x and pairs of hex digits")
    return Bytes(bytes.fromhex(digits))


def read_big_int(value: Any) -> BigInt:
    """A decimal string or an Int literal."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    digits = _string(text, "BigInt").removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS):
        raise ValueError(f"{digits[:80]!r} is not a decimal integer of at most {DIGITS} digits")
    return BigInt(int(text))


def show_big_int(value: Any) -> str:
    return str(int(value))


def read_time(value: Any) -> datetime:
    moment = datetime.fromisoformat(_string(value, "DateTime"))
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no offset; write e.g. 2025-01-31T12:00:00Z")
    return moment.astimezone(UTC)


def show_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_date(value: Any) -> date:
    return date.fromisoformat(_string(value, "Date"))


def _string(value: Any, scalar: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{scalar} is written as a string, not as {type(value).__name__}")
    return value


def read_big_int_literal(node: ValueNode, _variables: Any = None) -> BigInt:
    if not isinstance(node, IntValueNode | StringValueNode):
        raise GraphQLError("BigInt is written as a decimal string or as an integer", [node])
    return read_big_int(node.value)


SCALARS: Final[dict[object, ScalarDefinition]] = {
    Address: strawberry.scalar(
        name="Address",
        description="EVM address. Output is EIP-55 checksummed; input takes any case and rejects "
        "a wrong checksum.",
        serialize=show_address,
        parse_value=read_address,
    ),
    Hash32: strawberry.scalar(
        name="Bytes32",
        description="32 bytes, 0x-prefixed lower-case hex.",
        serialize=to_hex,
        parse_value=read_hash,
    ),
    Bytes: strawberry.scalar(
        name="Bytes",
        description="Any bytes, 0x-prefixed lower-case hex.",
        serialize=to_hex,
        parse_value=read_bytes,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="Integer of any size as a decimal string. Amounts are wei.",
        serialize=show_big_int,
        parse_value=read_big_int,
        parse_literal=read_big_int_literal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="RFC 3339, UTC.",
        serialize=show_time,
        parse_value=read_time,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar, such as 2025-01-31.",
        serialize=date.isoformat,
        parse_value=read_date,
    ),
}
