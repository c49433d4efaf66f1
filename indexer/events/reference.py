"""The general reading of the ABI: slow, short, and what every faster decoder is measured against.

It accepts what Solidity's own decoder (ABI coder v2) accepts, because a call that Solidity accepted
has happened: tails in any order, overlapping or with gaps, padding of any content or none, trailing
bytes. It refuses what Solidity refuses: anything beyond the end, addresses with high bits, booleans
that are not 0 or 1, enums out of range.
"""

from collections.abc import Callable, Sequence
from typing import Final

from indexer.events.abi import Input
from indexer.units import Address

Value = bytes | int | bool | tuple[Address, ...]


class Malformed(ValueError):
    """The bytes are not an encoding of these types."""


def values(inputs: Sequence[Input], data: bytes) -> tuple[Value, ...]:
    """The values of an ABI-encoded tuple. Raises Malformed."""
    return tuple(READERS[item.type](item, data, 32 * n) for n, item in enumerate(inputs))


def log_values(
    inputs: Sequence[Input], topics: Sequence[bytes | None], data: bytes
) -> tuple[Value, ...]:
    """The values of a log, in the order of `inputs`. Raises Malformed.

    `topics` are those after topic 0.
    """
    present = [topic for topic in topics if topic is not None]
    indexed = [item for item in inputs if item.indexed]
    if list(topics[: len(indexed)]) != present or len(present) != len(indexed):
        raise Malformed(f"{len(present)} topics where {len(indexed)} belong")
    pairs = zip(indexed, present, strict=True)
    from_topics = iter([topic_value(item, topic) for item, topic in pairs])
    from_data = iter(values([item for item in inputs if not item.indexed], data))
    return tuple(next(from_topics if item.indexed else from_data) for item in inputs)


def topic_value(item: Input, topic: bytes) -> Value:
    """The value of an indexed argument: for a string, its keccak-256. Raises Malformed."""
    if len(topic) != 32:
        raise Malformed(f"a topic of {len(topic)} bytes")
    return topic if item.type == "string" else READERS[item.type](item, topic, 0)


def _word(data: bytes, at: int) -> bytes:
    if at + 32 > len(data):
        raise Malformed(f"the word at {at} is beyond the end at {len(data)}")
    return data[at : at + 32]


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(_word(data, at))


def _bytes32(_: Input, data: bytes, at: int) -> bytes:
    return _word(data, at)


def _uint256(_: Input, data: bytes, at: int) -> int:
    return _number(data, at)


def _uint8(item: Input, data: bytes, at: int) -> int:
    number = _number(data, at)
    if item.most is None or number > item.most:
        raise Malformed(f"{item.name} is {number}")
    return number


def _bool(item: Input, data: bytes, at: int) -> bool:
    number = _number(data, at)
    if number > 1:
        raise Malformed(f"{item.name} is {number}, which is no boolean")
    return number == 1


def _address(_: Input, data: bytes, at: int) -> Address:
    word = _word(data, at)
    if any(word[:12]):
        raise Malformed(f"the word at {at} is no address")
    return Address(word[12:])


def _string(_: Input, data: bytes, at: int) -> bytes:
    tail = _number(data, at)
    start, length = tail + 32, _number(data, tail)
    if start + length > len(data):
        raise Malformed(f"{length} bytes at {start} end beyond {len(data)}")
    return data[start : start + length]


def _addresses(item: Input, data: bytes, at: int) -> tuple[Address, ...]:
    tail = _number(data, at)
    start, length = tail + 32, _number(data, tail)
    if start + 32 * length > len(data):
        raise Malformed(f"{length} addresses at {start} end beyond {len(data)}")
    return tuple(_address(item, data, start + 32 * n) for n in range(length))


READERS: Final[dict[str, Callable[[Input, bytes, int], Value]]] = {
    "bytes32": _bytes32,
    "uint256": _uint256,
    "uint8": _uint8,
    "bool": _bool,
    "address": _address,
    "string": _string,
    "address[]": _addresses,
}
