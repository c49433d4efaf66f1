"""Values → the bytes that binary COPY and binary arrays are made of.

One straight-line function per list of columns, written from their types and compiled when it is
first needed: neighbours of a fixed size are packed at once. For `members` the generated source is

    def pack(rows):
        for c0, c1, c2, c3, c4, c5, c6, c7 in rows:
            yield b"".join((s0(8, len(c0)), c0, s1(len(c1)), c1, s2(2, c2, 1, c3, 8, moment(c4),
                8, c5, 4, c6, 8, c7),))

The formats are those of the types' receive functions in Postgres's sources (`numeric_recv`,
`jsonb_recv`, `array_recv`, …). A type that is not known here raises NotImplementedError.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct
from typing import Any, Final, NamedTuple, cast

import msgspec

Packer = Callable[[Iterable[Sequence[Any]]], Iterator[bytes]]

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
NULL: Final = b"\xff\xff\xff\xff"
BEGINNING: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
"""The signature of binary COPY, no flags, no extension."""
END: Final = b"\xff\xff"
BASE: Final = 10_000
MEMORY: Final = 1 << 14
"""Amounts and times that are remembered: most of them repeat."""


class Fixed(NamedTuple):
    """A type whose values have one size; `value` is an expression in which `{}` is the value."""

    code: str
    size: int
    value: str = "{}"


FIXED: Final = {
    "smallint": Fixed("h", 2),
    "integer": Fixed("i", 4),
    "bigint": Fixed("q", 8),
    "boolean": Fixed("?", 1),
    "timestamp with time zone": Fixed("q", 8, "moment({})"),
}
BLOBS: Final = {"bytea": "{}", "text": "{}.encode()", "jsonb": "json({})"}
"""Types whose values are bytes of any length behind their size."""
OIDS: Final = {
    "smallint": 21,
    "integer": 23,
    "bigint": 20,
    "boolean": 16,
    "timestamp with time zone": 1184,
    "bytea": 17,
    "text": 25,
    "jsonb": 3802,
    "numeric": 1700,
}
"""What `pg_type` calls them, in every database."""
_head: Final = Struct(">iiIii").pack
_size: Final = Struct(">i").pack
_number: Final = Struct(">ihhHh").pack
_encode: Final = msgspec.json.Encoder().encode


@lru_cache(MEMORY)
def moment(time: datetime) -> int:
    """Microseconds since 2000."""
    since = time - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def json(value: Any) -> bytes:
    """Version 1 of jsonb's wire format, and the text."""
    return b"\x01" + _encode(value)


@lru_cache(MEMORY)
def numeric(value: int) -> bytes:
    """A whole number as numeric, with its size: digits to the base of 10,000, the highest first,
    without zeros at the end.
    """
    rest, digits, weight = abs(value), list[int](), -1
    while rest:
        rest, digit = divmod(rest, BASE)
        weight += 1
        if digit or digits:
            digits.append(digit)
    count, sign = len(digits), 0x4000 if value < 0 else 0
    head = _number(8 + 2 * count, count, max(weight, 0), sign, 0)
    return head + Struct(f">{count}H").pack(*reversed(digits))


def array(type_: str, values: Sequence[Any]) -> bytes:
    """A one-dimensional array of this type, numbered from 1."""
    some = any(value is None for value in values)
    head = _head(1, some, OIDS[type_], len(values), 1) if values else _head(0, 0, OIDS[type_], 0, 0)
    return (head if values else head[:12]) + b"".join(_elements(type_)((one,) for one in values))


@lru_cache
def _elements(type_: str) -> Packer:
    return _compiled(((type_, True),), counted=False)


@lru_cache
def rows(columns: tuple[tuple[str, bool], ...]) -> Packer:
    """What packs rows of these columns, each a type and whether it may be null, for COPY."""
    return _compiled(columns, counted=True)


def _compiled(columns: Sequence[tuple[str, bool]], *, counted: bool) -> Packer:
    namespace: dict[str, Any] = {
        "moment": moment,
        "json": json,
        "numeric": numeric,
        "size": _size,
        "NULL": NULL,
    }
    source = _source(columns, namespace, counted=counted)
    exec(compile(source, "<packer>", "exec"), namespace)
    return cast(Packer, namespace["pack"])


def _source(
    columns: Sequence[tuple[str, bool]], namespace: dict[str, Any], *, counted: bool
) -> str:
    """The Python of the packer; puts the structs that it needs into the namespace."""
    parts = _Parts(namespace)
    if counted:
        parts.fixed("h", str(len(columns)))
    for place, (type_, null) in enumerate(columns):
        parts.column(f"c{place}", type_, null=null)
    names = ", ".join(f"c{place}" for place in range(len(columns)))
    return (
        "def pack(rows):\n"
        f"    for {names}, in rows:\n"
        f"        yield b''.join(({', '.join(parts.whole())},))\n"
    )


class _Parts:
    """The expressions of a row's bytes; what is fixed is gathered until something is not."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._parts: list[str] = []
        self._codes = ""
        self._values: list[str] = []

    def fixed(self, code: str, *values: str) -> None:
        self._codes += code
        self._values += values

    def column(self, name: str, type_: str, *, null: bool) -> None:
        """Adds a column: its size, and its value."""
        if null:
            self._free(f"NULL if {name} is None else {self._alone(name, type_)}")
        elif type_ == "numeric":
            self._free(f"numeric({name})")
        elif (one := FIXED.get(type_)) is not None:
            self.fixed("i" + one.code, str(one.size), one.value.format(name))
        else:
            kept = f"b{name}" if type_ != "bytea" else name
            made = f"({kept} := {self._blob(name, type_)})" if type_ != "bytea" else name
            self.fixed("i", f"len({made})")
            self._free(kept)

    def _alone(self, name: str, type_: str) -> str:
        if type_ == "numeric":
            return f"numeric({name})"
        if (one := FIXED.get(type_)) is not None:
            return f"{self._struct('i' + one.code)}({one.size}, {one.value.format(name)})"
        return f"size(len(b{name} := {self._blob(name, type_)})) + b{name}"

    def _blob(self, name: str, type_: str) -> str:
        if type_ not in BLOBS:
            raise NotImplementedError(f"packing a {type_}")
        return BLOBS[type_].format(name)

    def _free(self, expression: str) -> None:
        self._flush()
        self._parts.append(expression)

    def _flush(self) -> None:
        if self._codes:
            self._parts.append(f"{self._struct(self._codes)}({', '.join(self._values)})")
        self._codes, self._values = "", []

    def _struct(self, codes: str) -> str:
        name = "s_" + codes.replace("?", "b_")
        self._namespace[name] = Struct(">" + codes).pack
        return name

    def whole(self) -> list[str]:
        self._flush()
        return self._parts
