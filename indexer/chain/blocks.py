"""Blocks, logs and transactions: parsed once, bytes inside.

They are msgspec structs and no frozen dataclasses, because those take ten times as long to make.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

import msgspec

from indexer.chain.quantities import (
    INT4_MAX,
    INT8_MAX,
    FixedTable,
    QuantityTable,
    blob,
    blobs,
    fixed,
    quantity,
)
from indexer.chain.wire import Answer
from indexer.errors import BadAnswer
from indexer.units import UINT256_MAX, Address, BlockNumber, Hash32, Wei

T = TypeVar("T")

_Hex20 = Annotated[str, msgspec.Meta(min_length=42, max_length=42)]
_Hex32 = Annotated[str, msgspec.Meta(min_length=66, max_length=66)]
_Topics = Annotated[tuple[_Hex32, ...], msgspec.Meta(max_length=4)]


class Header(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A block's place in its chain; `timestamp` in unix seconds, `logs_bloom` of 256 bytes."""

    number: BlockNumber
    hash: Hash32
    parent_hash: Hash32
    timestamp: int
    logs_bloom: bytes


class Log(msgspec.Struct, frozen=True, gc=False):
    """An event as the chain said it; `block_timestamp` only where the node tells it."""

    address: Address
    topics: tuple[Hash32, ...]
    data: bytes
    block_number: BlockNumber
    block_hash: Hash32
    transaction_hash: Hash32
    transaction_index: int
    log_index: int
    block_timestamp: int | None = None


class Transaction(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A transaction of a block; `to` is None where it created a contract."""

    hash: Hash32
    block_hash: Hash32
    block_number: BlockNumber
    index: int
    sender: Address
    to: Address | None
    input: bytes
    value: Wei


class _WireHeader(msgspec.Struct, gc=False, rename="camel"):
    number: str
    hash: _Hex32
    parent_hash: _Hex32
    timestamp: str
    logs_bloom: str


class _WireLog(msgspec.Struct, gc=False, rename="camel"):
    address: _Hex20
    topics: _Topics
    data: str
    block_number: str
    block_hash: _Hex32
    transaction_hash: _Hex32
    transaction_index: str
    log_index: str
    removed: bool | None = None
    block_timestamp: Any = None


class _WireTransaction(msgspec.Struct, gc=False, rename="camel"):
    hash: _Hex32
    sender: _Hex20 = msgspec.field(name="from")
    block_hash: _Hex32 | None = None
    block_number: str | None = None
    transaction_index: str | None = None
    to: _Hex20 | None = None
    input: str | None = None
    data: str | None = None
    value: str = "0x0"


class _WireReceipt(msgspec.Struct, gc=False, rename="camel"):
    transaction_hash: _Hex32
    block_number: str


_header: Final = msgspec.json.Decoder(_WireHeader | None)
_logs: Final = msgspec.json.Decoder(list[_WireLog])
_transaction: Final = msgspec.json.Decoder(_WireTransaction | None)
_receipt: Final = msgspec.json.Decoder(_WireReceipt | None)
_quantity: Final = msgspec.json.Decoder(str)


def read_quantity(answer: Answer) -> int:
    """The integer that a node answered."""
    text = answer.read(_quantity)
    try:
        return quantity(text)
    except ValueError as error:
        raise BadAnswer(f"{answer.method}: {error}") from None


def read_header(answer: Answer) -> Header | None:
    """The header that a node answered, None where it knows no such block."""
    wire = answer.read(_header)
    if wire is None:
        return None
    field = _Fields(answer.method, wire)
    return Header(
        number=BlockNumber(field("number", quantity)),
        hash=Hash32(field("hash", _hash)),
        parent_hash=Hash32(field("parent_hash", _hash)),
        timestamp=field("timestamp", quantity),
        logs_bloom=field("logs_bloom", _bloom),
    )


def read_transaction(answer: Answer) -> Transaction | None:
    """The transaction that a node answered; None where it is unknown or in no block yet."""
    wire = answer.read(_transaction)
    if wire is None or wire.block_hash is None or wire.block_number is None:
        return None
    field = _Fields(answer.method, wire)
    return Transaction(
        hash=Hash32(field("hash", _hash)),
        block_hash=Hash32(field("block_hash", _hash)),
        block_number=BlockNumber(field("block_number", quantity)),
        index=field("transaction_index", _small),
        sender=Address(field("sender", _address)),
        to=None if wire.to is None else Address(field("to", _address)),
        input=field("data" if wire.input is None else "input", blob),
        value=Wei(field("value", _uint256)),
    )


def read_receipt(answer: Answer) -> tuple[Hash32, BlockNumber] | None:
    """The transaction and the block of a receipt that a node answered, None where it has none."""
    wire = answer.read(_receipt)
    if wire is None:
        return None
    field = _Fields(answer.method, wire)
    return Hash32(field("transaction_hash", _hash)), BlockNumber(field("block_number", quantity))


def read_logs(answer: Answer) -> list[Log]:
    """The logs that a node answered, in its order; this is the hot path of a backfill."""
    wires = answer.read(_logs)
    addresses, hashes = FixedTable(20), FixedTable(32)
    numbers, places = QuantityTable(INT8_MAX), QuantityTable(INT4_MAX)
    times = _TimeTable()
    logs: list[Log] = []
    add = logs.append
    try:
        for wire in wires:
            told = wire.block_timestamp
            add(
                Log(
                    addresses[wire.address],  # type: ignore[arg-type]
                    blobs(wire.topics),  # type: ignore[arg-type]
                    blob(wire.data),
                    numbers[wire.block_number],  # type: ignore[arg-type]
                    hashes[wire.block_hash],  # type: ignore[arg-type]
                    hashes[wire.transaction_hash],  # type: ignore[arg-type]
                    places[wire.transaction_index],
                    places[wire.log_index],
                    times[told] if type(told) is str else _time(told),
                )
            )
            if wire.removed:
                raise ValueError("removed: it left the chain, and was asked for as part of it")
    except ValueError as error:
        raise _blame(answer.method, wires, len(logs), str(error)) from None
    return logs


def _blame(method: str, wires: list[_WireLog], place: int, error: str) -> BadAnswer:
    """The error that names the field of the log which could not be read."""
    wire = wires[min(place, len(wires) - 1)]
    checks: dict[str, Callable[[str], object]] = {
        "address": _address,
        "data": blob,
        "block_number": quantity,
        "block_hash": _hash,
        "transaction_hash": _hash,
        "transaction_index": _small,
        "log_index": _small,
    }
    field = _Fields(f"{method}: log {place}", wire)
    try:
        for name, parse in checks.items():
            field(name, parse)
    except BadAnswer as named:
        return named
    return BadAnswer(f"{method}: log {place}: {error}")


class _Fields:
    """Reads the fields of one wire struct; raises BadAnswer naming what was asked and the field."""

    def __init__(self, asked: str, wire: msgspec.Struct) -> None:
        self.asked = asked
        self.wire = wire

    def __call__(self, name: str, parse: Callable[[str], T]) -> T:
        text = getattr(self.wire, name)
        try:
            if text is None:
                raise ValueError("is missing")
            return parse(text)
        except ValueError as error:
            raise BadAnswer(f"{self.asked}: {name}: {error}") from None


def _hash(text: str) -> bytes:
    return fixed(text, 32)


def _address(text: str) -> bytes:
    return fixed(text, 20)


def _bloom(text: str) -> bytes:
    return fixed(text, 256)


def _small(text: str) -> int:
    return quantity(text, INT4_MAX)


def _uint256(text: str) -> int:
    return quantity(text, UINT256_MAX)


class _TimeTable(dict[str, int | None]):
    """The time of each text that was looked up."""

    def __missing__(self, text: str) -> int | None:
        value = self[text] = _time(text)
        return value


def _time(told: object) -> int | None:
    """Unix seconds of an optional `blockTimestamp`: a quantity, or decimal where a node errs."""
    try:
        if isinstance(told, str) and told.startswith("0x"):
            return quantity(told)
        if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) <= 19:
            told = int(told)
        return told if type(told) is int and 0 <= told <= INT8_MAX else None
    except ValueError:
        return None
