"""One straight-line function per event, written from its inputs and compiled at import.

A function knows one layout, the one that Solidity's encoder writes, and leaves every other to the
general reading. For `MemberJoined` the generated source is

    def decode(topic1, topic2, topic3, data):
        if (
            topic1 is not None and len(topic1) == 32
            and topic2 is not None and len(topic2) == 32 and topic2[:12] == PAD
            and topic3 is None
            and len(data) == 32
        ):
            return new(topic1, topic2[12:], number(data[0:32]))
        return general(topic1, topic2, topic3, data)
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from indexer.events import reference
from indexer.events.definitions import Event, EventSpec

Decoder = Callable[[bytes | None, bytes | None, bytes | None, bytes], Event | None]
"""(topic 1, topic 2, topic 3, data) → the event, or None where they do not decode. Never raises."""

Piece = tuple[list[str], str]
"""The conditions under which an argument has the usual layout, and the expression of its value."""

PAD: Final = bytes(12)


def compiled(spec: EventSpec) -> Decoder:
    """The decoder of this event."""
    namespace: dict[str, Any] = {
        "new": spec.cls,
        "general": general(spec),
        "number": int.from_bytes,
        "PAD": PAD,
    }
    exec(compile(source(spec), f"<decoder of {spec.name}>", "exec"), namespace)
    return cast(Decoder, namespace["decode"])


def general(spec: EventSpec) -> Decoder:
    """The decoder of this event that takes every layout, by the reference."""

    def decode(
        topic1: bytes | None, topic2: bytes | None, topic3: bytes | None, data: bytes
    ) -> Event | None:
        try:
            values = reference.log_values(spec.inputs, (topic1, topic2, topic3), data)
        except reference.Malformed:
            return None
        return cast(Event, cast(Any, spec.cls)(*values))

    return decode


def source(spec: EventSpec) -> str:
    """The Python of this event's decoder."""
    pieces = list(_pieces(spec))
    topics = sum(item.indexed for item in spec.inputs)
    absent = [f"topic{n} is None" for n in range(topics + 1, 4)]
    conditions = [line for checks, _ in pieces for line in checks] + absent + [_size(spec)]
    values = ", ".join(value for _, value in pieces)
    return (
        "def decode(topic1, topic2, topic3, data):\n"
        f"    if {' and '.join(conditions)}:\n"
        f"        return new({values})\n"
        "    return general(topic1, topic2, topic3, data)\n"
    )


def _pieces(spec: EventSpec) -> Iterator[Piece]:
    topic, at, head = 0, 0, _head(spec)
    for item in spec.inputs:
        if item.indexed:
            topic += 1
            yield _topic(item.type, f"topic{topic}")
        else:
            yield _word(item.type, item.most, at, head)
            at += 32


def _topic(type_: str, topic: str) -> Piece:
    whole = f"{topic} is not None and len({topic}) == 32"
    match type_:
        case "address":
            return [whole, f"{topic}[:12] == PAD"], f"{topic}[12:]"
        case "bytes32" | "string":
            return [whole], topic
        case _:
            raise NotImplementedError(f"an indexed {type_}")


def _word(type_: str, most: int | None, at: int, head: int) -> Piece:
    word, name = f"data[{at}:{at + 32}]", f"word{at}"
    match type_:
        case "uint256":
            return [], f"number({word})"
        case "bool":
            return [f"({name} := number({word})) <= 1"], f"{name} == 1"
        case "uint8":
            return [f"({name} := number({word})) <= {most}"], name
        case "address":
            return [f"data[{at}:{at + 12}] == PAD"], f"data[{at + 12}:{at + 32}]"
        case "string":
            return [f"number({word}) == {head}"], f"data[{head + 32}:{head + 32} + length]"
        case _:
            raise NotImplementedError(f"{type_} in the data of an event")


def _size(spec: EventSpec) -> str:
    """The condition that the data ends where the layout does: after the one string, if any."""
    head = _head(spec)
    match [item for item in spec.inputs if item.type == "string" and not item.indexed]:
        case []:
            return f"len(data) == {head}"
        case [_]:
            length = f"(length := number(data[{head}:{head + 32}]))"
            return f"len(data) == {head + 32} + ({length} + 31 & -32)"
        case _:
            raise NotImplementedError(f"{spec.name}: several strings in the data of an event")


def _head(spec: EventSpec) -> int:
    return 32 * sum(not item.indexed for item in spec.inputs)
