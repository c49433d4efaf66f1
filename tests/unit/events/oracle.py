"""eth_abi as the judge of our readings: a second implementation, by other people."""

from collections.abc import Sequence
from typing import Any

from eth_abi.decoding import ContextFramesBytesIO, TupleDecoder
from eth_abi.exceptions import DecodingError
from eth_abi.registry import registry

from indexer.events.abi import Input
from tests.unit.events.encodings import wire


class Refused(Exception):
    """eth_abi does not decode this."""


class Arguments(TupleDecoder):
    """Without eth_abi's rule that a tail lies behind all heads, which Solidity does not know."""

    def validate_pointers(self, stream: ContextFramesBytesIO) -> None:
        pass


def values(inputs: Sequence[Input], data: bytes, *, strict: bool) -> tuple[Any, ...]:
    """The values by eth_abi, which when strict minds the padding of strings. Raises Refused."""
    decoders = tuple(registry.get_decoder(wire(item), strict=strict) for item in inputs)
    decode: Any = Arguments
    stream: Any = ContextFramesBytesIO
    try:
        found = decode(decoders=decoders)(stream(data))
    except (DecodingError, OverflowError):
        raise Refused from None
    if any(i.type == "uint8" and v > (i.most or 0) for i, v in zip(inputs, found, strict=True)):
        raise Refused
    return tuple(map(_ours, inputs, found))


def log_values(
    inputs: Sequence[Input], topics: Sequence[bytes], data: bytes, *, strict: bool
) -> tuple[Any, ...]:
    """The values of a log in the order of the arguments. Raises Refused."""
    indexed = [item for item in inputs if item.indexed]
    if [len(topic) for topic in topics] != [32] * len(indexed):
        raise Refused
    from_topics = [_topic(item, topic) for item, topic in zip(indexed, topics, strict=True)]
    from_data = list(values([i for i in inputs if not i.indexed], data, strict=strict))
    return tuple((from_topics if i.indexed else from_data).pop(0) for i in inputs)


def _topic(item: Input, topic: bytes) -> Any:
    return topic if item.type == "string" else values([item], topic, strict=True)[0]


def _ours(item: Input, value: Any) -> Any:
    match item.type:
        case "address":
            return bytes.fromhex(value[2:])
        case "address[]":
            return tuple(bytes.fromhex(one[2:]) for one in value)
        case _:
            return value
