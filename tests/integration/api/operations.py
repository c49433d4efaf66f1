"""Random operations over what can be compiled, with arguments of all kinds, right and wrong."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from api.compiled.kinds import KINDS
from api.compiled.roots import CONTRACT, META, ROOTS
from api.reads import events, groups, payments, red_packets
from api.reads.listing import Listing
from tests.integration.api.rows import Row, account, id_of, key_of

LISTS: Final[dict[tuple[str, str], tuple[Listing[Any], str]]] = {
    ("Query", "groups"): (groups.GROUP_LIST, "groups"),
    ("Query", "payments"): (payments.PAYMENT_LIST, "payments"),
    ("Query", "redPackets"): (red_packets.RED_PACKET_LIST, "red_packets"),
    ("Query", "events"): (events.EVENT_LIST, "events"),
    ("Group", "members"): (groups.MEMBER_LIST, "members"),
    ("Group", "joinRequests"): (groups.JOIN_REQUEST_LIST, "join_requests"),
    ("Group", "payments"): (payments.GROUP_PAYMENT_LIST, "payments"),
    ("Group", "redPackets"): (red_packets.GROUP_RED_PACKET_LIST, "red_packets"),
    ("Group", "events"): (events.GROUP_EVENT_LIST, "events"),
    ("Payment", "contributions"): (payments.CONTRIBUTION_LIST, "contributions"),
    ("Payment", "events"): (events.PAYMENT_EVENT_LIST, "events"),
    ("RedPacket", "claims"): (red_packets.CLAIM_LIST, "claims"),
    ("RedPacket", "events"): (events.RED_PACKET_EVENT_LIST, "events"),
    ("User", "memberships"): (groups.MEMBERSHIP_LIST, "members"),
    ("User", "payments"): (payments.USER_PAYMENT_LIST, "payments"),
    ("User", "redPacketsSent"): (red_packets.SENT_RED_PACKET_LIST, "red_packets"),
    ("User", "claims"): (red_packets.USER_CLAIM_LIST, "claims"),
}
FIELDS: Final[Mapping[str, Sequence[str]]] = {
    **{kind: sorted(makes) for kind, makes in KINDS.items()},
    "Query": sorted(ROOTS),
    "Meta": sorted(META),
    "ContractDeployment": sorted(CONTRACT),
    "PageInfo": ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"],
}
NAMES: Final = ["GroupCreated", "MemberJoined", "Unknown", "nope"]
NONSENSE: Final = "nonsense"
"""A cursor that is none."""


class Operation:
    """One operation's text, and values for its variables as often as they are asked for."""

    def __init__(
        self, schema: GraphQLSchema, rows: Mapping[str, list[Row]], seed: int, root: str = "Query"
    ) -> None:
        self._schema, self._rows = schema, rows
        self._random = random.Random(seed)
        self._variables: dict[str, tuple[str, Callable[[], Any]]] = {}
        self._fragments: list[str] = []
        body = self._selection(root, 4)
        heads = (f"${name}: {type_}" for name, (type_, _) in self._variables.items())
        declared = f"({', '.join(heads)})" if self._variables else ""
        self.text = "\n".join([f"{root.lower()} Q{declared} {body}", *self._fragments])

    def variables(self) -> dict[str, Any]:
        return {name: make() for name, (_, make) in self._variables.items()}

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _selection(self, type_name: str, depth: int) -> str:
        names = self._fields(type_name, depth)
        chosen = self._random.sample(names, min(len(names), self._random.randint(1, 4)))
        parts = [self._field(type_name, name, depth, n) for n, name in enumerate(chosen)]
        if self._chance(0.1):
            parts.append(self._random.choice(["__typename", "kind: __typename"]))
        if self._chance(0.15) and len(parts) > 1:
            parts[0] = f"... on {type_name} {{ {parts[0]} }}"
        if self._chance(0.1):
            self._fragments.append(
                f"fragment F{len(self._fragments)} on {type_name} {{ {' '.join(parts)} }}"
            )
            parts = [f"...F{len(self._fragments) - 1}", *parts[:1]]
        return "{ " + " ".join(parts) + " }"

    def _fields(self, type_name: str, depth: int) -> Sequence[str]:
        type_ = self._type(type_name)
        if type_name.endswith("Connection"):
            return ["nodes", "edges", "pageInfo", "totalCount"]
        if type_name.endswith("Edge"):
            return ["cursor", "node"]
        names = FIELDS[type_name]
        if depth > 0:
            return names
        return [n for n in names if is_leaf_type(get_named_type(type_.fields[n].type))]

    def _type(self, name: str) -> GraphQLObjectType:
        type_ = self._schema.get_type(name)
        assert isinstance(type_, GraphQLObjectType)
        return type_

    def _field(self, type_name: str, name: str, depth: int, place: int) -> str:
        field = self._type(type_name).fields[name]
        arguments = self._arguments(type_name, name, field.args)
        alias = f"a{place}: " if arguments or self._chance(0.15) else ""
        told = f"({', '.join(f'{k}: {v}' for k, v in arguments.items())})" if arguments else ""
        inner = get_named_type(field.type)
        below = (
            "" if is_leaf_type(inner) else self._selection(inner.name, self._deeper(name, depth))
        )
        return f"{alias}{name}{told}{self._directive()} {below}"

    def _deeper(self, name: str, depth: int) -> int:
        return depth if name in ("nodes", "edges", "node") else max(0, depth - 1)

    def _directive(self) -> str:
        if not self._chance(0.1):
            return ""
        name = self._random.choice(["skip", "include"])
        value = self._given("Boolean!", lambda: self._chance(0.5))
        return f" @{name}(if: {value})"

    def _given(self, type_: str, make: Callable[[], Any]) -> str:
        """The value as a literal, or a variable that has such values."""
        if self._chance(0.4):
            name = f"v{len(self._variables)}"
            self._variables[name] = (type_, make)
            return f"${name}"
        return self._literal(make())

    def _literal(self, value: Any) -> str:
        match value:
            case dict():
                return "{" + ", ".join(f"{k}: {self._literal(v)}" for k, v in value.items()) + "}"
            case list():
                return "[" + ", ".join(map(self._literal, value)) + "]"
            case Word():
                return value
        return json.dumps(value)

    def _arguments(self, type_name: str, name: str, known: Mapping[str, Any]) -> dict[str, str]:
        given: dict[str, str] = {}
        if name in ("group", "payment", "redPacket") and type_name == "Query":
            given = self._key(name)
        if "address" in known:
            given["address"] = self._given("Address!", self._address)
        if "block" in known and self._chance(0.3):
            given["block"] = self._given("BlockConstraint", self._block)
        if "where" in known and self._chance(0.4):
            type_ = get_named_type(known["where"].type)
            assert isinstance(type_, GraphQLInputObjectType)
            given["where"] = self._filter(type_)
        if "first" in known:
            given |= self._paging(type_name, name, "orderBy" in known)
        return given

    def _key(self, name: str) -> dict[str, str]:
        if name != "group":
            argument = {"payment": "paymentId", "redPacket": "redPacketId"}[name]
            return {argument: self._given("Bytes32!", lambda: self._id(id_of))}
        if self._chance(0.5):
            made = lambda: f"group_{self._random.randint(1, 8)}"  # noqa: E731
            return {"groupId": self._given("String", made)}
        return {"key": self._given("Bytes32", lambda: self._id(key_of))}

    def _id(self, make: Callable[[int], bytes]) -> str:
        return "0x" + make(self._random.randint(1, 8)).hex()

    def _address(self) -> str:
        return "0x" + account(self._random.randint(1, 6)).hex()

    def _block(self) -> dict[str, Any]:
        number = self._random.randint(0, 10)
        hashes = [row["hash"] for row in self._rows["blocks"]]
        return self._random.choice(
            [
                {"number": number},
                {"number": number},
                {"numberGte": number},
                {"hash": "0x" + self._random.choice(hashes).hex()},
                {"number": self._random.choice([-1, 11])},
            ]
        )

    def _filter(self, type_: GraphQLInputObjectType) -> str:
        names = self._random.sample(sorted(type_.fields), self._random.randint(0, 2))
        if self._chance(0.3):

            def made() -> dict[str, Any]:
                return {n: self._json(self._value(n, type_.fields[n].type)) for n in names}

            return self._given(type_.name, made)
        parts = (
            f"{n}: {self._given(str(type_.fields[n].type), self._maker(n, type_.fields[n].type))}"
            for n in names
        )
        return "{" + ", ".join(parts) + "}"

    def _maker(self, name: str, type_: Any) -> Callable[[], Any]:
        return lambda: self._value(name, type_)

    def _json(self, value: Any) -> Any:
        return str(value) if isinstance(value, Word) else value

    def _value(self, name: str, type_: Any) -> Any:
        named = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            return Word(self._random.choice(sorted(named.values)))
        if name in ("name", "nameIn"):
            word = self._random.choice(NAMES)
            return word if name == "name" else [word]
        match named.name:
            case "Address":
                return self._address()
            case "Bytes32":
                one = self._id(self._random.choice([id_of, key_of]))
                return [one, self._id(key_of)] if "[" in str(type_) else one
            case "Boolean":
                return self._chance(0.5)
            case "Int":
                return self._random.randint(0, 11)
            case "BigInt":
                return str(self._random.choice([0, 1, 100, 2**255, 2**300]))
        return self._random.choice(["group_1", "group_2", "a", "%", "\u0000"])

    def _paging(self, type_name: str, name: str, ordered: bool) -> dict[str, str]:
        listing, table = LISTS[type_name, name]
        given, orders = {}, sorted(listing.sorts)
        order = next(iter(listing.sorts))
        if ordered and self._chance(0.5):
            order = self._random.choice(orders)
            direction = self._random.choice(["ASC", "DESC"])
            given["orderBy"] = f"{{field: {order}, direction: {direction}}}"
        side = self._random.choice(["first", "last", "", "first"])
        if side:
            given[side] = self._given("Int", lambda: self._random.randint(0, 4))
        for end in ("after", "before"):
            if self._chance(0.25) and self._rows[table]:
                given[end] = self._given("String", self._cursors(listing, order, table, type_name))
        return given

    def _cursors(
        self, listing: Listing[Any], order: str, table: str, type_name: str
    ) -> Callable[[], str]:
        def cursor() -> str:
            if type_name == "Query" and self._chance(0.05):
                return NONSENSE
            row = self._random.choice(self._rows[table])
            return listing.sorts[order].cursor(
                SimpleNamespace(**row, name_key=row.get("name", "")[:64])
            )

        return cursor


class Word(str):
    """The name of an enum's value."""
