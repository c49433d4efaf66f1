"""Random operations over the whole schema, with values that nobody should send among the others."""

import base64
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from tests.integration.api.operations import LISTS, Operation, Word
from tests.integration.api.rows import Row, account, id_of, key_of

STRINGS: Final = [
    "", " ", "a", "group_1", "\u0000", "a\u0000b", "\ud800", "\uffff", "\U0010ffff", "🧧" * 40, "%",
    "_%\\", "'; DROP TABLE groups; --", "e\u0301" * 50, "\u202e\u200f", "\ufeff", "x" * 20_000,
    "\u0663", "\u00b2", "\uff11\uff12", "9" * 5000, "-0", "0x", "0xZZ", "null", "{}", "\r\n\t",
    "\x7f\x1b[31m", "a:b:c",
]  # fmt: skip
NUMBERS: Final = [
    0, 1, - 1, 200, 201, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53 + 1, 2 ** 63,
    2 ** 64, 10 ** 80, 1.0, 2.5, - 0.0, 1e20, 1e308,
]  # fmt: skip
TIMES: Final = ["2023-11-14", "0001-01-01", "9999-12-31", "2023-02-30", "2023-11-14T22:13:20Z"]
HASHES: Final = [
    "0x" + "00" * 32,
    "0x" + "FF" * 32,
    "0x" + "ab" * 31,
    "ab" * 32,
    "0x" + "\u0660" * 64,
]
ADDRESSES: Final = ["0x" + "Ab" * 20, "0x" + "ff" * 20, "0x" + "ff" * 19, "0x" + "\u0660" * 40]
IDS: Final = ["1-0", "3-30", "3-30@0", "0-0", "9" * 19 + "-1", "1-" + "9" * 10, "1-1@" + "9" * 19]
KINDS: Final = [
    "Group",
    "Member",
    "Payment",
    "RedPacket",
    "Claim",
    "User",
    "File",
    "Message",
    "Nope",
]
MARKS: Final = ["groups.created", "payments.created", "members.joined", "events.place", "nope"]
NAMING: Final = ["groupId", "groupId", "key", "recipient"]
"""Arguments of which one is to be given."""
PAGING: Final = ("last", "after", "before")
ODD: Final = [0, 0, 0, 0, 0.05, 0.3]
"""The share of an operation's values that are odd; half as many are of another type."""


class Wild(Operation):
    """Of any field, with any argument that it has."""

    def __init__(
        self, schema: GraphQLSchema, rows: Mapping[str, list[Row]], seed: int, root: str
    ) -> None:
        self._odd = random.Random(seed).choice(ODD)
        super().__init__(schema, rows, seed, root)

    def _fields(self, type_name: str, depth: int) -> Sequence[str]:
        known = self._type(type_name).fields
        if depth > 0:
            return sorted(known)
        leaves = [name for name in known if is_leaf_type(get_named_type(known[name].type))]
        return leaves or ["__typename"]

    def _selection(self, type_name: str, depth: int) -> str:
        type_ = self._schema.get_type(type_name)
        if is_abstract_type(type_):
            one = self._random.choice(self._schema.get_possible_types(type_)).name
            return f"{{ __typename ... on {one} {super()._selection(one, depth)} }}"
        if type_name == "Subscription":
            name = self._random.choice(sorted(self._type(type_name).fields))
            return "{ " + self._field(type_name, name, depth, 0) + " }"
        return super()._selection(type_name, depth)

    def _field(self, type_name: str, name: str, depth: int, place: int) -> str:
        if name == "__typename":
            return f"a{place}: __typename"
        return super()._field(type_name, name, depth, place)

    def _arguments(self, type_name: str, name: str, known: Mapping[str, Any]) -> dict[str, str]:
        if (type_name, name) in LISTS and self._chance(0.6):
            return super()._arguments(type_name, name, known)
        one = self._random.choice(NAMING)
        chosen = [
            key
            for key, argument in known.items()
            if is_required_argument(argument)
            or self._chance(self._odd)
            or (key == one if key in NAMING else key not in PAGING and self._chance(0.4))
        ]
        return {
            key: self._given(str(known[key].type), self._maker_of(key, known[key].type))
            for key in chosen
        }

    def _maker_of(self, name: str, type_: Any) -> Callable[[], Any]:
        return lambda: self._any(name, type_)

    def _any(self, name: str, type_: Any) -> Any:
        """A value for an argument or a field of this name."""
        if self._chance(self._odd / 2):
            return self._random.choice([None, True, [], {}, [[1]], *STRINGS, *NUMBERS])
        match type_:
            case GraphQLNonNull():
                return self._some(name, type_.of_type)
            case _ if self._chance(self._odd):
                return None
        return self._some(name, type_)

    def _some(self, name: str, type_: Any) -> Any:
        """Such a value that is not null."""
        match type_:
            case GraphQLNonNull():
                return self._some(name, type_.of_type)
            case GraphQLList():
                return [self._any(name, type_.of_type) for _ in range(self._random.randint(0, 3))]
            case GraphQLEnumType():
                return Word(self._random.choice(sorted(type_.values)))
            case GraphQLInputObjectType():
                return self._object(type_)
        return self._scalar(name, type_.name)

    def _object(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        return {
            key: self._any(key, field.type)
            for key, field in type_.fields.items()
            if is_required_input_field(field) or self._chance(0.3)
        }

    def _scalar(self, name: str, type_name: str) -> Any:
        right, odd = self._values(name, type_name)
        return self._random.choice(odd if self._chance(self._odd) else right)

    def _values(self, name: str, type_name: str) -> tuple[Sequence[Any], Sequence[Any]]:
        """Right ones and odd ones."""
        few = self._random.randint(0, 10)
        match type_name:
            case "Int":
                return [few], NUMBERS
            case "BigInt":
                return [few, str(2**few)], [*NUMBERS, *map(str, NUMBERS), "1" * 101, "0x10", "007"]
            case "Boolean":
                return [True, False], [1, "true"]
            case "Address":
                return [self._address()], ADDRESSES
            case "Bytes32":
                return [self._id(id_of), self._id(key_of)], HASHES
            case "Bytes":
                return ["0x", "0x00", "0x" + "ab" * 65], ["0x0", *STRINGS]
            case "Date" | "DateTime":
                return TIMES[:1] if type_name == "Date" else TIMES[-1:], TIMES
            case "ID":
                return [self._thing(), "3-30"], [self._thing(), *IDS, *STRINGS]
        if name in ("after", "before"):
            return [self._mark(), "3-30"], [self._mark(), *STRINGS]
        return [f"group_{few}", "a", "hello"], STRINGS

    def _thing(self) -> str:
        """What an id looks like, or nearly."""
        one = self._random.randint(1, 6)
        parts = [key_of(one).hex(), id_of(one).hex(), account(one).hex(), "0", str(10**18)]
        some = self._random.choices(parts, k=self._random.randint(0, 3))
        made = ":".join([self._random.choice(KINDS), *("0x" + part for part in some)])
        return self._random.choice([made, made, *IDS, f"Message:{one}:{10**15}", "Message:1-1"])

    def _mark(self) -> str:
        """What a cursor looks like, or nearly."""
        values: list[Any] = self._random.choices([*NUMBERS, *STRINGS, None, [], True], k=2)
        told = json.dumps([self._random.choice(MARKS), *values]).encode()
        made = base64.urlsafe_b64encode(told).decode().rstrip("=")
        return self._random.choice([made, made, made + "=", made[:-1], *IDS, *STRINGS])
