"""The vocabulary of the definitions: how a Python field says its place in Solidity's ABI.

A definition is a class whose fields stand in the order of the Solidity arguments. The type of a
field is for its readers; the `Input` beside it is for the decoders:

    class MemberJoined(Fields, frozen=True):
        group_key: GroupKey         # string indexed groupId: the log carries its keccak-256
        member: IndexedAccount      # address indexed member
        timestamp: Uint256          # uint256 timestamp
"""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, get_type_hints

import msgspec

from indexer.units import Address, Hash32, keccak


class Fields(msgspec.Struct, frozen=True, gc=False):
    """The values of one log or call, raw: a Solidity string is bytes, because it need not be UTF-8.

    msgspec's C constructor is several times faster than that of a frozen dataclass, and these are
    made once per log. Nothing in them can form a cycle, so the garbage collector need not look.
    """

    solidity_name: ClassVar[str] = ""


class Payable(Fields, frozen=True, gc=False):
    """The values of a call that may send money along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One argument of an event or a function. `most` is the last value of a Solidity enum."""

    type: str
    name: str = ""
    indexed: bool = False
    most: int | None = None


Uint256 = Annotated[int, Input(type="uint256")]
Flag = Annotated[bool, Input(type="bool")]
String = Annotated[bytes, Input(type="string")]
Account = Annotated[Address, Input(type="address")]
Accounts = Annotated[tuple[Address, ...], Input(type="address[]")]
Id = Annotated[Hash32, Input(type="bytes32")]
IndexedAccount = Annotated[Address, Input(type="address", indexed=True)]
IndexedId = Annotated[Hash32, Input(type="bytes32", indexed=True)]
GroupKey = Annotated[Hash32, Input(type="string", name="groupId", indexed=True)]


def inputs(cls: type[Fields]) -> tuple[Input, ...]:
    """The arguments that a definition declares, under their Solidity names."""
    hints = get_type_hints(cls, include_extras=True)
    declared = [(field, hints[field].__metadata__[0]) for field in cls.__struct_fields__]
    return tuple(replace(input, name=input.name or camel(field)) for field, input in declared)


def signature(name: str, arguments: tuple[Input, ...]) -> str:
    """The canonical signature, e.g. `MemberJoined(string,address,uint256)`."""
    return f"{name}({','.join(argument.type for argument in arguments)})"


def topic0(signature: str) -> Hash32:
    """What the first topic of such an event's logs is."""
    return keccak(signature.encode())


def selector(signature: str) -> bytes:
    """The four bytes that the calldata of such a function begins with."""
    return keccak(signature.encode())[:4]


def camel(snake: str) -> str:
    """`group_name` → `groupName`."""
    first, *rest = snake.split("_")
    return first + "".join(word.capitalize() for word in rest)
