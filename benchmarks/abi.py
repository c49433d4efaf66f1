"""Typed events and calls → topics, data and calldata, in Solidity's canonical layout.

Written apart from the indexer's decoders, so that each is held against the other.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from indexer.events.calls import CALLS, Call
from indexer.events.definitions import EVENTS, Event


class _Field(NamedTuple):
    """How one argument is written; `dynamic` ones stand in the tail."""

    dynamic: bool
    write: Callable[[Any], bytes]


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _padded(value: bytes) -> bytes:
    return value.rjust(32, b"\0")


def _string(value: bytes) -> bytes:
    return _word(len(value)) + value + bytes(-len(value) % 32)


def _addresses(value: tuple[bytes, ...]) -> bytes:
    return _word(len(value)) + b"".join(map(_padded, value))


_WRITERS: Final = {
    "uint256": _Field(False, _word),
    "uint8": _Field(False, _word),
    "bool": _Field(False, _word),
    "address": _Field(False, _padded),
    "bytes32": _Field(False, bytes),
    "string": _Field(True, _string),
    "address[]": _Field(True, _addresses),
}
_SELECTORS: Final = {spec.cls: spec.selector for spec in CALLS}
_CALLS: Final = {spec.cls: [_WRITERS[one.type] for one in spec.inputs] for spec in CALLS}
_TOPICS: Final = {spec.cls: spec.topic0 for spec in EVENTS}
_EVENTS: Final = {
    spec.cls: [None if one.indexed else _WRITERS[one.type] for one in spec.inputs]
    for spec in EVENTS
}


def log_of(event: Event) -> tuple[list[bytes], bytes]:
    """The topics and the data of the event's log."""
    topics: list[bytes] = [_TOPICS[type(event)]]
    fields, values = [], []
    for field, value in zip(_EVENTS[type(event)], msgspec.structs.astuple(event), strict=True):
        if field is None:
            topics.append(_padded(value))
        else:
            fields.append(field)
            values.append(value)
    return topics, _layout(fields, values)


def calldata_of(call: Call) -> bytes:
    """The input of a transaction that makes the call."""
    return _SELECTORS[type(call)] + _layout(_CALLS[type(call)], msgspec.structs.astuple(call))


def _layout(fields: list[_Field], values: Any) -> bytes:
    head, tail = [], []
    at = 32 * len(fields)
    for (dynamic, write), value in zip(fields, values, strict=True):
        written = write(value)
        if dynamic:
            head.append(_word(at))
            tail.append(written)
            at += len(written)
        else:
            head.append(written)
    return b"".join(head + tail)
