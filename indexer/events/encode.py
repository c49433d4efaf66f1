"""Calldata: the canonical encoding of a call's arguments, as Solidity's compiler writes it."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, Final

from indexer.events.abi import Input
from indexer.events.calls import CallSpec

DYNAMIC: Final = ("string", "address[]")
"""Types whose value stands behind the heads; the head is its offset."""


def calldata(spec: CallSpec, values: Sequence[Any]) -> bytes:
    """The input of a transaction that makes the call; `values` in the order of its arguments."""
    return spec.selector + encoded(spec.inputs, values)


def encoded(inputs: Sequence[Input], values: Sequence[Any]) -> bytes:
    """The values as an ABI-encoded tuple; a string is bytes. They have to fit their types."""
    parts = [WRITERS[item.type](value) for item, value in zip(inputs, values, strict=True)]
    tails = [p if item.type in DYNAMIC else b"" for item, p in zip(inputs, parts, strict=True)]
    starts = accumulate(map(len, tails), initial=32 * len(parts))
    heads = [
        start.to_bytes(32) if item.type in DYNAMIC else part
        for item, part, start in zip(inputs, parts, starts, strict=False)
    ]
    return b"".join((*heads, *tails))


def _number(value: int) -> bytes:
    return value.to_bytes(32)


def _left_padded(value: bytes) -> bytes:
    return value.rjust(32, b"\0")


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(32) + value + bytes(-len(value) % 32)


def _addresses(value: Sequence[bytes]) -> bytes:
    return len(value).to_bytes(32) + b"".join(map(_left_padded, value))


WRITERS: Final[dict[str, Callable[[Any], bytes]]] = {
    "uint256": _number,
    "bool": _number,
    "address": _left_padded,
    "bytes32": bytes,
    "string": _string,
    "address[]": _addresses,
}
